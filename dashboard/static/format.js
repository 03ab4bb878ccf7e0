/**
 * Numbers, times and durations as they are written on a screen. No clock is read here.
 */

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * The time of day in the site's time zone.
 * @param {number} utcMs
 * @param {string} timeZone IANA name; one that the browser does not know is shown as UTC
 * @param {boolean} seconds
 * @returns {string} 10:24:07 or 10:24
 */
export function timeOfDay(utcMs, timeZone, seconds) {
  if (!Number.isFinite(utcMs)) return "--:--";
  const key = `${timeZone} ${seconds}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = makeFormat(timeZone, seconds);
    formats.set(key, format);
  }
  return format.format(utcMs);
}

/**
 * @param {string} timeZone
 * @param {boolean} seconds
 */
function makeFormat(timeZone, seconds) {
  /** @type {Intl.DateTimeFormatOptions} */
  const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(seconds ? { second: "2-digit" } : {}) };
  try {
    return new Intl.DateTimeFormat("en-GB", { ...shape, timeZone });
  } catch {
    return new Intl.DateTimeFormat("en-GB", { ...shape, timeZone: "UTC" });
  }
}

/**
 * How long something lasts, in whole units, never more than it is.
 * @param {number} ms
 * @returns {string} 41 s, 3 min, 1 h 05
 */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

/**
 * The time in a phase.
 * @param {number} ms
 * @returns {string} 18:42
 */
export function stopwatch(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const rest = `${String(minutes % 60).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  return minutes < 60 ? rest.replace(/^0(?=\d:)/, "") : `${Math.floor(minutes / 60)}:${rest}`;
}
