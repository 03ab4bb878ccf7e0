/**
 * Alarms in the order in which somebody must look, grouped and cut to what fits. Pure.
 */

import { duration, timeOfDay } from "./format.js";
import { texts } from "./texts.js";

/** @typedef {import("./frames.js").AlarmView} AlarmView */

const RANK = { high: 0, medium: 1, low: 2, info: 3 };
const MARKS = {
  physiological: { high: "▲▲▲", medium: "▲▲", low: "▲", info: "△" },
  technical: { high: "◆◆◆", medium: "◆◆", low: "◆", info: "◇" },
};

const BRIEF_NAME = 6;

/**
 * One line of the strip: one alarm, or several technical ones of a kind.
 * @typedef {object} Item
 * @property {string} key stays the same while the alarm stands
 * @property {AlarmView[]} alarms the first is the oldest
 * @property {AlarmView} first
 */

/**
 * What is on, most urgent first: by priority, then what is before what was, people before technique, then the oldest.
 * @param {readonly AlarmView[]} alarms
 * @returns {AlarmView[]}
 */
export function inOrder(alarms) {
  return alarms
    .filter((alarm) => alarm.signal !== "off")
    .sort(
      (one, two) =>
        RANK[one.priority] - RANK[two.priority] ||
        Number(one.signal === "latched") - Number(two.signal === "latched") ||
        Number(one.family === "technical") - Number(two.family === "technical") ||
        one.onset_at_ms - two.onset_at_ms ||
        (one.id < two.id ? -1 : 1),
    );
}

/**
 * The lines of the strip. What another alarm explains is told by that one; alike technical ones share a line.
 * @param {readonly AlarmView[]} alarms
 * @returns {Item[]}
 */
export function itemsOf(alarms) {
  /** @type {Map<string, Item>} */
  const items = new Map();
  for (const alarm of inOrder(alarms)) {
    // What is only noted stands on the person's own tile.
    if (alarm.priority === "info" || isExplained(alarm, alarms)) continue;
    const isTechnical = alarm.family === "technical";
    const isShared = isTechnical && alarm.participant != null;
    const key = isShared ? `${alarm.rule} ${alarm.text} ${alarm.priority} ${alarm.signal}` : alarm.id;
    const item = items.get(key);
    if (item === undefined) items.set(key, { key, alarms: [alarm], first: alarm });
    else item.alarms.push(alarm);
  }
  return [...items.values()];
}

/**
 * Whether another alarm is told instead of this one. One about a person is hidden only behind what is seen to stand.
 * @param {AlarmView} alarm
 * @param {readonly AlarmView[]} alarms
 * @returns {boolean}
 */
export function isExplained(alarm, alarms) {
  const { inhibited_by: teller, subject, family } = alarm;
  if (teller == null) return false;
  if (family === "technical") return true;
  return alarms.some(
    (other) =>
      other.rule === teller &&
      other.subject === subject &&
      (other.signal === "on" || other.signal === "acknowledged") &&
      RANK[other.priority] <= RANK[alarm.priority],
  );
}

/**
 * What of it fits. An alarm of high priority is never hidden, even if the lines get small.
 * @param {readonly Item[]} items in order
 * @param {number} places
 * @returns {{shown: Item[], hidden: number}}
 */
export function fit(items, places) {
  if (items.length <= places) return { shown: [...items], hidden: 0 };
  const high = items.filter((item) => item.first.priority === "high").length;
  const shown = items.slice(0, Math.max(places - 1, high));
  return { shown, hidden: items.length - shown.length };
}

/**
 * The mark of a priority, which needs no colour: three, two or one.
 * @param {AlarmView} alarm
 * @returns {string}
 */
export function markOf(alarm) {
  return MARKS[alarm.family][alarm.priority];
}

/**
 * Which number of a person an alarm is about.
 * @param {AlarmView} alarm
 * @returns {"hr" | "spo2" | ""}
 */
export function vitalOf(alarm) {
  if (alarm.family === "technical") return "";
  if (alarm.rule.startsWith("HR_") || alarm.rule.startsWith("ZONE_")) return "hr";
  return alarm.rule.startsWith("SPO2_") ? "spo2" : "";
}

/**
 * What an alarm says; one that is over says when it was.
 * @param {AlarmView} alarm
 * @param {string} timeZone
 * @returns {string}
 */
export function sayingOf(alarm, timeZone) {
  return alarm.signal === "latched"
    ? texts.was(alarm.text, timeOfDay(alarm.onset_utc_ms, timeZone, false))
    : alarm.text;
}

/**
 * How long it stands, counted from the first value beyond the limit; empty for one that is over. Where nobody judges
 * whether it is still so, nothing counts on: since when it was so.
 * @param {AlarmView} alarm
 * @param {{serverMs: number, timeZone: string, isWatched: boolean}} now
 * @returns {string}
 */
export function ageOf({ signal, breach_at_ms: breachMs, onset_at_ms: onsetMs, onset_utc_ms: onsetUtcMs }, now) {
  if (signal === "latched") return "";
  if (now.isWatched) return duration(now.serverMs - breachMs);
  return texts.since(timeOfDay(onsetUtcMs - (onsetMs - breachMs), now.timeZone, false));
}

/**
 * Who is on it, or since when nobody is; and whether its source has gone silent. In full, and in the fewest words.
 * @param {AlarmView} alarm
 * @param {import("./tile-look.js").Now} now
 * @returns {{full: string, brief: string}}
 */
export function whoOf(alarm, { sent, serverMs, timeZone, calls, isWatched }) {
  const coming = comerOf(calls?.get(alarm.id));
  const taken = takenOf(alarm, timeZone);
  const who = coming ?? (taken === "" ? (takerOf(alarm, sent) ?? openSince(alarm, serverMs)) : taken);
  const brief = coming ?? briefTakerOf(alarm, sent) ?? brieflyOpenSince(alarm, serverMs);
  const doubt = doubtOf(alarm, isWatched);
  return doubt === "" ? { full: who, brief } : { full: `${doubt} · ${who}`, brief: doubt };
}

/**
 * Why nobody knows whether it is still so: its sensor is silent, or whoever judges is. Empty if somebody knows.
 * @param {AlarmView} alarm
 * @param {boolean} isWatched analysis and broker live
 */
export function doubtOf(alarm, isWatched) {
  if (alarm.signal !== "latched" && !isWatched) return texts.notLive;
  return alarm.source_lost ? texts.sourceLost : "";
}

/**
 * Who has said to be on the way, the last word of each person counting; null if nobody.
 * @param {import("./frames.js").CallView | undefined} call
 * @returns {string | null}
 */
function comerOf(call) {
  /** @type {Map<string, string>} */
  const last = new Map();
  for (const { staff, response } of call?.answers ?? []) last.set(staff, response);
  for (const [staff, response] of last) if (response === "on_my_way") return texts.onTheWay(staff);
  return null;
}

/**
 * Who has taken it and when; empty if nobody has.
 * @param {AlarmView} alarm
 * @param {string} timeZone
 * @returns {string}
 */
export function takenOf({ signal, acknowledged }, timeZone) {
  if (signal !== "acknowledged" || acknowledged == null) return "";
  return texts.acknowledgedAt(acknowledged.by, timeOfDay(acknowledged.at_utc_ms, timeZone, false));
}

/**
 * The one who has taken it, or is about to; null if nobody.
 * @param {AlarmView} alarm
 * @param {import("./acknowledgements.js").Acknowledgements} sent
 * @returns {string | null}
 */
export function takerOf(alarm, sent) {
  if (alarm.signal === "acknowledged") return texts.acknowledged(alarm.acknowledged?.by ?? "");
  const by = alarm.sending ?? sent.sendingBy(alarm.id);
  if (by !== null) return texts.sending(by);
  return sent.hasFailed(alarm.id) ? texts.notConfirmed : null;
}

/**
 * @param {AlarmView} alarm
 * @param {import("./acknowledgements.js").Acknowledgements} sent
 */
function briefTakerOf(alarm, sent) {
  if (alarm.signal === "acknowledged") return texts.acknowledged(shortened(alarm.acknowledged?.by ?? ""));
  if ((alarm.sending ?? sent.sendingBy(alarm.id)) !== null) return texts.sendingBrief;
  return sent.hasFailed(alarm.id) ? texts.notConfirmedBrief : null;
}

/** @param {string} by */
function shortened(by) {
  return by.length > BRIEF_NAME ? `${by.slice(0, BRIEF_NAME - 1)}…` : by;
}

/**
 * @param {AlarmView} alarm
 * @param {number} serverMs
 */
function openSince(alarm, serverMs) {
  if (alarm.signal === "latched") return texts.notSeen;
  if (alarm.family === "technical") return alarm.affects ? texts.affects(alarm.affects) : texts.technical;
  return texts.unaccepted(duration(serverMs - alarm.onset_at_ms));
}

/**
 * What the frame and the mark do not say already.
 * @param {AlarmView} alarm
 * @param {number} serverMs
 */
function brieflyOpenSince(alarm, serverMs) {
  if (alarm.signal === "latched") return "";
  if (alarm.family === "technical") return alarm.affects ? texts.affectsBrief(alarm.affects) : "";
  return texts.open(duration(serverMs - alarm.onset_at_ms));
}

/**
 * Whether somebody can take it: nobody has yet.
 * @param {AlarmView} alarm
 * @returns {boolean}
 */
export function isOpen(alarm) {
  return alarm.signal === "on" || alarm.signal === "latched";
}
