/**
 * What alarms and losses say on this screen, in its language, and without limits where those are not for everybody. Pure.
 *
 * The server's own words are English and complete; they stand where nothing else was asked for.
 */

import * as de from "./alarm-words-de.js";
import * as en from "./alarm-words-en.js";
import { timeOfDay } from "./format.js";
import { language, partNames, texts } from "./texts.js";

/** @typedef {import("./frames.js").AlarmView} AlarmView */
/** @typedef {import("./frames.js").PartView} PartView */
/** @typedef {import("./frames.js").TrustView} TrustView */

const words = language === "de" ? de : en;
/** Which candidate gave a limit, in words. @type {Readonly<Record<string, string>>} */
export const limitReasons = words.limits;
const ARROWS = { ">": " ↑", ">=": " ↑", "<": " ↓", "<=": " ↓" };

/**
 * An alarm as it is told here.
 * @param {AlarmView} alarm as the server tells it
 * @param {{hasLimits: boolean}} how without limits no number of a prescription is shown
 * @returns {AlarmView}
 */
export function tellAlarm(alarm, { hasLimits }) {
  if (language === "en" && hasLimits) return alarm;
  return { ...alarm, text: sayAlarm(alarm, { hasLimits }), explanation: hasLimits ? explainAlarm(alarm) : "" };
}

/**
 * What an alarm says, without its duration.
 * @param {AlarmView} alarm
 * @param {{hasLimits: boolean}} how
 * @returns {string}
 */
export function sayAlarm(alarm, { hasLimits }) {
  const { op, limit, rule, value } = alarm;
  const full = op == null ? "" : ` ${op} ${number(limit)}`;
  const limited = hasLimits ? full : op == null ? "" : ARROWS[op];
  const shown = alarm.is_worst !== true ? number(value) : words.worst[op === ">" || op === ">=" ? "highest" : "lowest"](number(value));
  return words.sayings[rule]?.(alarm, shown, limited) ?? alarm.text;
}

/**
 * Why an alarm is there, in one line: value, limit, which limit and why, how long, how far to trust it.
 * @param {AlarmView} alarm
 * @returns {string}
 */
export function explainAlarm(alarm) {
  const { explaining, limits, whys } = words;
  const units = { bpm: explaining.bpm, percent: explaining.percent };
  const text = sayAlarm(alarm, { hasLimits: true });
  const unit = alarm.family === "technical" ? "" : units[unitOf(alarm)];
  const seconds = (alarm.onset_at_ms - alarm.breach_at_ms) / 1000;
  const parts = [seconds >= 1 ? explaining.lasted(text + unit, seconds.toFixed(0)) : text + unit];
  if (alarm.limit != null && alarm.limit_reason != null) {
    parts.push(explaining.limit(number(alarm.limit), limits[alarm.limit_reason] ?? alarm.limit_reason));
  }
  const why = whys[alarm.rule];
  if (why !== undefined) parts.push(why);
  if (alarm.trust != null) parts.push(explaining.signal(sayTrust(alarm.trust)));
  if (alarm.source_lost === true) parts.push(explaining.lastKnown);
  return `${parts.join(". ")}.`;
}

/**
 * How far a value may be trusted, in a few words.
 * @param {TrustView} trust
 * @returns {string}
 */
export function sayTrust(trust) {
  const { reason, doubts = [], agreement = "unknown", averaging, source = "notified", age_ms: ageMs, device = "" } = trust;
  const keys = [trust.quality, reason, ...doubts.filter((doubt) => doubt !== "disagree")];
  if (agreement !== "unknown") keys.push(agreement);
  if (averaging != null) keys.push(averaging);
  if (source !== "notified") keys.push(source);
  const told = keys.flatMap((key) => (key == null ? [] : [words.trust.words[key] ?? key]));
  if (ageMs != null) told.push(words.trust.age((ageMs / 1000).toFixed(0)));
  if (device !== "") told.push(device);
  return told.join(", ");
}

/**
 * A part as its loss or trouble is told here.
 * @param {PartView} view as the server tells it
 * @param {string} timeZone
 * @returns {PartView}
 */
export function tellPart(view, timeZone) {
  return language === "en" || !view.text ? view : { ...view, text: sayPart(view, timeZone) };
}

/**
 * @param {PartView} view
 * @param {string} timeZone
 * @returns {string}
 */
export function sayPart(view, timeZone) {
  const { losing, consequences, harms } = words;
  const { part, instance, what = "", affects = 0, loss_utc_ms: lossUtcMs } = view;
  const name = partNames[part] ?? part;
  const time = lossUtcMs == null ? "" : timeOfDay(lossUtcMs, timeZone, true);
  const people = texts.affects(affects);
  const consequence = (view.is_one_of_several === true ? harms[part] : undefined) ?? consequences[part] ?? "";
  switch (what) {
    case "lost":
      return part === "gateway" ? losing.gateway(instance, time, people) : losing.part(name, time, consequence);
    case "not_running":
      return part === "gateway" ? losing.gatewayNotRunning(instance, people) : losing.notRunning(name, consequence);
    case "radio_lost":
      return losing.radio(instance, time, people);
    case "trouble":
      return sayTroubles(view.troubles ?? [], part === "gateway" ? `${name} ${instance}` : name);
    default:
      return view.text ?? "";
  }
}

/**
 * @param {readonly string[]} troubles the worst first
 * @param {string} name
 */
function sayTroubles([first = "other", ...others], name) {
  const { losing, troubles } = words;
  const line = (troubles[first] ?? troubles["other"])?.(name) ?? name;
  return others.length === 0 ? line : losing.more(line, others.length);
}

/** @param {AlarmView} alarm */
function unitOf({ rule }) {
  return rule.startsWith("SPO2_") ? "percent" : "bpm";
}

/** @param {number | null | undefined} value */
function number(value) {
  if (value == null) return texts.gone;
  return Number.isInteger(value) ? String(value) : value.toFixed(1).replace(".", words.explaining.point);
}
