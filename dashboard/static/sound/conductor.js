/**
 * Decides which alarm sounds now: one at a time, the most urgent first, what is new at once. Pure; no sound here.
 */

import { inOrder, isExplained, vitalOf } from "../alarms.js";

/** @typedef {import("../frames.js").AlarmView} AlarmView */
/** @typedef {import("./burst.js").Voice} Voice */

/**
 * Something that asks to be heard.
 * @typedef {object} Call
 * @property {string} key changes when it must be heard anew: another alarm, a higher priority, a latched one on again
 * @property {Voice} voice
 * @property {"high" | "medium"} level
 * @property {boolean} isNews it does not wait for its turn when it is heard for the first time
 */

const RANK = { high: 0, medium: 1 };

/**
 * What asks to be heard, most urgent first: what nobody has taken yet. Alarms of low priority are only seen.
 *
 * One that is over and that nobody has seen calls on, but no longer with the highest urgency.
 * @param {readonly AlarmView[]} alarms
 * @returns {Call[]}
 */
export function callsOf(alarms) {
  /** @type {Call[]} */
  const calls = [];
  for (const alarm of inOrder(alarms)) {
    const { id, priority, signal } = alarm;
    if (priority !== "high" && priority !== "medium") continue;
    if (signal === "acknowledged" || isExplained(alarm, alarms)) continue;
    const isOver = signal === "latched";
    const level = isOver ? "medium" : priority;
    calls.push({ key: `${id} ${signal} ${priority}`, voice: voiceOf(alarm), level, isNews: !isOver });
  }
  return ranked(calls);
}

/**
 * The more urgent before the less; equals stay in their order.
 * @param {readonly Call[]} calls
 * @returns {Call[]}
 */
export function ranked(calls) {
  return [...calls].sort((one, two) => RANK[one.level] - RANK[two.level]);
}

/**
 * @param {AlarmView} alarm
 * @returns {Voice}
 */
export function voiceOf(alarm) {
  if (alarm.family === "technical") return "technical";
  return vitalOf(alarm) === "spo2" ? "oxygenation" : "cardiac";
}

export class Conductor {
  /** @type {(call: Call) => {lengthS: number, pauseS: number}} */
  #play;
  /** @type {() => void} */
  #stop;
  /** @type {{call: Call, endsAt: number} | null} */
  #sounding = null;
  /** When what was heard already is heard again. */
  #againAt = Number.NEGATIVE_INFINITY;
  /** @type {Set<string>} */
  #heard = new Set();

  /**
   * @param {(call: Call) => {lengthS: number, pauseS: number}} play begins a burst; returns its length and pause
   * @param {() => void} stop ends it at once
   */
  constructor(play, stop) {
    this.#play = play;
    this.#stop = stop;
  }

  /**
   * The call that sounds at the moment.
   * @returns {Call | null}
   */
  get sounding() {
    return this.#sounding?.call ?? null;
  }

  /**
   * Follows what asks to be heard; called with each change and a few times a second.
   * @param {readonly Call[]} calls most urgent first; none while the sound is paused
   * @param {number} at ms
   */
  follow(calls, at) {
    const keys = new Set(calls.map(({ key }) => key));
    for (const key of this.#heard) if (!keys.has(key)) this.#heard.delete(key);
    if (this.#sounding !== null && at >= this.#sounding.endsAt) this.#sounding = null;
    const [top] = calls;
    const fresh = calls.find(({ key, level, isNews }) => isNews && level === top?.level && !this.#heard.has(key));
    if (this.#sounding !== null) {
      const { call } = this.#sounding;
      const isOvertaken = top !== undefined && RANK[top.level] < RANK[call.level];
      if (keys.has(call.key) && !isOvertaken) return;
      this.#stop();
      this.#sounding = null;
      if (isOvertaken) this.#againAt = Number.NEGATIVE_INFINITY;
    }
    if (top === undefined) {
      this.#againAt = Number.NEGATIVE_INFINITY;
      return;
    }
    // Whoever has just taken one alarm is not shouted at by another that was heard before: that waits for its turn.
    if (fresh !== undefined || at >= this.#againAt) this.#begin(fresh ?? top, at);
  }

  /** Forgets what was heard: the sound was away, and everything that stands is news again. */
  forget() {
    this.#heard.clear();
    this.#sounding = null;
    this.#againAt = Number.NEGATIVE_INFINITY;
  }

  /**
   * @param {Call} call
   * @param {number} at
   */
  #begin(call, at) {
    const { lengthS, pauseS } = this.#play(call);
    this.#heard.add(call.key);
    this.#sounding = { call, endsAt: at + 1000 * lengthS };
    this.#againAt = at + 1000 * (lengthS + pauseS);
  }
}
