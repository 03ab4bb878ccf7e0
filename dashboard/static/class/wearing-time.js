/**
 * A time of day of a class, as somebody types it, as UTC. Pure: no page here.
 */

import { timeOfDay } from "../format.js";

const DAY_S = 86_400;

/**
 * The first moment from the start of the class on at which the clock of the site shows this; no class lasts a day.
 * @param {string} text 10:24 or 10:24:07
 * @param {{startedUtcMs: number, timeZone: string}} of
 * @returns {number}
 */
export function utcOf(text, { startedUtcMs, timeZone }) {
  const passed = secondsOf(text) - secondsOf(timeOfDay(startedUtcMs, timeZone, true));
  return startedUtcMs + 1000 * ((passed + DAY_S) % DAY_S);
}

/** @param {string} text */
function secondsOf(text) {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
  return 3600 * hours + 60 * minutes + seconds;
}
