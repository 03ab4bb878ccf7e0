/**
 * Numbers and times as review writes them.
 */

import { dateOf } from "../desk/dates.js";
import { timeOfDay } from "../format.js";
import { texts as shared } from "../texts.js";
import { language, modes } from "./texts.js";

/** The unit of a heart rate, in the reader's language. */
export const BPM = shared.bpm;

/**
 * A number, "--" for none.
 * @param {number | null | undefined} value
 * @param {number} [digits]
 * @param {string} [unit]
 * @returns {string}
 */
export function number(value, digits = 0, unit = "") {
  if (value == null) return "--";
  const text = value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });
  return unit === "" ? text : `${text}\u00a0${unit}`;
}

/**
 * What the numbers of a class are, if not a clinic's own: replayed, simulated, a test, or practice of the staff.
 * @param {{generation_mode: string, is_practice?: boolean}} session
 * @returns {string} empty for a class of patients
 */
export function modeOf({ generation_mode: mode, is_practice: isPractice = false }) {
  return modes[isPractice ? "practice" : mode] ?? mode;
}

/**
 * A length of time, as 3 min 20 s.
 * @param {number | null | undefined} seconds
 * @returns {string}
 */
export function length(seconds) {
  if (seconds == null) return "--";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}\u00a0s`;
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)}\u00a0min` : `${Math.floor(whole / 60)}\u00a0min ${rest}\u00a0s`;
}

/**
 * A day with its time.
 * @param {number} utcMs
 * @param {string} timeZone
 * @returns {string}
 */
export function day(utcMs, timeZone) {
  return dateOf(utcMs, timeZone);
}

/**
 * @param {number} utcMs
 * @param {string} timeZone
 * @returns {string}
 */
export function clock(utcMs, timeZone) {
  return timeOfDay(utcMs, timeZone, true);
}
