/**
 * Who was called about an alarm, in words: live as the frames tell it, and afterwards as the record has it. Pure.
 */

import { timeOfDay } from "../format.js";
import { texts, ways } from "./texts.js";

/**
 * @param {import("../frames.js").CallView | undefined} call
 * @returns {string[]} who was called by which ways; nothing while nobody is
 */
export function calledNow(call) {
  const called = call?.called ?? [];
  if (called.length === 0) return [];
  return [texts.called(called.map((staff) => by(staff, call?.ways?.[staff] ?? []) + receipt(call, staff)).join(", "))];
}

/**
 * @param {import("../frames.js").CallView | undefined} call
 * @param {string} staff
 * @returns {string} what the person's phone says of the message; nothing while it says nothing
 */
function receipt(call, staff) {
  if (call?.seen?.includes(staff) === true) return ` ${texts.opened}`;
  return call?.shown?.includes(staff) === true ? ` ${texts.shown}` : "";
}

/**
 * @param {import("./chart-data.js").Calls | null} calls
 * @param {string} timeZone
 * @returns {string[]} who was called first when, who accepted, who could not come
 */
export function calledThen(calls, timeZone) {
  if (calls === null) return [];
  const reached = calls.people.filter((one) => one.reached);
  const first = reached[0];
  const lines = [
    first === undefined
      ? texts.calledNobody
      : texts.calledAt(timeOfDay(first.at_utc_ms, timeZone, true), reached.map((one) => by(one.staff, one.ways) + said(one.receipt)).join(", ")),
  ];
  if (calls.accepted_utc_ms !== null) lines.push(texts.acceptedBy(calls.accepted_by, timeOfDay(calls.accepted_utc_ms, timeZone, true)));
  if (calls.cannot.length > 0) lines.push(texts.couldNot(calls.cannot.join(", ")));
  return lines;
}

/**
 * @param {string | null} receipt what a phone said of a message, as the record has it
 * @returns {string}
 */
function said(receipt) {
  if (receipt === "seen") return ` ${texts.opened}`;
  return receipt === "delivered" ? ` ${texts.shown}` : "";
}

/**
 * @param {string} staff
 * @param {readonly string[]} used
 */
function by(staff, used) {
  return used.length === 0 ? staff : `${staff} (${used.map((way) => ways[way] ?? way).join(", ")})`;
}
