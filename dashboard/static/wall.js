/**
 * The wall: puts stream, clock, room and screen together.
 *
 * Frames change the state; the screen is painted from the state and the server's time, once a frame of the display at
 * most and at least four times a second, so that a value goes grey and disappears even when no frame comes.
 */

import { AcknowledgeDialog } from "./acknowledge-dialog.js";
import { Acknowledgements } from "./acknowledgements.js";
import { Announcer } from "./announcer.js";
import { Banner, bar, barsOf, emergencyBars } from "./banner.js";
import { displayOf } from "./display.js";
import { Flash } from "./flash.js";
import { timeOfDay } from "./format.js";
import { Grid } from "./grid.js";
import { Header } from "./header.js";
import { mark, must, writeLine } from "./line.js";
import { Pulse } from "./pulse.js";
import { Room } from "./room.js";
import { ScreenDesk } from "./screen-desk.js";
import { ServerClock } from "./server-clock.js";
import { Stream } from "./stream.js";
import { Strip } from "./strip.js";
import { texts } from "./texts.js";
import { TileElement } from "./tile.js";
import { lookOfTile } from "./tile-look.js";
import "./who.js";

/** @typedef {import("./frames.js").Frame} Frame */
/** @typedef {import("./frames.js").AlarmView} AlarmView */

const TICK_MS = 250;
const STREAM_PATH = "/api/v1/stream";

class Wall {
  #clock = new ServerClock();
  #pulse = new Pulse();
  #display = displayOf(location.search);
  #room = new Room(this.#display);
  #flash = new Flash();
  #stream = new Stream(STREAM_PATH, {
    onFrame: (frame, at) => this.#take(frame, at),
    onOpen: () => {
      this.#sent.repeat();
      this.#desk.greet();
    },
  });
  #sent = new Acknowledgements(
    (request) => this.#stream.send(request),
    (alarm) => this.#announcer.say(texts.saidNotConfirmed(alarm?.text ?? "")),
  );
  #dialog = new AcknowledgeDialog((ids, by) => {
    this.#sent.request(ids, by, performance.now());
    this.#dirty = "all";
  });
  #desk = new ScreenDesk(this.#room, this.#display, (message) => this.#stream.send(message));
  #announcer = new Announcer();
  #header = new Header();
  #banner = new Banner(must("bars"));
  #strip = new Strip(must("strip"), (alarms) => this.#dialog.open(alarms, this.#room.timeZone));
  #main = must("grid");
  #grid = new Grid(this.#main, must("people"));
  #empty = must("empty");

  /** What there is to paint: nothing, the people whose values came, or all. */
  #dirty = /** @type {"" | "people" | "all"} */ ("all");
  /** @type {Set<string>} people whose values came since the last painting */
  #touched = new Set();
  /** @type {Map<string, AlarmView[]>} */
  #alarmsOf = new Map();
  #paintedAt = Number.NEGATIVE_INFINITY;
  #frozenUtcMs = Number.NaN;
  #isUnderstood = true;
  #isFrozen = true;

  start() {
    mark(document.body, "still", this.#display.isStill ? "yes" : "");
    mark(document.body, "aliases", this.#display.hasAliases ? "" : "none");
    const open = (/** @type {Event} */ event) => {
      const tile = event.target instanceof Element ? event.target.closest("vitals-tile") : null;
      if (tile instanceof TileElement) this.#dialog.open(tile.told, this.#room.timeZone);
    };
    this.#main.addEventListener("click", open);
    this.#main.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open(event);
    });
    // What a hidden page shows is what one sees first when it comes back: so it shows nothing live.
    document.addEventListener("visibilitychange", () => this.#paint(performance.now()));
    addEventListener("pageshow", (event) => {
      if (event.persisted) location.reload();
    });
    setInterval(() => {
      const at = performance.now();
      this.#beat(at);
      this.#stream.check(at);
      this.#desk.follow(this.#momentAt(at));
      this.#dirty = "all";
      // A browser that paints no frames still must not keep a live picture.
      if (at - this.#paintedAt > 2 * TICK_MS) this.#paint(at);
    }, TICK_MS);
    const frame = () => {
      const at = performance.now();
      this.#beat(at);
      if (this.#dirty !== "") this.#paint(at);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    this.#stream.start();
  }

  /**
   * @param {Frame} frame
   * @param {number} at performance.now()
   */
  #take(frame, at) {
    if (this.#beat(at)) return;
    this.#isUnderstood = frame.v === 1;
    if (!this.#isUnderstood) return;
    const ageMs = this.#clock.hear(frame, at);
    if (!this.#room.apply(frame)) {
      this.#stream.restart();
      return;
    }
    this.#pulse.hear(at, ageMs);
    if (frame.alarms !== undefined) this.#takeAlarms(this.#room.alarms);
    if (!isAboutPeople(frame)) this.#desk.follow(this.#momentAt(at));
    for (const tile of frame.tiles ?? []) this.#touched.add(tile.id);
    if (this.#isFrozen || !isAboutPeople(frame)) this.#dirty = "all";
    else if (this.#touched.size > 0) this.#dirty ||= "people";
  }

  /** @param {readonly AlarmView[]} alarms */
  #takeAlarms(alarms) {
    this.#announcer.follow(alarms);
    this.#alarmsOf.clear();
    for (const alarm of alarms) {
      if (alarm.participant == null) continue;
      const theirs = this.#alarmsOf.get(alarm.participant);
      if (theirs === undefined) this.#alarmsOf.set(alarm.participant, [alarm]);
      else theirs.push(alarm);
    }
  }

  /**
   * Notices a pause of the page; what is shown dies at once and the stream starts anew. Returns whether there was one.
   * @param {number} at performance.now()
   */
  #beat(at) {
    const pause = this.#pulse.beat(at, Date.now());
    if (pause === "") return false;
    if (pause === "slept") this.#clock.forget();
    this.#stream.restart();
    this.#paint(at);
    return true;
  }

  /**
   * @param {number} at performance.now()
   * @returns {import("./screen-desk.js").Moment}
   */
  #momentAt(at) {
    const isDeaf = !this.#isUnderstood || !this.#pulse.isFresh(at);
    const serverMs = isDeaf ? this.#room.serverMs : this.#clock.now(at);
    return { at, serverMs, utcMs: this.#clock.utcOf(serverMs), isDeaf, isFrozen: isDeaf || document.hidden };
  }

  /** @param {number} at performance.now() */
  #paint(at) {
    const room = this.#room;
    const moment = this.#momentAt(at);
    const { isFrozen } = moment;
    const isWhole = this.#dirty === "all" || isFrozen !== this.#isFrozen;
    this.#dirty = "";
    this.#paintedAt = at;
    this.#isFrozen = isFrozen;
    const serverMs = isFrozen ? room.serverMs : this.#clock.now(at);
    const now = {
      serverMs,
      timeZone: room.timeZone,
      hrSilence: room.hrSilence,
      spo2Silence: room.spo2Silence,
      sent: this.#sent,
      calls: room.calls,
      isWatched: room.isWatched,
      isFrozen,
    };
    if (isWhole) this.#paintAround(now, moment);
    this.#paintPeople(now, at, isWhole ? room.tiles.keys() : this.#touched);
    this.#touched.clear();
  }

  /**
   * @param {import("./tile-look.js").Now} now
   * @param {import("./screen-desk.js").Moment} moment
   */
  #paintAround(now, moment) {
    const room = this.#room;
    const { at } = moment;
    const { isFrozen, serverMs } = now;
    if (!isFrozen) this.#frozenUtcMs = this.#clock.utcOf(room.serverMs);
    const utcMs = isFrozen ? this.#frozenUtcMs : this.#clock.utcOf(serverMs);
    mark(document.body, "link", isFrozen ? "lost" : "live");
    this.#sent.settle(room.alarms, at);
    this.#dialog.follow(room.alarms, isFrozen);
    this.#showBars(moment);
    this.#desk.show(moment);
    this.#header.show(room, { serverMs, utcMs, isFrozen, hushedMs: this.#desk.hushedMs(at) });
    this.#strip.show(room.alarms, now, room.isWatched);
    this.#grid.seat(room.session?.id ?? "", room.tiles);
    this.#empty.hidden = room.tiles.size > 0 || isFrozen;
    writeLine(must("no-class"), room.session === null ? texts.noClass : texts.nobodyHere);
    writeLine(must("no-class-how"), room.session === null ? texts.noClassHow : texts.nobodyHereHow);
    this.#main.hidden = room.tiles.size === 0;
    if (!isFrozen) this.#flash.follow(room.epoch, serverMs, this.#clock.rate);
  }

  /** @param {import("./screen-desk.js").Moment} moment */
  #showBars(moment) {
    const sound = this.#desk.bars(moment);
    if (moment.isFrozen) {
      this.#banner.show([bar(this.#whyFrozen(moment.at), "loss"), ...sound], "connection");
      return;
    }
    const emergencies = emergencyBars(this.#room.emergencies, moment.utcMs);
    this.#banner.show(barsOf(this.#room.parts, [...emergencies, ...sound]), "parts");
  }

  /** @param {number} at */
  #whyFrozen(at) {
    if (!this.#isUnderstood) return texts.pageTooOld;
    if (!Number.isFinite(this.#frozenUtcMs)) return at < 3_000 ? texts.connecting : texts.neverConnected;
    return texts.connectionLost(timeOfDay(this.#frozenUtcMs, this.#room.timeZone, true));
  }

  /**
   * @param {import("./tile-look.js").Now} now
   * @param {number} at
   * @param {Iterable<string>} ids
   */
  #paintPeople(now, at, ids) {
    const room = this.#room;
    for (const id of ids) {
      const person = room.tiles.get(id);
      const tile = this.#grid.tiles.get(id);
      if (person === undefined || tile === undefined) continue;
      const look = lookOfTile(person, this.#alarmsOf.get(id) ?? [], now);
      tile.show(person, look);
      tile.draw(person, look, room.traces.get(id)?.points ?? [], now.serverMs, at);
    }
  }
}

/**
 * Whether a frame says nothing but new values.
 * @param {Frame} frame
 * @returns {boolean}
 */
function isAboutPeople(frame) {
  const { mode, session, alarms, parts, audio, counts, screens, duty, calls, emergencies } = frame;
  const around = [mode, session, alarms, parts, audio, counts, screens, duty, calls, emergencies];
  return frame.t === "d" && around.every((part) => part === undefined);
}

writeLine(must("not-medical"), texts.notMedical);
writeLine(must("initials-label"), texts.initials);
new Wall().start();
