/**
 * Whether an alarm would be told: everything between a sensor and an ear, in one line and part by part. Pure.
 */

import { duration } from "./format.js";
import { partNames, texts } from "./texts.js";

/** @typedef {import("./frames.js").PartView} PartView */

/** What an alarm needs first. */
const RANK = ["broker", "analysis", "gateway", "dashboard", "ingest", "alerts"];
/** A heartbeat comes each second; the server calls analysis lost at the same age. */
const SILENT_MS = 3_000;

/**
 * @typedef {object} Path
 * @property {"up" | "waits" | "broken"} state
 * @property {string} text
 */

/**
 * What is known of the way.
 * @typedef {object} Way
 * @property {readonly PartView[]} parts
 * @property {number | undefined} analysisHeardMs server time
 * @property {number} [alarmPathMs] server time of the last test that went the whole way
 * @property {number} serverMs
 * @property {boolean} isFrozen
 * @property {boolean} isSoundOff
 */

/**
 * @param {Way} way
 * @returns {Path}
 */
export function pathOf({ parts, analysisHeardMs, alarmPathMs, serverMs, isFrozen, isSoundOff }) {
  if (isFrozen) return broken(texts.pathConnection);
  const silent = parts.filter(hasProblem);
  // Behind a broker that is lost nobody is heard: what has no line of its own is told by what has one.
  const named = silent.filter(({ text }) => Boolean(text));
  const told = (named.length > 0 ? named : silent).sort((one, two) => rank(one) - rank(two));
  const [worst] = told;
  if (worst !== undefined) return broken(problemOf(worst), told.length + Number(isSoundOff) - 1);
  if (analysisHeardMs === undefined) return { state: "waits", text: texts.alarmPathWaits };
  const ageMs = Math.max(0, serverMs - analysisHeardMs);
  if (ageMs > SILENT_MS) return broken(texts.pathSilent(duration(ageMs)));
  if (isSoundOff) return broken(texts.pathSoundOff);
  const proven = alarmPathMs === undefined ? "" : duration(Math.max(0, serverMs - alarmPathMs));
  return { state: "up", text: proven === "" ? texts.alarmPathUp(duration(ageMs)) : texts.alarmPathProven(proven) };
}

/**
 * One line for each part, in the order of the way.
 * @param {Way} way
 * @returns {{name: string, text: string, isWell: boolean}[]}
 */
export function stationsOf({ parts, analysisHeardMs, serverMs, isFrozen }) {
  const states = { up: texts.partUp, lost: texts.partDown, missing: texts.partDown, stopped: texts.partStopped };
  return parts.map((view) => {
    const isHeard = view.part === "analysis" && view.state === "up" && analysisHeardMs !== undefined && !isFrozen;
    const state = view.state === "up" && hasProblem(view) ? texts.partTrouble : states[view.state];
    const age = isHeard ? `, ${texts.analysisHeard(duration(Math.max(0, serverMs - analysisHeardMs)))}` : "";
    return { name: nameOf(view), text: isFrozen ? texts.gone : state + age, isWell: !isFrozen && !hasProblem(view) };
  });
}

/**
 * @param {string} problem
 * @param {number} more
 * @returns {Path}
 */
function broken(problem, more = 0) {
  const text = texts.alarmPathBroken(problem);
  return { state: "broken", text: more > 0 ? `${text} ${texts.more(more)}` : text };
}

/** @param {PartView} view */
function hasProblem({ state, text, part }) {
  return Boolean(text) || (state !== "up" && !(part === "alerts" && state === "stopped"));
}

/** @param {PartView} view */
function rank({ part, is_loss: isLoss }) {
  return (isLoss === true ? 0 : RANK.length) + RANK.indexOf(part);
}

/** @param {PartView} view */
function problemOf(view) {
  return view.is_loss === true || view.state !== "up" ? texts.partLost(nameOf(view)) : texts.partInTrouble(nameOf(view));
}

/** @param {PartView} view */
function nameOf({ part, instance }) {
  const name = partNames[part] ?? part;
  return part === "gateway" ? `${name} ${instance}` : name;
}
