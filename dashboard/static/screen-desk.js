/**
 * What this screen does beside showing people: it sounds, it stays awake, it says whether an alarm would be told, and
 * it lets somebody pause and test the sound.
 */

import { pathOf, stationsOf } from "./alarm-path.js";
import { bar } from "./banner.js";
import { screenId } from "./display.js";
import { duration, timeOfDay } from "./format.js";
import { mark, must, writeLine } from "./line.js";
import { ScreenDialog } from "./screen-dialog.js";
import { ScreenSound } from "./sound/screen-sound.js";
import { texts } from "./texts.js";
import { WakeLock } from "./wake-lock.js";

/** @typedef {import("./room.js").Room} Room */
/** @typedef {import("./frames.js").FromPage} FromPage */

const PAUSE_S = 120;

/**
 * @typedef {object} Moment
 * @property {number} at performance.now()
 * @property {number} serverMs
 * @property {number} utcMs
 * @property {boolean} isFrozen nothing may be shown as live
 * @property {boolean} isDeaf the page hears nothing; a hidden page hears and sounds
 */

export class ScreenDesk {
  #sound;
  #wakeLock = new WakeLock();
  #dialog;
  #send;
  #who;
  #isSilent;
  #path = must("path");
  #soundMark = must("sound");
  /** @type {Moment | null} */
  #moment = null;
  /** @type {Room} */
  #room;

  /**
   * @param {Room} room
   * @param {import("./display.js").Display} display
   * @param {(message: FromPage) => boolean} send
   */
  constructor(room, display, send) {
    const screen = screenId();
    this.#room = room;
    this.#send = send;
    this.#isSilent = display.isSilent;
    this.#who = { screen, name: display.name === "" ? `${texts.wall} ${screen.slice(0, 3)}` : display.name };
    this.#sound = new ScreenSound(display);
    this.#dialog = new ScreenDialog({
      onPause: (isPaused, by) => this.#pause(isPaused, by),
      onTest: () => this.#sound.test(),
      onTested: (wasHeard, by) => this.#sound.remember({ wasHeard, by, utcMs: Math.round(this.#moment?.utcMs ?? Date.now()) }),
    });
    for (const node of [this.#path, this.#soundMark]) node.addEventListener("click", () => this.#open());
    const openFromBar = (/** @type {Event} */ event) => {
      const isSound = event.target instanceof Element && event.target.closest('.bar-line[data-kind="sound"]') !== null;
      // Where the touch has switched it on, there is nothing more to do.
      if (isSound && this.#sound.state === "unheard") this.#open();
    };
    must("bars").addEventListener("click", openFromBar);
    must("bars").addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") openFromBar(event);
    });
    writeLine(must("display-hint"), display.unknown.length === 0 ? "" : texts.unknownDisplay(display.unknown.join(",")));
    this.#wakeLock.start();
  }

  /** The server knows nothing of this screen yet. */
  greet() {
    this.#sound.forgetReport();
  }

  /**
   * Lets sound what must sound; called with each change and a few times a second, also while the page is hidden.
   * @param {Moment} moment
   */
  follow(moment) {
    const room = this.#room;
    this.#moment = moment;
    this.#sound.sounder.follow(
      {
        alarms: room.alarms,
        hasClass: room.session !== null,
        isDeaf: moment.isDeaf,
        isWatched: room.isWatched,
        isPaused: this.#pausedMs(moment) > 0,
      },
      moment.at,
    );
    mark(document.body, "sounding", this.#sound.sounder.sounding);
    this.#sound.report(this.#who, (report) => this.#send(report));
  }

  /**
   * What the bars say about sound: of this screen, and of others.
   * @param {Moment} moment
   * @returns {import("./banner.js").Bar[]}
   */
  bars({ at, isFrozen }) {
    const bars = [];
    if (this.#sound.isOff(at)) bars.push(bar(texts.soundOff, "sound"));
    else if (this.#sound.state === "unheard") bars.push(bar(texts.soundUnheard, "sound"));
    const others = isFrozen
      ? []
      : this.#room.screens.filter(({ screen, sound }) => screen !== this.#who.screen && (sound === "off" || sound === "unheard"));
    if (others.length > 0) bars.push(bar(texts.soundOffAt(others.map(({ name }) => name).join(", ")), "trouble"));
    return bars;
  }

  /**
   * Shows the marks at the foot, and the dialog while it is open.
   * @param {Moment} moment
   */
  show(moment) {
    const { parts, analysisHeardMs, alarmPathMs } = this.#room;
    const isSoundOff = this.#sound.isOff(moment.at) || this.#sound.state === "unheard";
    const way = { ...moment, parts, analysisHeardMs, alarmPathMs, isSoundOff };
    const path = pathOf(way);
    writeLine(this.#path, path.text);
    mark(this.#path, "state", path.state);
    writeLine(this.#soundMark, this.#soundLine(moment));
    mark(this.#soundMark, "state", isSoundOff ? "off" : this.#isQuiet(moment) ? "paused" : this.#sound.state);
    this.#dialog.show(() => ({
      stations: stationsOf(way),
      sound: this.#testLine(),
      isPaused: this.#isQuiet(moment),
      canSound: !this.#isSilent,
      isAwake: this.#wakeLock.isHeld,
    }));
  }

  /**
   * How long this screen keeps quiet by itself, 0 for not.
   * @param {number} at performance.now()
   * @returns {number} ms
   */
  hushedMs(at) {
    return this.#sound.sounder.hushedMs(at);
  }

  /** @param {Moment} moment */
  #pausedMs({ serverMs, isDeaf }) {
    return isDeaf ? 0 : Math.max(0, (this.#room.audio.paused_until_ms ?? 0) - serverMs);
  }

  /** @param {Moment} moment */
  #isQuiet(moment) {
    return this.#pausedMs(moment) > 0 || this.hushedMs(moment.at) > 0;
  }

  /** @param {Moment} moment */
  #soundLine(moment) {
    if (this.#isSilent) return texts.silentScreen;
    if (this.#sound.isOff(moment.at)) return texts.soundOff;
    const hushedMs = this.hushedMs(moment.at);
    return hushedMs > 0 ? texts.hushed(duration(hushedMs)) : this.#testLine();
  }

  /** Never an empty button, not even until the next painting. */
  #open() {
    this.#dialog.open();
    if (this.#moment !== null) this.show(this.#moment);
  }

  #testLine() {
    const last = this.#sound.lastTest;
    const time = last === null ? "" : timeOfDay(last.utcMs, this.#room.timeZone, false);
    const result = last?.wasHeard === true ? texts.heardAt(time, last.by) : texts.notHeardAt(time, last?.by ?? "");
    return `${texts.sound} · ${last === null ? texts.neverTested : result}`;
  }

  /**
   * @param {boolean} isPaused
   * @param {string} by
   */
  #pause(isPaused, by) {
    const { sounder } = this.#sound;
    const isReached =
      this.#room.isWatched &&
      this.#moment?.isDeaf === false &&
      this.#send({ t: "pause_audio", seconds: isPaused ? PAUSE_S : 0, by });
    // Where nobody would answer, this screen alone keeps quiet.
    if (!isPaused) sounder.unhush();
    else if (!isReached) sounder.hush(performance.now());
  }
}
