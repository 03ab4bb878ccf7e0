/**
 * The course of one person's session: charts one above the other on one time axis, linked; drag to zoom down to a second.
 *
 * Gaps stay gaps. Zone and limits are drawn as they were at that time; what is marked as artefact is crossed out. One
 * line below the charts reads all of them where the cursor is.
 */

import uPlot from "/static/vendor/uPlot.esm.js";

import { put, writeLine } from "../line.js";
import { backdrop, inks, railOf } from "./course-drawing.js";
import { measures, phases, rules, texts } from "./texts.js";
import { BPM, clock, number } from "./words.js";

/** @typedef {import("./record.js").Timeline} Timeline */
/** @typedef {import("./record.js").Summary} Summary */

const SYNC = "review";
const AXIS_PX = 46;
const SHORTEST_MS = 20_000;
/** A class that ended as it began still has an axis. */
const INSTANT_MS = 1_000;
/** Ticks of a time axis, s: its labels know no parts of a second. */
const TICKS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400];
/** @type {readonly (readonly [string, number, string | null, number])[]} measure, height, vital, digits */
const PANELS = [
  ["hr_bpm", 230, "hr", 0],
  ["spo2_pct", 120, "spo2", 0],
  ["power_w", 84, null, 0],
  ["speed_kmh", 84, null, 1],
];

export class Course {
  #node;
  #reading;
  #summary;
  #zone;
  #onZoom;
  /** @type {Timeline | null} */
  #timeline = null;
  /** @type {uPlot[]} */
  #plots = [];
  #shape = "";
  #isSetting = false;
  #ink = inks();

  /**
   * @param {HTMLElement} node
   * @param {Summary} summary
   * @param {string} zone time zone
   * @param {(fromUtcMs: number, toUtcMs: number) => void} onZoom somebody wants to see that stretch
   */
  constructor(node, summary, zone, onZoom) {
    this.#summary = summary;
    this.#zone = zone;
    this.#onZoom = onZoom;
    this.#node = put(node, "div", "course");
    this.#reading = put(node, "p", "course-reading");
    this.#reading.setAttribute("aria-live", "off");
    new ResizeObserver(() => this.#resize()).observe(this.#node);
  }

  /** @returns {[number, number]} the stretch that is shown, UTC ms */
  get stretch() {
    const { started_utc_ms: start, until_ms: length } = this.#summary;
    return this.#timeline === null ? [start, start + length] : [this.#timeline.from_utc_ms, this.#timeline.to_utc_ms];
  }

  /**
   * Shows another stretch, or the same with another summary (marks).
   * @param {Timeline} timeline
   * @param {Summary} summary
   */
  show(timeline, summary) {
    this.#timeline = timeline;
    this.#summary = summary;
    const shape = PANELS.filter(([name]) => timeline.lines[name] !== undefined || name === "hr_bpm").map(([name]) => name).join(" ");
    if (shape !== this.#shape || this.#plots.length === 0) this.#build(shape);
    this.#isSetting = true;
    for (const [index, plot] of this.#plots.entries()) {
      const name = this.#shape.split(" ")[index];
      plot.setData(/** @type {any} */ (name === undefined ? this.#empty() : this.#columns(name)), false);
      plot.setScale("x", { min: timeline.from_utc_ms / 1000, max: timeline.to_utc_ms / 1000 });
    }
    this.#isSetting = false;
    this.#read(null);
  }

  /** @param {string} shape */
  #build(shape) {
    for (const plot of this.#plots) plot.destroy();
    this.#node.replaceChildren();
    this.#shape = shape;
    this.#ink = inks();
    const shown = PANELS.filter(([name]) => shape.split(" ").includes(name));
    this.#plots = shown.map(([name, height, vital]) => this.#plot(name, height, vital));
    this.#plots.push(this.#plotRail());
  }

  /**
   * @param {string} name
   * @param {number} height
   * @param {string | null} vital
   */
  #plot(name, height, vital) {
    const ink = this.#ink;
    const title = put(this.#node, "h3", "course-title");
    writeLine(title, (measures[name] ?? name));
    /** @type {uPlot.Options} */
    const options = {
      ...this.#base(height),
      series: [
        {},
        { stroke: "transparent", points: { show: false } },
        { stroke: "transparent", points: { show: false } },
        { stroke: ink.trace, width: 1.5, points: { show: (plot) => plot.scales["x"] !== undefined && span(plot) < 180 } },
      ],
      bands: [{ series: [2, 1], fill: ink.spread }],
      scales: { x: { time: true }, y: { range: (_plot, low, high) => rangeOf(name, low, high, this.#summary) } },
      hooks: {
        ...this.#hooks(),
        drawClear: [(plot) => backdrop(plot, this.#summary, vital, ink)],
      },
    };
    return new uPlot(options, /** @type {any} */ (this.#columns(name)), put(this.#node, "div", "course-plot"));
  }

  #plotRail() {
    const ink = this.#ink;
    /** @type {uPlot.Options} */
    const options = {
      ...this.#base(82),
      padding: [2, 12, 0, 0],
      series: [{}, {}],
      axes: [this.#timeAxis(true), { show: true, size: AXIS_PX, values: () => [], grid: { show: false }, ticks: { show: false } }],
      scales: { x: { time: true }, y: { range: [0, 1] } },
      hooks: { ...this.#hooks(), draw: [(plot) => railOf(plot, this.#summary, ink)] },
    };
    return new uPlot(options, /** @type {any} */ (this.#empty()), put(this.#node, "div", "course-plot"));
  }

  /** @param {number} height */
  #base(height) {
    return {
      width: Math.max(300, this.#node.clientWidth),
      height,
      legend: { show: false },
      padding: /** @type {uPlot.Padding} */ ([8, 12, 2, 0]),
      tzDate: (/** @type {number} */ seconds) => uPlot.tzDate(new Date(seconds * 1000), this.#zone),
      cursor: { sync: { key: SYNC, setSeries: false }, drag: { x: true, y: false, setScale: false }, points: { show: false } },
      axes: [this.#timeAxis(false), { size: AXIS_PX, stroke: this.#ink.muted, grid: { stroke: this.#ink.line, width: 1 }, ticks: { show: false }, font: this.#ink.font }],
    };
  }

  /** @param {boolean} isShown */
  #timeAxis(isShown) {
    const grid = { stroke: this.#ink.line, width: 1 };
    const values = (/** @type {uPlot} */ plot, /** @type {number[]} */ splits) =>
      splits.map((seconds) => clock(seconds * 1000, this.#zone).slice(0, span(plot) < 300 ? 8 : 5));
    return isShown
      ? { stroke: this.#ink.muted, grid, values, incrs: TICKS_S, font: this.#ink.font, size: 24, ticks: { show: false } }
      : { size: 4, values: () => [], grid, incrs: TICKS_S, ticks: { show: false } };
  }

  #hooks() {
    return {
      setSelect: [
        (/** @type {uPlot} */ plot) => {
          if (plot.select.width < 3) return;
          const from = plot.posToVal(plot.select.left, "x") * 1000;
          const to = plot.posToVal(plot.select.left + plot.select.width, "x") * 1000;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          this.zoom(from, to);
        },
      ],
      ready: [(/** @type {uPlot} */ plot) => plot.over.addEventListener("dblclick", () => this.whole())],
      setCursor: [(/** @type {uPlot} */ plot) => this.#read(plot.cursor.left === undefined || plot.cursor.left < 0 ? null : plot.posToVal(plot.cursor.left, "x") * 1000)],
    };
  }

  /** Shows everything. */
  whole() {
    const { started_utc_ms: start, until_ms: length } = this.#summary;
    this.#onZoom(start, start + Math.max(length, INSTANT_MS));
  }

  /**
   * Shows a stretch, inside the session, no shorter than 20 s or the session.
   * @param {number} fromUtcMs
   * @param {number} toUtcMs
   */
  zoom(fromUtcMs, toUtcMs) {
    if (this.#isSetting) return;
    const { started_utc_ms: start, until_ms: length } = this.#summary;
    const middle = (fromUtcMs + toUtcMs) / 2;
    const half = Math.max(SHORTEST_MS, toUtcMs - fromUtcMs) / 2;
    const from = Math.max(start, middle - half);
    this.#onZoom(Math.round(from), Math.round(Math.min(start + Math.max(length, INSTANT_MS), from + 2 * half)));
  }

  /**
   * Shows the same length, so many lengths further.
   * @param {number} lengths
   */
  move(lengths) {
    const [from, to] = this.stretch;
    const step = (to - from) * lengths;
    this.zoom(from + step, to + step);
  }

  /**
   * Shows a stretch so many times as long around the same middle.
   * @param {number} times
   */
  scale(times) {
    const [from, to] = this.stretch;
    const half = ((to - from) / 2) * times;
    this.zoom((from + to) / 2 - half, (from + to) / 2 + half);
  }

  /** @param {string} name */
  #columns(name) {
    const line = this.#timeline?.lines[name];
    if (line === undefined) return [[], [], [], []];
    return [line.utc_ms.map((ms) => ms / 1000), line.low, line.high, line.mean];
  }

  #empty() {
    const [from, to] = this.stretch;
    return [[from / 1000, to / 1000], [null, null]];
  }

  /** @param {number | null} utcMs */
  #read(utcMs) {
    const timeline = this.#timeline;
    if (timeline === null) return;
    if (utcMs === null) {
      writeLine(this.#reading, timeline.bucket_ms === 0 ? texts.raw : texts.buckets(`${timeline.bucket_ms / 1000} s`));
      return;
    }
    const at = utcMs - this.#summary.started_utc_ms;
    const pieces = [clock(utcMs, this.#zone)];
    for (const [name, , , digits] of PANELS) {
      const line = timeline.lines[name];
      if (line === undefined) continue;
      const place = nearest(line.utc_ms, utcMs, Math.max(5_000, timeline.bucket_ms));
      const mean = place === -1 ? null : (line.mean[place] ?? null);
      const low = place === -1 ? null : (line.low[place] ?? null);
      const high = place === -1 ? null : (line.high[place] ?? null);
      const range = timeline.bucket_ms > 0 && mean !== null && low !== high ? ` (${number(low, digits)}-${number(high, digits)})` : "";
      pieces.push(`${(measures[name] ?? name)} ${number(mean, digits)}${range}${place !== -1 && line.questionable[place] ? " ?" : ""}`);
    }
    const phase = this.#summary.phases.find((one) => one.from_ms <= at && at < one.to_ms);
    if (phase !== undefined) pieces.push(phases[phase.phase] ?? phase.phase);
    for (const limit of this.#summary.limits) {
      if ((limit.rule === "HR_OVER" || limit.rule === "SPO2_LOW") && limit.from_ms <= at && at < limit.to_ms) {
        pieces.push(`${rules[limit.rule]}: ${number(limit.value, 0, limit.rule === "HR_OVER" ? BPM : "%")}`);
      }
    }
    writeLine(this.#reading, pieces.join("   "));
  }

  #resize() {
    const width = Math.max(300, this.#node.clientWidth);
    for (const plot of this.#plots) if (plot.width !== width) plot.setSize({ width, height: plot.height });
  }
}

/** @param {uPlot} plot */
function span(plot) {
  return (plot.scales["x"]?.max ?? 0) - (plot.scales["x"]?.min ?? 0);
}

/**
 * The place of the value that holds at a time, -1: none near enough.
 * @param {number[]} times
 * @param {number} utcMs
 * @param {number} withinMs
 */
function nearest(times, utcMs, withinMs) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= utcMs) low = middle + 1;
    else high = middle;
  }
  const before = times[low - 1];
  return before !== undefined && utcMs - before < withinMs ? low - 1 : -1;
}

/**
 * The scale of a panel: never so narrow that a beat looks like a mountain.
 * @param {string} name
 * @param {number | null} low
 * @param {number | null} high
 * @param {Summary} summary
 * @returns {[number, number]}
 */
function rangeOf(name, low, high, summary) {
  if (name === "spo2_pct") return [Math.min(84, Math.floor((low ?? 90) - 1)), 101];
  if (name !== "hr_bpm") return [0, Math.max(2, (high ?? 1) * 1.15)];
  const limits = summary.limits.filter(({ rule }) => rule === "HR_OVER").map(({ value }) => value);
  return [Math.floor(((low ?? 60) - 5) / 10) * 10, Math.ceil((Math.max(high ?? 120, ...limits) + 5) / 10) * 10];
}
