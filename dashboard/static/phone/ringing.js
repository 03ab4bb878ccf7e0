/**
 * Which alarms are mine on this phone, and which of them make it sound. Pure.
 *
 * The phone in one's pocket is the last place for a false rule: where it is not known who is called (alerts is away, or
 * nobody is on duty), it rings rather than not.
 */

import { inOrder, isExplained, isOpen } from "../alarms.js";

/** @typedef {import("../frames.js").AlarmView} AlarmView */
/** @typedef {import("../frames.js").CallView} CallView */
/** @typedef {import("../frames.js").DutyView} DutyView */

/** After this time without an accept everybody on duty is called, as by the delivered policy. */
const EVERYBODY_MS = 30_000;

/**
 * Who this phone is for, in this class.
 * @typedef {object} Owner
 * @property {string} who the login
 * @property {boolean} isOnDuty
 * @property {ReadonlySet<string>} people whose alarms are first; empty: nobody's in particular
 * @property {boolean} isAnybodyOnDuty
 */

/**
 * @param {string} who
 * @param {readonly DutyView[]} duty
 * @returns {Owner}
 */
export function ownerOf(who, duty) {
  const mine = duty.filter(({ staff }) => staff === who);
  return {
    who,
    isOnDuty: mine.length > 0,
    people: new Set(mine.flatMap(({ participants = [] }) => participants)),
    isAnybodyOnDuty: duty.length > 0,
  };
}

/**
 * Whether an alarm stands on top of this phone: of my people, of the house for who is on duty, or one I was called to.
 * @param {AlarmView} alarm
 * @param {CallView | undefined} call
 * @param {Owner} owner
 * @returns {boolean}
 */
export function isMine(alarm, call, owner) {
  if (call?.called?.includes(owner.who) === true) return true;
  if (!owner.isAnybodyOnDuty) return true;
  if (!owner.isOnDuty) return false;
  if (alarm.priority === "high" || owner.people.size === 0) return true;
  return alarm.participant == null ? alarm.family === "technical" : owner.people.has(alarm.participant);
}

/**
 * Whether this phone sounds for an alarm: somebody must take it, it is mine, and I have not said that I can't.
 * @param {AlarmView} alarm
 * @param {CallView | undefined} call
 * @param {Owner} owner
 * @param {number} serverMs
 * @returns {boolean}
 */
export function rings(alarm, call, owner, serverMs) {
  if (alarm.signal !== "on" || (alarm.priority !== "high" && alarm.priority !== "medium")) return false;
  if (call?.off_until_utc_ms != null) return false;
  if (lastAnswerOf(call, owner.who) === "cannot") return false;
  if (isMine(alarm, call, owner)) return true;
  // Alerts does not say whom it has called: after its time it would have been everybody on duty.
  return call === undefined && owner.isOnDuty && serverMs - alarm.onset_at_ms >= EVERYBODY_MS;
}

/**
 * What somebody answered last.
 * @param {CallView | undefined} call
 * @param {string} who
 * @returns {import("../frames.js").Response | ""}
 */
export function lastAnswerOf(call, who) {
  return call?.answers?.filter(({ staff }) => staff === who).at(-1)?.response ?? "";
}

/**
 * The cards of this phone, most urgent first: mine, and what else is in the room.
 * @param {readonly AlarmView[]} alarms
 * @param {ReadonlyMap<string, CallView>} calls
 * @param {Owner} owner
 * @param {number} serverMs
 * @returns {{mine: AlarmView[], others: AlarmView[]}}
 */
export function sorted(alarms, calls, owner, serverMs) {
  const told = inOrder(alarms).filter((alarm) => alarm.priority !== "info" && !isExplained(alarm, alarms));
  const isOnTop = (/** @type {AlarmView} */ alarm) => {
    const call = calls.get(alarm.id);
    return isMine(alarm, call, owner) || rings(alarm, call, owner, serverMs);
  };
  // What nobody has taken stands before what somebody has: there is something to do.
  const mine = told.filter(isOnTop).sort((one, two) => Number(isOpen(two)) - Number(isOpen(one)));
  return { mine, others: told.filter((alarm) => !isOnTop(alarm)) };
}

/**
 * Tests that wait for this phone's answer.
 * @param {ReadonlyMap<string, CallView>} calls
 * @param {string} who
 * @returns {CallView[]}
 */
export function testsFor(calls, who) {
  return [...calls.values()].filter(
    (call) => call.alarm.startsWith("test-") && call.called?.includes(who) === true && lastAnswerOf(call, who) === "",
  );
}
