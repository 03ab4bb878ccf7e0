/**
 * Days as they are written at the desk, in the site's time zone and this screen's language.
 */

import { language } from "../texts.js";

/**
 * @param {number} utcMs
 * @param {string} timeZone IANA name; one that the browser does not know is shown as UTC
 * @returns {string} 12 May 2026, 10:24
 */
export function dateOf(utcMs, timeZone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const shape = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return format(utcMs, timeZone, shape);
}

/**
 * @param {number} utcMs
 * @param {string} timeZone
 * @returns {string} Tue 12 May, 10:24
 */
export function dayOf(utcMs, timeZone) {
  return format(utcMs, timeZone, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/**
 * The short name of a weekday.
 * @param {number} weekday 1 Monday to 7 Sunday
 */
export function weekdayOf(weekday) {
  // 5 January 1970 was a Monday.
  return format((weekday + 3) * 86_400_000, "UTC", { weekday: "short" });
}

/**
 * @param {number} utcMs
 * @param {string} timeZone
 * @param {Intl.DateTimeFormatOptions} shape
 */
function format(utcMs, timeZone, shape) {
  const locale = language === "de" ? "de-DE" : "en-GB";
  try {
    return new Intl.DateTimeFormat(locale, { ...shape, timeZone }).format(utcMs);
  } catch {
    return new Intl.DateTimeFormat(locale, { ...shape, timeZone: "UTC" }).format(utcMs);
  }
}
