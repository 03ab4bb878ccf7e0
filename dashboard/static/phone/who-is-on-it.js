/**
 * Who is on an alarm, in words: who has it, who is coming, who can't, whom nobody reached, when more are called. Pure.
 */

import { duration, timeOfDay } from "../format.js";
import { texts } from "./texts.js";

/** @typedef {import("../frames.js").CallView} CallView */

const THEIRS = { accept: texts.accepted, on_my_way: texts.coming, cannot: texts.declined };
const OURS = { accept: texts.youAccepted, on_my_way: texts.youComing, cannot: texts.youDeclined };

/**
 * @param {CallView | undefined} call
 * @param {{who: string, utcMs: number, timeZone: string, isTaken: boolean}} now `who`: whose phone this is
 * @returns {string[]} the newest answer of each person, then what comes next
 */
export function wordsOfCall(call, { who, utcMs, timeZone, isTaken }) {
  if (call === undefined) return [];
  /** @type {Map<string, string>} */
  const lines = new Map();
  for (const { staff, response, at_utc_ms: atUtcMs } of call.answers ?? []) {
    const time = timeOfDay(atUtcMs, timeZone, false);
    lines.set(staff, staff === who ? OURS[response](time) : THEIRS[response](staff, time));
  }
  const said = [...lines.values()];
  if (isTaken) return said;
  const { called = [], unreachable = [], next_utc_ms: nextUtcMs, off_until_utc_ms: offUtcMs } = call;
  if (offUtcMs != null) said.push(texts.switchedOff(call.off_by ?? "", timeOfDay(offUtcMs, timeZone, false)));
  else if (called.length === 0 && unreachable.length > 0) said.push(texts.nobodyReached);
  else if (unreachable.length > 0) said.push(texts.unreachable(unreachable.join(", ")));
  if (nextUtcMs != null && nextUtcMs > utcMs) said.push(texts.nextCall(duration(nextUtcMs - utcMs)));
  return said;
}
