/**
 * What a tile shows, decided from the person's values, the alarms about it and the server's time. Pure: no page here.
 */

import { doubtOf, inOrder, markOf, sayingOf, takerOf, vitalOf } from "./alarms.js";
import { duration, timeOfDay } from "./format.js";
import { doubts, flows, reasons, texts } from "./texts.js";
import { frozenVital, lookOfVital } from "./vital.js";

/** @typedef {import("./frames.js").TileView} TileView */
/** @typedef {import("./frames.js").AlarmView} AlarmView */
/** @typedef {import("./vital.js").VitalLook} VitalLook */

const BATTERY_LOW_PCT = 10;
/** Everybody who warms up is on the way to a limit a minute off: told is only who is nearly there. */
const TREND_S = 20;

/**
 * @typedef {object} Now
 * @property {number} serverMs
 * @property {string} timeZone
 * @property {import("./frames.js").Silence} hrSilence
 * @property {import("./frames.js").Silence} spo2Silence
 * @property {import("./acknowledgements.js").Acknowledgements} sent
 * @property {Map<string, import("./frames.js").CallView>} [calls] who is on an alarm, by its id
 * @property {boolean} isWatched analysis and broker live: else an alarm is as it was, whatever the value does
 * @property {boolean} isFrozen the page hears nothing: nothing may look alive
 */

/**
 * @typedef {object} Bar
 * @property {number} from start of the target range, 0 to 100 % of the bar
 * @property {number} to its end
 * @property {number | null} needle where the heart rate stands
 */

/**
 * @typedef {object} TileLook
 * @property {VitalLook} hr
 * @property {VitalLook} spo2
 * @property {string} hrAlarm priority of the alarm about this number, or empty
 * @property {string} spo2Alarm
 * @property {string} alarm priority of the most urgent alarm about the person, or empty
 * @property {string} signal of that alarm
 * @property {string} mark
 * @property {string} label
 * @property {"" | "technical" | "quiet"} tone of the label
 * @property {string} who
 * @property {string} taken when somebody took it, where there is room
 * @property {string} age
 * @property {string} technical priority of the technical condition that is told, or empty
 * @property {"" | "hr" | "spo2"} trend the number that goes towards its limit
 * @property {"" | "below" | "in" | "above"} zone
 * @property {Bar | null} bar
 * @property {AlarmView[]} told what a click here tells of, most urgent first
 */

/**
 * @param {TileView} tile
 * @param {readonly AlarmView[]} alarms about this person
 * @param {Now} now
 * @returns {TileLook}
 */
export function lookOfTile(tile, alarms, now) {
  const hr = now.isFrozen ? frozenVital(tile.hr, "strap") : lookOfVital(tile.hr, now.hrSilence, "strap", now.serverMs);
  const spo2 = now.isFrozen
    ? frozenVital(tile.spo2, "oximeter")
    : lookOfVital(tile.spo2, now.spo2Silence, "oximeter", now.serverMs);
  const ordered = inOrder(alarms);
  const physiological = ordered.filter((alarm) => alarm.family === "physiological");
  // An alarm that is over must not hide one that is on.
  const top = physiological.find((alarm) => alarm.signal !== "latched") ?? physiological[0];
  /** @type {TileLook} */
  const look = {
    hr,
    spo2,
    hrAlarm: now.isFrozen ? "" : priorityOn("hr", physiological),
    spo2Alarm: now.isFrozen ? "" : priorityOn("spo2", physiological),
    alarm: now.isFrozen ? "" : (top?.priority ?? ""),
    signal: now.isFrozen ? "" : (top?.signal ?? ""),
    mark: "",
    label: "",
    tone: "",
    who: "",
    taken: "",
    age: ageOfStale(hr, spo2),
    technical: "",
    trend: now.isFrozen ? "" : trendOf(tile, hr, spo2),
    zone: now.isFrozen || hr.state !== "live" ? "" : (tile.zone ?? ""),
    bar: barOf(tile, hr),
    told: now.isFrozen ? [] : ordered,
  };
  if (top === undefined) return { ...look, ...technicalLook(ordered, now), ...quietLabel(tile, ordered, look, now.isWatched) };
  const label = sayingOf(now.isFrozen ? { ...top, signal: "latched" } : top, now.timeZone);
  if (now.isFrozen) return { ...look, label, tone: "quiet" };
  return {
    ...look,
    mark: markOf(top),
    label: doubtedText(label, top, now.isWatched),
    who: takerOf(top, now.sent) ?? "",
    taken: timeTaken(top, now),
  };
}

/**
 * How the technical condition of a person without an alarm is marked: by its own sign, its urgency, and who has it.
 * @param {readonly AlarmView[]} technical
 * @param {Now} now
 */
function technicalLook(technical, now) {
  const told = now.isFrozen ? undefined : toldOf(technical);
  if (told === undefined) return {};
  return {
    technical: told.priority,
    mark: markOf(told),
    signal: told.signal,
    who: takerOf(told, now.sent) ?? "",
    taken: timeTaken(told, now),
  };
}

/** @param {readonly AlarmView[]} technical */
function toldOf(technical) {
  return technical.find((alarm) => alarm.inhibited_by == null && alarm.priority !== "info");
}

/**
 * @param {AlarmView} alarm
 * @param {Now} now
 */
function timeTaken({ signal, acknowledged }, { timeZone }) {
  return signal === "acknowledged" && acknowledged != null ? timeOfDay(acknowledged.at_utc_ms, timeZone, false) : "";
}

/**
 * Which number is about to reach its limit if it goes on like this; a hint, never an alarm.
 * @param {TileView} tile
 * @param {VitalLook} hr
 * @param {VitalLook} spo2
 * @returns {"" | "hr" | "spo2"}
 */
function trendOf({ hr_limit_in_s: hrS, spo2_limit_in_s: spo2S }, hr, spo2) {
  const isHr = hrS != null && hrS <= TREND_S && hr.state === "live";
  const isSpo2 = spo2S != null && spo2S <= TREND_S && spo2.state === "live";
  if (isHr && isSpo2) return hrS <= spo2S ? "hr" : "spo2";
  return isHr ? "hr" : isSpo2 ? "spo2" : "";
}

/**
 * @param {"hr" | "spo2"} vital
 * @param {readonly AlarmView[]} alarms most urgent first
 */
function priorityOn(vital, alarms) {
  return alarms.find((alarm) => alarm.signal !== "latched" && vitalOf(alarm) === vital)?.priority ?? "";
}

/**
 * The top line of a person without an alarm: what is missing first, then what is poor, then what nobody has set.
 * @param {TileView} tile
 * @param {readonly AlarmView[]} technical
 * @param {TileLook} look so far
 * @param {boolean} isWatched
 * @returns {{label: string, tone: "" | "technical" | "quiet"}}
 */
function quietLabel(tile, technical, { hr, spo2, trend }, isWatched) {
  const missing = [hr, spo2].filter((vital) => vital.state === "lost" && vital.why !== "").map((vital) => vital.why);
  if (missing.length > 0) return { label: joined(missing), tone: "technical" };
  const told = technical.find((alarm) => alarm.inhibited_by == null);
  if (told !== undefined) return { label: isWatched ? told.text : doubtedText(told.text, told, isWatched), tone: "technical" };
  const poor = [hr, spo2].find((vital) => vital.why !== "");
  if (poor !== undefined) return { label: poor.why, tone: "quiet" };
  const doubted = [tile.hr, tile.spo2].flatMap((view) => view?.doubts ?? [])[0];
  if (doubted !== undefined) return { label: doubts[doubted] ?? doubted, tone: "quiet" };
  const open = flows[tile.flow ?? ""];
  if (open !== undefined) return { label: open, tone: "quiet" };
  const limitInS = trend === "hr" ? tile.hr_limit_in_s : trend === "spo2" ? tile.spo2_limit_in_s : null;
  if (limitInS != null) return { label: texts.limitIn(duration(1000 * limitInS)), tone: "quiet" };
  if (hr.state !== "none" && tile.hr_upper == null) return { label: texts.noUpperLimit, tone: "quiet" };
  const { hr_battery_pct: strap, spo2_battery_pct: oximeter } = tile;
  if (strap != null && strap <= BATTERY_LOW_PCT) return { label: texts.strapBattery(strap), tone: "quiet" };
  if (oximeter != null && oximeter <= BATTERY_LOW_PCT) return { label: texts.oximeterBattery(oximeter), tone: "quiet" };
  return { label: "", tone: "quiet" };
}

/**
 * What an alarm says, and why nobody knows whether it is still so.
 * @param {string} text
 * @param {AlarmView} alarm
 * @param {boolean} isWatched
 */
function doubtedText(text, alarm, isWatched) {
  const doubt = doubtOf(alarm, isWatched);
  return doubt === "" ? text : `${text} · ${doubt}`;
}

/**
 * What is missing, in one line: both sensors gone is one thing, not two.
 * @param {readonly string[]} missing
 */
function joined(missing) {
  const isAllLost = missing.length === 2 && missing[0] === reasons.strap["lost"] && missing[1] === reasons.oximeter["lost"];
  return isAllLost ? texts.noSignals : [...new Set(missing)].join(" · ");
}

/**
 * The age of the oldest number that is grey but still there.
 * @param {VitalLook} hr
 * @param {VitalLook} spo2
 */
function ageOfStale(hr, spo2) {
  const ages = [hr, spo2].filter((vital) => vital.state === "stale").map((vital) => vital.ageMs);
  return ages.length === 0 ? "" : duration(Math.max(...ages));
}

/**
 * Where the heart rate stands in its target range; null when nobody has set one.
 * @param {TileView} tile
 * @param {VitalLook} hr
 * @returns {Bar | null}
 */
export function barOf(tile, hr) {
  const range = rangeOf(tile);
  if (range === null) return null;
  const margin = (range.high - range.low) / 3;
  const at = (Number(hr.text) - (range.low - margin)) / (range.high - range.low + 2 * margin);
  const hasNeedle = hr.state !== "none" && hr.state !== "lost";
  return { from: 20, to: 80, needle: hasNeedle ? Math.round(Math.min(0.99, Math.max(0.01, at)) * 1000) / 10 : null };
}

/**
 * The target range of a person, in bpm.
 * @param {TileView} tile
 * @returns {{low: number, high: number} | null}
 */
export function rangeOf(tile) {
  const high = tile.zone_high_bpm ?? tile.hr_upper?.value ?? null;
  const low = tile.zone_low_bpm ?? tile.hr_lower?.value ?? (high === null ? null : high - 40);
  return high === null || low === null || low >= high ? null : { low, high };
}
