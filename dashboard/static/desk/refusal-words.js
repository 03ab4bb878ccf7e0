/**
 * Why a prescription can't be used, in this screen's language and with the names that the form gives its fields. What
 * the server says in another way is shown as it says it.
 */

import { fields, language, limits, texts } from "./texts.js";

/** What `analysis/core/limits.py` and `prescribing.py` say, and with which words it is said here. */
const SAYINGS = /** @type {[RegExp, (found: string[]) => string][]} */ ([
  [/^(\S+)(?: \(\w+\))? is not above (\w+) (\S+)$/, ([value, field, other]) => texts.notAbove(`${value}`, `${name(field)} ${other}`)],
  [/^(\S+) is not above the low end (\S+)$/, ([value, other]) => texts.notAbove(`${value}`, `${other}`)],
  [/^(\S+) is not above the SpO2 limit (\S+) \((\w+)\)$/, ([value, other, reason]) => texts.notAbove(`${value}`, `SpO2 ${other} (${why(reason)})`)],
  [/^the resulting limit (\S+) \((\w+)\) is not above (\w+) (\S+)$/, ([value, reason, field, other]) => texts.notAbove(`${value} (${why(reason)})`, `${name(field)} ${other}`)],
  [/^the resulting limit (\S+) \((\w+)\) is not above the lower limit (\S+)$/, ([value, reason, other]) => texts.notAbove(`${value} (${why(reason)})`, `${name("hr_lower_bpm")} ${other}`)],
  [/^the resulting limit (\S+) \((\w+)\) is above the SpO2 limit (\S+) \((\w+)\)$/, ([value, reason, other, because]) => texts.isAbove(`${value} (${why(reason)})`, `SpO2 ${other} (${why(because)})`)],
  [/^the zone is given in \w+ already$/, () => texts.zoneTwice],
  [/^is missing beside the zone's other end$/, () => texts.zoneHalf],
  [/^is missing for a zone in % of the reserve$/, () => texts.restMissing],
  [/^is missing, and no age_years to estimate it, for a zone in %$/, () => texts.peakMissing],
  [/^(\w+) needs an age$/, () => texts.formulaNeedsAge],
  [/^(\w+) beside a measured peak_hr_bpm$/, () => texts.formulaBeside],
  [/^(\S+) makes (\S+) years$/, ([year, age]) => texts.ageWrong(`${year}`, `${age}`)],
]);

/**
 * @param {{field: string, problem: string}} refusal
 * @returns {string}
 */
export function sayRefusal({ field, problem }) {
  for (const [pattern, say] of SAYINGS) {
    const found = pattern.exec(problem);
    if (found !== null) return `${name(field)}: ${say(found.slice(1))}`;
  }
  return `${name(field)}: ${problem}`;
}

/** @param {string | undefined} field */
function name(field) {
  return fields[field ?? ""] ?? `${field}`;
}

/** @param {string | undefined} reason */
function why(reason) {
  return limits[reason ?? ""] ?? `${reason}`;
}

/**
 * What the server found out about the sensor that is held to a gateway.
 * @param {{outcome: string, text: string, rssi_dbm: number | null}} nearest
 * @returns {string}
 */
export function sayNearest({ outcome, text, rssi_dbm: dbm }) {
  if (language === "en") return text;
  if (outcome === "equally_near") return texts.equallyNear;
  return outcome === "none_near" ? texts.noneNear(dbm) : text;
}
