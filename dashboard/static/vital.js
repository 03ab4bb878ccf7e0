/**
 * One number of one person, judged by its age: live, questionable, stale, lost or none at all. Pure.
 */

import { duration } from "./format.js";
import { reasons, texts } from "./texts.js";

/** @typedef {import("./frames.js").ValueView} ValueView */
/** @typedef {import("./frames.js").Silence} Silence */

/**
 * @typedef {object} VitalLook
 * @property {"none" | "live" | "questionable" | "stale" | "lost"} state
 * @property {string} text what stands in the place of the number
 * @property {string} why in words, empty when all is well
 * @property {number} ageMs of the server's clock; NaN if never heard
 */

/** Reasons that say more than that a number is late or gone. */
const TELLING = new Set(["gateway_lost", "broker_lost", "out_of_slots", "hand_over"]);

/**
 * How a value looks now.
 *
 * The age decides first: whatever a frame says, a value older than `lost_ms` is gone, and one older than `stale_ms` is grey.
 * @param {ValueView | null | undefined} view null: no such sensor on this person
 * @param {Silence} silence
 * @param {"strap" | "oximeter"} sensor
 * @param {number} serverMs
 * @returns {VitalLook}
 */
export function lookOfVital(view, silence, sensor, serverMs) {
  if (view == null) {
    return { state: "none", text: sensor === "strap" ? texts.noStrap : texts.noOximeter, why: "", ageMs: Number.NaN };
  }
  const words = reasons[sensor];
  const ageMs = view.at_ms == null ? Number.NaN : Math.max(0, serverMs - view.at_ms);
  const why = view.reason == null ? "" : (words[view.reason] ?? words["no_value"] ?? "");
  const isTelling = TELLING.has(view.reason ?? "");
  /** @param {string} reason @returns {VitalLook} */
  const gone = (reason) => ({ state: "lost", text: texts.gone, why: reason, ageMs });

  if (view.at_ms == null) return gone(why || (words["never_heard"] ?? ""));
  if (!(ageMs < silence.lost_ms)) return gone(isTelling ? why : (words["lost"] ?? ""));
  if (view.value === null || view.quality === "unusable") return gone(why || (words["no_value"] ?? ""));
  const text = String(Math.round(view.value));
  if (ageMs >= silence.stale_ms) return { state: "stale", text, why: isTelling ? why : "", ageMs };
  if (view.quality === "questionable") return { state: "questionable", text, why: why || (words["poor_signal"] ?? ""), ageMs };
  return { state: "live", text, why: view.reason === "broadcast" ? why : "", ageMs };
}

/**
 * How a value looks when the page itself hears nothing: gone, without a reason of its own.
 * @param {ValueView | null | undefined} view
 * @param {"strap" | "oximeter"} sensor
 * @returns {VitalLook}
 */
export function frozenVital(view, sensor) {
  if (view == null) return lookOfVital(null, { stale_ms: 0, lost_ms: 0 }, sensor, 0);
  return { state: "lost", text: texts.gone, why: "", ageMs: Number.NaN };
}

/**
 * What stands small beside a number: its unit, and its age once it is old; nothing beside dashes and words.
 * @param {VitalLook} look
 * @param {string} unit
 * @returns {string} bpm, or bpm · 4 s
 */
export function besideVital({ state, ageMs }, unit) {
  if (state === "none" || state === "lost") return "";
  return state === "stale" && Number.isFinite(ageMs) ? `${unit} · ${duration(ageMs)}` : unit;
}
