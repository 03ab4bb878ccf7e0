/**
 * The frame of all staff pages: class, phase and mode on top, the pages one may see, who is logged in, what is lost, the
 * alarms of the room, the emergency button in the same corner; and the live room for whoever is inside.
 *
 * How a page uses it. Its HTML holds a main and its own module, nothing else of the frame:
 *
 *     <link rel="stylesheet" href="/static/tokens.css">
 *     <link rel="stylesheet" href="/static/shell/shell.css">      and parts.css, watch.css, emergency.css of this folder
 *     <main id="page"></main>
 *     <script type="module" src="/static/tablet/tablet.js"></script>
 *
 *     import { mountShell } from "../shell/shell.js";
 *     const shell = mountShell({ page: "tablet", main: must("page") });
 *     shell.onPaint((now) => ...);        // four times a second, and after each frame: paint from shell.room and now
 *     shell.onFrame((frame) => ...);      // each frame, after the room has taken it
 *     shell.onAlarm((alarms) => ...);     // a line of alarms was touched; until a page says what to do: /tablet
 *     shell.onMe((me) => ...);            // somebody else is logged in, or may do other things
 *     shell.room                          // Room of room.js: session, tiles, alarms, parts; shell.me: who.js' Me
 *     shell.may("run_class")              // a word of dashboard/access/roles.py; the server decides anyway
 *     shell.send(message); shell.sent     // on the websocket; acknowledgements on their way
 *     shell.by                            // who does something here, for the field `by` of older routes
 *     shell.emergencyOf = () => id        // whose emergency it is when the button is held; null: not said
 *     shell.say("Saved")                  // told to everybody, screen readers too, for some seconds
 *     import { get, post, Refused } from "../shell/ask.js";   // JSON; Refused.message is one line to be shown
 *     import { holdToDo } from "../shell/hold.js";            // what can't be undone is held for 1 s
 *
 * `now` is {serverMs, utcMs, timeZone, hrSilence, spo2Silence, sent, calls, isWatched, isFrozen}: give it to lookOfVital,
 * ageOf and the like; isFrozen: the page hears nothing, so nothing may look alive. Classes of parts.css for what is
 * inside: card, primary, quiet, danger (buttons), fields, rows, empty.
 *
 * When the login has run out, main is hidden and all people are shown with numbers and alarms, with a way to log in.
 * It is never the other way round: no state of a login hides or mutes an alarm.
 */

import { Acknowledgements } from "../acknowledgements.js";
import { Announcer } from "../announcer.js";
import { Banner, bar, barsOf } from "../banner.js";
import { duration, timeOfDay } from "../format.js";
import { INITIALS_MAX, rememberedInitials } from "../initials.js";
import { mark, put, writeLine } from "../line.js";
import { Pulse } from "../pulse.js";
import { Room } from "../room.js";
import { ServerClock } from "../server-clock.js";
import { Stream } from "../stream.js";
import { texts as words } from "../texts.js";
import { AlarmLine } from "./alarm-line.js";
import { Emergencies } from "./emergency.js";
import { Whoever } from "./me.js";
import { texts } from "./texts.js";
import { TopBar } from "./top-bar.js";
import { Watch } from "./watch.js";

/** @typedef {import("../frames.js").Frame} Frame */
/** @typedef {import("../frames.js").AlarmView} AlarmView */
/** @typedef {import("../tile-look.js").Now & {utcMs: number}} Now */
/** @typedef {import("./me.js").Me} Me */
/** @typedef {"class" | "tablet" | "phone" | "desk" | "review" | "health" | "admin"} PageName */

const TICK_MS = 250;
const SAID_MS = 6_000;

/**
 * Puts the frame around a page and begins to listen.
 * @param {{page: PageName, main: HTMLElement}} where
 * @returns {Shell}
 */
export function mountShell({ page, main }) {
  return new Shell(page, main);
}

export class Shell {
  #main;
  #clock = new ServerClock();
  #pulse = new Pulse();
  #isUnderstood = true;
  #isDirty = true;
  #paintedAt = Number.NEGATIVE_INFINITY;
  #frozenUtcMs = Number.NaN;
  /** @type {((now: Now) => void)[]} */
  #painters = [];
  /** @type {((frame: Frame) => void)[]} */
  #takers = [];
  /** @type {((me: Me) => void)[]} */
  #meTakers = [];
  /** @type {(alarms: AlarmView[]) => void} */
  #openAlarm = ([first]) => location.assign(`/tablet${location.search}#${first?.participant ?? ""}`);
  #stream = new Stream("/api/v1/stream", {
    onFrame: (frame, at) => this.#take(frame, at),
    onOpen: () => this.sent.repeat(),
  });
  #announcer;
  #emergencies;
  #soundButton;
  #banner;
  #alarmLine;
  #top;
  #watch;
  #watchPlace;
  #said;
  /** @type {number | undefined} */
  #saidTimer;
  #whoever = new Whoever((me) => this.#meet(me));

  /**
   * Whose emergency it is when the button is held; a page that shows one person says so.
   * @type {() => string | null}
   */
  emergencyOf = () => null;

  /** The live state of the room. */
  room = new Room({ hasLimits: true });
  /** Acknowledgements that are on their way from this page. */
  sent = new Acknowledgements(
    (request) => this.#stream.send(request),
    (alarm) => this.say(words.saidNotConfirmed(alarm?.text ?? "")),
  );

  /**
   * @param {PageName} page
   * @param {HTMLElement} main
   */
  constructor(page, main) {
    this.#main = main;
    document.body.classList.add("shell");
    for (const id of ["alert", "status"]) {
      if (document.getElementById(id) !== null) continue;
      const region = put(document.body, "div", "unseen");
      region.id = id;
      region.setAttribute("role", id);
    }
    this.#announcer = new Announcer();
    const top = document.createElement("header");
    top.className = "shell-top";
    main.before(top);
    // What sticks below the bar needs to know how high it is just now.
    new ResizeObserver(() => document.body.style.setProperty("--shell-top", `${top.offsetHeight}px`)).observe(top);
    this.#top = new TopBar(top, page, { onSwitched: () => void this.#whoever.look() });
    this.#top.onEmergency = () => {
      if (this.hasRunOut) this.#top.logIn();
      else void this.#emergencies.begin(this.emergencyOf());
    };
    const bars = put(top, "div", "shell-bars");
    bars.setAttribute("role", "status");
    this.#banner = new Banner(bars);
    this.#emergencies = new Emergencies(this, { top, main });
    this.#soundButton = document.createElement("button");
    this.#soundButton.type = "button";
    this.#soundButton.className = "shell-pause";
    this.#soundButton.addEventListener("click", () => this.#pauseSound());
    this.#alarmLine = new AlarmLine(put(top, "section", "shell-alarms"), (alarms) => {
      if (this.hasRunOut) this.#top.logIn();
      else this.#openAlarm(alarms);
    });
    this.#top.emergency.before(this.#soundButton);
    this.#watchPlace = document.createElement("section");
    this.#watchPlace.className = "shell-watch";
    this.#watchPlace.hidden = true;
    main.after(this.#watchPlace);
    this.#watch = new Watch(this.#watchPlace);
    this.#said = put(document.body, "p", "shell-said");
    this.#said.hidden = true;
    const foot = document.createElement("footer");
    foot.className = "shell-foot";
    foot.textContent = words.notMedical;
    this.#watchPlace.after(foot);
    this.#begin();
  }

  /** @returns {Me | null} who is logged in; null until the server has said */
  get me() {
    return this.#whoever.me;
  }

  /** @returns {boolean} whether the login was idle too long: only watching is left */
  get hasRunOut() {
    return this.me?.has_run_out ?? false;
  }

  /**
   * Whether whoever is here may do something now.
   * @param {string} deed
   * @returns {boolean}
   */
  may(deed) {
    return this.#whoever.may(deed);
  }

  /** @param {(now: Now) => void} paint called four times a second and after each frame */
  onPaint(paint) {
    this.#painters.push(paint);
    this.#isDirty = true;
  }

  /** @param {(frame: Frame) => void} take called with each frame that the room has taken */
  onFrame(take) {
    this.#takers.push(take);
  }

  /** @param {(me: Me) => void} meet called when another one is logged in, or may do other things */
  onMe(meet) {
    this.#meTakers.push(meet);
    if (this.me !== null) meet(this.me);
  }

  /** @param {(alarms: AlarmView[]) => void} open instead of going to the page of people */
  onAlarm(open) {
    this.#openAlarm = open;
  }

  /**
   * Sends on the websocket; returns whether it was open.
   * @param {import("../frames.js").FromPage} message
   * @returns {boolean}
   */
  send(message) {
    return this.#stream.send(message);
  }

  /**
   * Says something to whoever is here, for some seconds.
   * @param {string} line
   */
  say(line) {
    this.#announcer.say(line);
    this.#said.textContent = line;
    this.#said.hidden = false;
    clearTimeout(this.#saidTimer);
    this.#saidTimer = setTimeout(() => {
      this.#said.hidden = true;
    }, SAID_MS);
  }

  /** Asks anew who is logged in, when a page has changed something about that. */
  lookAgain() {
    return this.#whoever.look();
  }

  /** Paints as soon as the browser paints again. */
  paintSoon() {
    this.#isDirty = true;
  }

  /**
   * What painting needs.
   * @param {number} [at] performance.now()
   * @returns {Now}
   */
  now(at = performance.now()) {
    const { room } = this;
    const isFrozen = !this.#isUnderstood || !this.#pulse.isFresh(at) || document.hidden;
    const serverMs = isFrozen ? room.serverMs : this.#clock.now(at);
    return {
      serverMs,
      utcMs: this.#clock.utcOf(serverMs),
      timeZone: room.timeZone,
      hrSilence: room.hrSilence,
      spo2Silence: room.spo2Silence,
      sent: this.sent,
      calls: room.calls,
      isWatched: room.isWatched,
      isFrozen,
    };
  }

  #begin() {
    // What a hidden page shows is what one sees first when it comes back: so it shows nothing live.
    document.addEventListener("visibilitychange", () => this.#paint(performance.now()));
    addEventListener("pageshow", (event) => {
      if (event.persisted) location.reload();
    });
    setInterval(() => {
      const at = performance.now();
      this.#beat(at);
      this.#stream.check(at);
      this.#isDirty = true;
      if (at - this.#paintedAt > 2 * TICK_MS) this.#paint(at);
    }, TICK_MS);
    const frame = () => {
      const at = performance.now();
      this.#beat(at);
      if (this.#isDirty) this.#paint(at);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    this.#whoever.start();
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
    if (!this.room.apply(frame)) {
      this.#stream.restart();
      return;
    }
    this.#pulse.hear(at, ageMs);
    if (frame.alarms !== undefined) this.#announcer.follow(this.room.alarms);
    for (const take of this.#takers) take(frame);
    this.#isDirty = true;
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

  /** @param {Me} me */
  #meet(me) {
    this.#top.meet(me, this.room.timeZone);
    this.#watchPlace.hidden = !me.has_run_out;
    // A dialog of the one before must not stay over what is to be seen.
    if (me.has_run_out) for (const dialog of document.querySelectorAll("dialog[open]")) /** @type {HTMLDialogElement} */ (dialog).close();
    for (const meet of this.#meTakers) meet(me);
    this.#isDirty = true;
  }

  /** @param {number} at performance.now() */
  #paint(at) {
    const { room } = this;
    const now = this.now(at);
    this.#isDirty = false;
    this.#paintedAt = at;
    if (!now.isFrozen) this.#frozenUtcMs = this.#clock.utcOf(room.serverMs);
    mark(document.body, "link", now.isFrozen ? "lost" : "live");
    this.sent.settle(room.alarms, at);
    if (now.isFrozen) this.#banner.show([bar(this.#whyFrozen(at), "loss")], "connection");
    else this.#banner.show(barsOf(room.parts), "parts");
    this.#top.show(room, now);
    this.#alarmLine.show(room.alarms, now, room.isWatched);
    this.#emergencies.show(now, this.may("run_class"));
    this.#showSound(now);
    this.#main.hidden = this.hasRunOut || this.#emergencies.isOpen;
    if (!this.#watchPlace.hidden) this.#watch.show(room.tiles.values(), now);
    else for (const paint of this.#painters) paint(now);
  }

  /**
   * The sound of the room: paused by one tap, and for how long it is.
   * @param {Now} now
   */
  #showSound({ serverMs, isFrozen }) {
    const leftMs = isFrozen ? 0 : (this.room.audio.paused_until_ms ?? 0) - serverMs;
    const isSounding = this.room.alarms.some(({ signal }) => signal === "on");
    this.#soundButton.hidden = !this.may("respond") || isFrozen || (leftMs <= 0 && !isSounding);
    writeLine(this.#soundButton, leftMs > 0 ? texts.pausedLeft(duration(leftMs)) : texts.pauseSound);
    this.#soundButton.title = leftMs > 0 ? texts.soundOn : "";
  }

  #pauseSound() {
    const leftMs = (this.room.audio.paused_until_ms ?? 0) - this.now().serverMs;
    this.send({ t: "pause_audio", seconds: leftMs > 0 ? 0 : 120, by: this.by });
  }

  /** @returns {string} who does something here: the login, in a demonstration whose initials were typed last */
  get by() {
    const { me } = this;
    return me === null || me.is_open ? rememberedInitials() || "demo" : me.who.slice(0, INITIALS_MAX);
  }

  /** @param {number} at */
  #whyFrozen(at) {
    if (!this.#isUnderstood) return words.pageTooOld;
    if (!Number.isFinite(this.#frozenUtcMs)) return at < 3_000 ? words.connecting : words.neverConnected;
    return words.connectionLost(timeOfDay(this.#frozenUtcMs, this.room.timeZone, true));
  }
}
