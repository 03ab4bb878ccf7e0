/**
 * The person on the right, on top: who, the two big numbers with age, source and quality, and the phase.
 */

import { duration } from "../format.js";
import { mark, put, writeLine } from "../line.js";
import { doubts, phases } from "../texts.js";
import { frozenVital, lookOfVital } from "../vital.js";
import { texts } from "./texts.js";

/** @typedef {import("../frames.js").TileView} TileView */
/** @typedef {import("../frames.js").Phase} Phase */

const AVERAGING = { normal: texts.averagingNormal, fast: texts.averagingFast, slow: texts.averagingSlow, spot: texts.averagingSpot };

export class PersonHead {
  #seat;
  #alias;
  #phase;
  #hr;
  #spo2;
  #zone;
  #phaseShown = "";

  /**
   * @param {HTMLElement} node
   * @param {{onPhase: (phase: Phase | null) => void, onBack: () => void}} listener
   */
  constructor(node, { onPhase, onBack }) {
    const row = put(node, "div", "who");
    const back = put(row, "button", "back");
    back.type = "button";
    back.textContent = `‹ ${texts.back}`;
    back.addEventListener("click", onBack);
    const title = put(row, "h2", "");
    this.#seat = put(title, "b", "seat");
    this.#alias = put(title, "span", "alias");
    const label = put(row, "label", "phase");
    label.append(`${texts.phase} `);
    this.#phase = put(label, "select", "");
    for (const [value, text] of [["", texts.asClass], ...Object.entries(phases)]) {
      const option = put(this.#phase, "option", "");
      option.value = value ?? "";
      option.textContent = text ?? "";
    }
    this.#phase.addEventListener("change", () => onPhase(/** @type {Phase} */ (this.#phase.value) || null));
    const numbers = put(node, "div", "numbers");
    this.#hr = number(numbers, texts.hr, texts.bpm);
    this.#spo2 = number(numbers, texts.spo2, texts.percent);
    this.#zone = put(numbers, "p", "exertion");
  }

  /** What was chosen was refused: the next picture says again what is. */
  forgetChoice() {
    this.#phaseShown = "refused";
  }

  /**
   * @param {TileView} tile
   * @param {import("../tile-look.js").Now} now
   * @param {{mayRun: boolean, phase: Phase | undefined, alarm: {hr: string, spo2: string}}} state `phase`: of the class
   */
  show(tile, now, { mayRun, phase: ofClass, alarm }) {
    writeLine(this.#seat, String(tile.seat));
    writeLine(this.#alias, tile.alias === String(tile.seat) ? "" : tile.alias);
    const phase = tile.phase ?? "";
    if (this.#phaseShown !== phase || document.activeElement !== this.#phase) this.#phase.value = phase;
    this.#phaseShown = phase;
    this.#phase.disabled = !mayRun || now.isFrozen;
    const hr = now.isFrozen ? frozenVital(tile.hr, "strap") : lookOfVital(tile.hr, now.hrSilence, "strap", now.serverMs);
    const spo2 = now.isFrozen ? frozenVital(tile.spo2, "oximeter") : lookOfVital(tile.spo2, now.spo2Silence, "oximeter", now.serverMs);
    const beats = tile.hr_artefact_pct == null ? "" : texts.oddBeats(tile.hr_artefact_pct);
    const averaging = tile.spo2_averaging == null ? "" : `${texts.averaging} ${AVERAGING[tile.spo2_averaging]}`;
    fill(this.#hr, hr, tile.hr, { alarm: alarm.hr, source: sourceOf(tile.hr_device, tile.hr_battery_pct, beats) });
    fill(this.#spo2, spo2, tile.spo2, { alarm: alarm.spo2, source: sourceOf(tile.spo2_device, tile.spo2_battery_pct, averaging) });
    const exertion = [];
    if (tile.zone_low_bpm != null && tile.zone_high_bpm != null) exertion.push(texts.zone(tile.zone_low_bpm, tile.zone_high_bpm));
    if (tile.hrr_pct != null && !now.isFrozen && hr.state === "live") exertion.push(texts.reserve(Math.round(tile.hrr_pct)));
    const seems = now.isFrozen ? null : tile.phase_proposed;
    if (seems != null && seems !== (tile.phase ?? ofClass)) exertion.push(texts.seems(phases[seems] ?? seems));
    writeLine(this.#zone, exertion.join(" · "));
  }
}

/**
 * @param {HTMLElement} parent
 * @param {string} name
 * @param {string} unit
 */
function number(parent, name, unit) {
  const node = put(parent, "div", "number");
  put(node, "span", "name").textContent = name;
  writeLine(/** @type {HTMLElement} */ (node.firstElementChild), name);
  const value = put(node, "b", "value");
  put(node, "span", "unit").textContent = unit;
  return { node, value, age: put(node, "span", "age"), source: put(node, "span", "source") };
}

/**
 * @param {ReturnType<typeof number>} place
 * @param {import("../vital.js").VitalLook} look
 * @param {import("../frames.js").ValueView | null | undefined} view
 * @param {{alarm: string, source: string}} more
 */
function fill(place, look, view, { alarm, source }) {
  writeLine(place.value, look.text);
  mark(place.node, "state", look.state);
  mark(place.node, "alarm", alarm);
  writeLine(place.age, ageOf(look, view));
  writeLine(place.source, look.state === "none" ? "" : source);
}

/**
 * How old the number is and how good, or since when it is gone and why.
 * @param {import("../vital.js").VitalLook} look
 * @param {import("../frames.js").ValueView | null | undefined} view
 */
function ageOf({ state, ageMs, why }, view) {
  if (state === "none") return "";
  const age = Number.isFinite(ageMs) ? duration(ageMs) : "";
  if (state === "lost") return [why, age === "" ? "" : texts.lastHeard(age)].filter((word) => word !== "").join(" · ");
  const held = (view?.doubts ?? []).map((doubt) => doubts[doubt] ?? doubt);
  const quality = why !== "" ? why : held.length > 0 ? held.join(", ") : texts.good;
  return [age === "" ? "" : texts.old(age), quality].filter((word) => word !== "").join(" · ");
}

/**
 * @param {string | undefined} device
 * @param {number | null | undefined} batteryPct
 * @param {string} more
 */
function sourceOf(device, batteryPct, more) {
  const told = [device || texts.unknownMake, more, batteryPct == null ? "" : texts.battery(batteryPct)];
  return told.filter((word) => word !== "").join(" · ");
}

