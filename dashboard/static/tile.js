/**
 * One person on the wall: seat, state, heart rate, SpO2, position in the range, trace.
 *
 * The element writes what has changed and nothing else. It decides nothing: tile-look.js does.
 */

import { mark, put, writeLine } from "./line.js";
import { drawTrace } from "./sparkline.js";
import { priorities, texts } from "./texts.js";

/** @typedef {import("./frames.js").TileView} TileView */
/** @typedef {import("./tile-look.js").TileLook} TileLook */
/** @typedef {import("./vital.js").VitalLook} VitalLook */
/** @typedef {import("./frames.js").Priority} Priority */

/** One canvas is drawn once a second at most. */
const DRAW_MS = 1_000;
/** Longer than "SpO2 84.5 < 88.5": written smaller, so that it is not cut. */
const LONG_LABEL = 22;
/** Longer than "was HR 128 > 121 at 10:21". */
const LONGEST_LABEL = 26;
/** A strap speaks once a second; two missing seconds are a gap in the line. */
const HOLE_MS = 2_600;

export class TileElement extends HTMLElement {
  /** @type {TileLook["told"]} what a click on this tile tells of */
  told = [];
  #drawnAt = Number.NEGATIVE_INFINITY;
  #drawnDead = false;
  #hasSize = false;
  /** @type {ReturnType<typeof build> | null} */
  #parts = null;

  connectedCallback() {
    if (this.#parts !== null) return;
    this.#parts = build(this);
    const { canvas } = this.#parts;
    new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      canvas.width = Math.round(entry.contentRect.width * devicePixelRatio);
      canvas.height = Math.round(entry.contentRect.height * devicePixelRatio);
      this.#hasSize = canvas.width > 0;
      this.#drawnAt = Number.NEGATIVE_INFINITY;
    }).observe(canvas);
  }

  /**
   * Shows a person.
   * @param {TileView} tile
   * @param {TileLook} look
   */
  show(tile, look) {
    const parts = this.#parts;
    if (parts === null) return;
    writeLine(parts.seat, String(tile.seat));
    writeLine(parts.saidSeat, texts.seat(tile.seat));
    writeLine(parts.saidPriority, look.alarm === "" ? "" : `${priorities[/** @type {Priority} */ (look.alarm)]}:`);
    writeLine(parts.alias, tile.alias === String(tile.seat) ? "" : tile.alias);
    writeLine(parts.mark, look.mark);
    writeLine(parts.label, look.label);
    writeLine(parts.who, look.who);
    writeLine(parts.taken, look.taken);
    writeLine(parts.age, look.age);
    mark(this, "alarm", look.alarm);
    mark(this, "signal", look.signal);
    mark(this, "tone", look.tone);
    mark(this, "label", sizeOf(look.label));
    mark(this, "technical", look.technical);
    mark(this, "trend", look.trend);
    mark(this, "zone", look.zone);
    showVital(parts.hr, look.hr, look.hrAlarm);
    showVital(parts.spo2, look.spo2, look.spo2Alarm);
    mark(this, "hr", look.hr.state);
    mark(this, "spo2", look.spo2.state);
    this.#showBar(look);
    this.#offer(tile, look);
  }

  /**
   * Draws the trace, if a second has passed or it has just died.
   * @param {TileView} tile
   * @param {TileLook} look
   * @param {readonly import("./frames.js").TracePoint[]} points
   * @param {number} serverMs
   * @param {number} at performance.now()
   */
  draw(tile, look, points, serverMs, at) {
    const isDead = look.hr.state === "stale" || look.hr.state === "lost";
    if (!this.#hasSize || this.#parts === null) return;
    if (at - this.#drawnAt < DRAW_MS && isDead === this.#drawnDead) return;
    this.#drawnAt = at;
    this.#drawnDead = isDead;
    drawTrace(this.#parts.canvas, points, tile, { serverMs, holeMs: HOLE_MS, isDead });
  }

  /** @param {TileLook} look */
  #showBar({ bar }) {
    const parts = this.#parts;
    if (parts === null) return;
    mark(parts.bar, "range", bar === null ? "none" : "set");
    if (bar === null || bar.needle === null) mark(parts.needle, "at", "");
    else if (mark(parts.needle, "at", String(bar.needle))) parts.needle.style.left = `${bar.needle}%`;
  }

  /**
   * Makes the tile a button while there is something to acknowledge.
   * @param {TileView} tile
   * @param {TileLook} look
   */
  #offer(tile, look) {
    const before = this.told.length;
    this.told = look.told;
    if (before > 0 === look.told.length > 0 && this.role !== null) return;
    this.role = look.told.length > 0 ? "button" : "group";
    this.tabIndex = look.told.length > 0 ? 0 : -1;
    // A button is called what stands on it.
    this.ariaLabel = look.told.length > 0 ? null : texts.seat(tile.seat);
  }
}

/** @param {string} label */
function sizeOf(label) {
  if (label === "") return "";
  if (label.length <= LONG_LABEL) return "short";
  return label.length <= LONGEST_LABEL ? "long" : "longest";
}

/** @param {HTMLElement} tile */
function build(tile) {
  const head = put(tile, "div", "head");
  const parts = {
    saidSeat: put(head, "span", "unseen"),
    seat: put(head, "b", "seat"),
    alias: put(head, "span", "alias"),
    saidPriority: put(head, "span", "unseen"),
    mark: put(head, "span", "mark"),
    label: put(head, "span", "label"),
    who: put(head, "span", "who"),
    taken: put(head, "span", "taken"),
    age: put(head, "span", "age"),
  };
  // It is said with its word before.
  parts.seat.ariaHidden = "true";
  const numbers = put(tile, "div", "numbers");
  const hr = buildVital(numbers, "hr", texts.bpm);
  const spo2 = buildVital(numbers, "spo2", texts.percent);
  const bar = put(tile, "div", "bar");
  put(bar, "i", "range");
  const needle = put(bar, "i", "needle");
  const trace = put(tile, "div", "trace");
  return { ...parts, hr, spo2, bar, needle, canvas: put(trace, "canvas", "") };
}

/**
 * @param {Element} numbers
 * @param {string} name
 * @param {string} unit
 */
function buildVital(numbers, name, unit) {
  const box = put(numbers, "div", `vital ${name}`);
  const value = put(box, "span", "value");
  put(box, "span", "unit").textContent = unit;
  return { box, value };
}

/**
 * @param {ReturnType<typeof buildVital>} parts
 * @param {VitalLook} look
 * @param {string} alarm
 */
function showVital({ box, value }, look, alarm) {
  writeLine(value, look.text);
  mark(box, "state", look.state);
  mark(box, "alarm", alarm);
}

customElements.define("vitals-tile", TileElement);
