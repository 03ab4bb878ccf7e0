/**
 * The sound of this screen: what the alarms ask for, what our own losses ask for, and who wants silence.
 *
 * The server's pause holds for the room. Where the server or analysis cannot be reached, nobody could pause anything:
 * then silence is this screen's own for a while, and whatever is new breaks it.
 */

import { callsOf, Conductor, ranked } from "./conductor.js";

/** @typedef {import("../frames.js").AlarmView} AlarmView */
/** @typedef {import("./conductor.js").Call} Call */
/** @typedef {import("./speaker.js").Speaker} Speaker */

/** As long as analysis waits before a lost part is an alarm: a restart of a second is none. */
export const LOSS_MS = 5_000;
export const HUSH_MS = 120_000;

/**
 * What there is to hear.
 * @typedef {object} Scene
 * @property {readonly AlarmView[]} alarms
 * @property {boolean} hasClass
 * @property {boolean} isDeaf the page hears nothing of the server
 * @property {boolean} isWatched analysis and broker live
 * @property {boolean} isPaused the room's sound is paused
 */

export class Sounder {
  /** @type {Speaker} */
  #speaker;
  #conductor;
  #isSilent;
  /** @type {readonly AlarmView[]} */
  #alarms = [];
  #hadClass = false;
  #deafAt = Number.NaN;
  #unwatchedAt = Number.NaN;
  /** @type {{untilAt: number, keys: ReadonlySet<string>} | null} */
  #hush = null;
  /** @type {Call[]} */
  #calls = [];

  /**
   * @param {Speaker} speaker
   * @param {{isSilent: boolean}} how a silent screen never sounds
   */
  constructor(speaker, { isSilent }) {
    this.#speaker = speaker;
    this.#isSilent = isSilent;
    this.#conductor = new Conductor(
      ({ voice, level }) => speaker.play(voice, level),
      () => speaker.stop(),
    );
  }

  /**
   * What sounds at the moment, by its key; empty for silence.
   * @returns {string}
   */
  get sounding() {
    return this.#conductor.sounding?.key ?? "";
  }

  /**
   * Follows the room; called with each change and a few times a second.
   * @param {Scene} scene
   * @param {number} at performance.now()
   */
  follow(scene, at) {
    this.#speaker.check(at);
    if (!scene.isDeaf) {
      this.#alarms = scene.alarms;
      this.#hadClass = scene.hasClass;
    }
    this.#deafAt = scene.isDeaf ? earliest(this.#deafAt, at) : Number.NaN;
    this.#unwatchedAt = scene.isWatched || scene.isDeaf ? Number.NaN : earliest(this.#unwatchedAt, at);
    this.#calls = this.#callsAt(at);
    if (this.#isSilent || !this.#speaker.isOn) {
      this.#conductor.forget();
      return;
    }
    const isQuiet = (scene.isPaused && !scene.isDeaf) || this.#isHushed(at);
    this.#conductor.follow(isQuiet ? [] : this.#calls, at);
  }

  /**
   * Silence on this screen alone, for what is to be heard now.
   * @param {number} at performance.now()
   */
  hush(at) {
    this.#hush = { untilAt: at + HUSH_MS, keys: new Set(this.#calls.map(({ key }) => key)) };
    this.#conductor.follow([], at);
  }

  /** Ends this screen's own silence. */
  unhush() {
    this.#hush = null;
  }

  /**
   * How long this screen's own silence still lasts, 0 for none.
   * @param {number} at performance.now()
   * @returns {number} ms
   */
  hushedMs(at) {
    return this.#isHushed(at) && this.#hush !== null ? this.#hush.untilAt - at : 0;
  }

  /** @param {number} at */
  #isHushed(at) {
    const hush = this.#hush;
    if (hush === null) return false;
    const isOver = at >= hush.untilAt || this.#calls.some(({ key }) => !hush.keys.has(key));
    if (isOver) this.#hush = null;
    return !isOver;
  }

  /**
   * @param {number} at
   * @returns {Call[]}
   */
  #callsAt(at) {
    const calls = callsOf(this.#alarms);
    if (!this.#hadClass) return calls;
    const isUrgent = calls.some(({ level }) => level === "high");
    if (at - this.#deafAt >= LOSS_MS) {
      // What stood when the connection went may stand or not: one sound for all, as urgent as the last that was known.
      return [{ key: "connection", voice: "technical", level: isUrgent ? "high" : "medium", isNews: true }];
    }
    if (at - this.#unwatchedAt >= LOSS_MS) {
      calls.push({ key: "analysis", voice: "technical", level: "medium", isNews: true });
    }
    return ranked(calls);
  }
}

/**
 * @param {number} before NaN: not yet
 * @param {number} at
 */
function earliest(before, at) {
  return Number.isNaN(before) ? at : before;
}
