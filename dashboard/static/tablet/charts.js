/**
 * The charts of one person, one above the other on one time axis: heart rate, SpO2, work, beats, and the rail of alarms
 * and notes. Gaps stay gaps; limits and zone are drawn as they were at that time.
 */

import uPlot from "/static/vendor/uPlot.esm.js";

import { mark, put, writeLine } from "../line.js";
import { language } from "../texts.js";
import { texts } from "./texts.js";
import { ChartData } from "./chart-data.js";

/** @typedef {import("./chart-data.js").ChartBody} ChartBody */
/** @typedef {import("./chart-data.js").LimitSpan} LimitSpan */

const AXIS_PX = 44;
const SYNC = "tablet";
/** Repainting more often than this shows nothing more. */
const PAINT_MS = 900;
const ORDER = ["low", "medium", "high"];

export class Charts {
  #node;
  #data = new ChartData();
  /** @type {{name: string, plot: uPlot, columns: () => any, node: HTMLElement}[]} */
  #charts = [];
  /** @type {[number, number]} s */
  #range = [0, 1];
  #paintedAt = Number.NEGATIVE_INFINITY;
  #shape = "";
  #timeZone = "UTC";
  /** @type {import("../frames.js").AlarmView[]} */
  #alarms = [];
  #ink = inks();

  /** @param {HTMLElement} node */
  constructor(node) {
    this.#node = node;
    new ResizeObserver(() => this.#resize()).observe(node);
  }

  /** @returns {ChartBody | null} what the record has */
  get body() {
    return this.#data.body;
  }

  /** Begins with another person: nothing of the one before is left. */
  clear() {
    this.#data = new ChartData();
    this.#paintedAt = Number.NEGATIVE_INFINITY;
    this.#build("");
  }

  /** @param {ChartBody} body */
  replace(body) {
    this.#data.replace(body);
    this.#paintedAt = Number.NEGATIVE_INFINITY;
  }

  /**
   * @param {"hr" | "spo2"} vital
   * @param {number} utcMs
   * @param {number} value
   */
  append(vital, utcMs, value) {
    this.#data.append(vital, utcMs, value);
  }

  /**
   * Paints, about once a second.
   * @param {{at: number, utcMs: number, minutes: number | null, startedUtcMs: number, timeZone: string, hasOximeter: boolean,
   *   alarms: import("../frames.js").AlarmView[]}} now `alarms`: those of this person that are on
   */
  show({ at, utcMs, minutes, startedUtcMs, timeZone, hasOximeter, alarms }) {
    if (at - this.#paintedAt < PAINT_MS) return;
    this.#paintedAt = at;
    this.#timeZone = timeZone;
    this.#alarms = alarms;
    const to = utcMs / 1_000;
    const from = minutes === null ? Math.min(startedUtcMs / 1_000, to - 60) : to - minutes * 60;
    this.#range = [from, to];
    const series = this.#data.body?.series ?? {};
    const shape = ["hr", hasOximeter ? "spo2" : "", series["power_w"] || series["speed_kmh"] ? "work" : "", this.#hasBeats() ? "beats" : ""].join(" ");
    if (shape !== this.#shape || this.#charts.length === 0) this.#build(shape);
    for (const { plot, columns } of this.#charts) {
      plot.setData(columns(), false);
      plot.setScale("x", { min: from, max: to });
    }
  }

  #hasBeats() {
    return this.#data.body?.beats.some((share) => share !== null) ?? false;
  }

  /** @param {string} shape */
  #build(shape) {
    for (const { plot } of this.#charts) plot.destroy();
    this.#node.replaceChildren();
    this.#charts = [];
    this.#shape = shape;
    if (shape === "") return;
    this.#ink = inks();
    const wants = shape.split(" ");
    this.#add("hr", `${texts.hr}, ${texts.bpm}`, 170, () => layered(this.#data.columns("hr")), this.#vital("hr"));
    if (wants.includes("spo2")) this.#add("spo2", `${texts.spo2}, %`, 96, () => layered(this.#data.columns("spo2")), this.#vital("spo2"));
    if (wants.includes("work")) {
      const isPower = this.#data.body?.series["power_w"] !== undefined;
      const unit = isPower ? texts.watts : texts.kmh;
      const columns = () => this.#data.more(isPower ? "power_w" : "speed_kmh") ?? [[], []];
      this.#add("work", `${texts.work}, ${unit}`, 70, columns, this.#simple(isPower ? 50 : 2));
    }
    if (wants.includes("beats")) this.#add("beats", texts.beats, 56, () => this.#data.beats(), this.#simple(20));
    this.#add("rail", texts.rail, 74, () => [[this.#range[0], this.#range[1]], [null, null]], this.#rail());
  }

  /**
   * @param {string} name
   * @param {string} title
   * @param {number} height
   * @param {() => any} columns
   * @param {Partial<uPlot.Options>} own
   */
  #add(name, title, height, columns, own) {
    const node = put(this.#node, "figure", "chart");
    mark(node, "chart", name);
    writeLine(put(node, "figcaption", ""), title);
    const isLast = name === "rail";
    /** @type {uPlot.Options} */
    const options = {
      width: Math.max(200, this.#node.clientWidth),
      height,
      legend: { show: false },
      cursor: { sync: { key: SYNC }, drag: { x: false, y: false }, points: { show: false }, y: false },
      tzDate: (ts) => uPlot.tzDate(new Date(ts * 1_000), this.#timeZone),
      fmtDate: () => (date) => timeLabel(date),
      padding: [6, 10, isLast ? 0 : 6, 0],
      scales: { x: { time: true }, ...own.scales },
      axes: [
        { show: isLast, stroke: this.#ink.muted, grid: { stroke: this.#ink.line, width: 1 }, ticks: { show: false }, size: isLast ? 26 : 0,
          values: (_, splits) => splits.map((split) => this.#time(split)) },
        { size: AXIS_PX, stroke: this.#ink.muted, grid: { stroke: this.#ink.line, width: 1 }, ticks: { show: false }, space: 26, ...own.axes?.[1] },
      ],
      series: own.series ?? [],
      bands: own.bands ?? [],
      hooks: own.hooks ?? {},
    };
    const plot = new uPlot(options, columns(), node);
    this.#charts.push({ name, plot, columns, node });
  }

  /**
   * A vital sign: the mean as a line, lowest to highest as a band, limits and zone behind.
   * @param {"hr" | "spo2"} vital
   * @returns {Partial<uPlot.Options>}
   */
  #vital(vital) {
    const faint = { stroke: "transparent", width: 0, points: { show: false }, spanGaps: false };
    const span = vital === "hr" ? 60 : 12;
    return {
      scales: { y: { range: (_, low, high) => this.#yRange(vital, low, high, span) } },
      series: [{}, faint, faint, { stroke: this.#ink.trace, width: 1.5, points: { show: false }, spanGaps: false }],
      bands: [{ series: [2, 1], fill: this.#ink.range }],
      hooks: { drawAxes: [(plot) => this.#drawBehind(plot, vital)] },
    };
  }

  /**
   * @param {number} span
   * @returns {Partial<uPlot.Options>}
   */
  #simple(span) {
    return {
      scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(span, high ?? 0)] } },
      series: [{}, { stroke: this.#ink.trace, width: 1, fill: this.#ink.zone, points: { show: false }, spanGaps: false }],
    };
  }

  /** @returns {Partial<uPlot.Options>} */
  #rail() {
    return {
      scales: { y: { range: () => [0, 1] } },
      axes: [{}, { values: () => [], grid: { show: false } }],
      series: [{}, { stroke: "transparent" }],
      hooks: { draw: [(plot) => this.#drawRail(plot)] },
    };
  }

  /**
   * Room for the values and the limits of the shown time.
   * @param {"hr" | "spo2"} vital
   * @param {number | null} low
   * @param {number | null} high
   * @param {number} span at least
   * @returns {[number, number]}
   */
  #yRange(vital, low, high, span) {
    const limits = this.#spans().flatMap((one) =>
      (vital === "hr" ? [one.hr_upper, one.zone_low_bpm] : [one.spo2_floor]).filter((value) => value !== null),
    );
    const values = [...limits, low, high].filter((value) => value != null);
    if (values.length === 0) return vital === "hr" ? [60, 140] : [85, 100];
    const bottom = Math.min(...values);
    const top = Math.max(...values);
    const more = Math.max(0, span - (top - bottom)) / 2 + 2;
    return [Math.floor(bottom - more), Math.ceil(vital === "spo2" ? Math.min(101, top + more) : top + more)];
  }

  /** The limits inside the shown time, each with its end. */
  #spans() {
    const spans = this.#data.body?.limits ?? [];
    const [from, to] = this.#range;
    return spans
      .map((span, index) => ({ ...span, from: span.from_utc_ms / 1_000, to: (spans[index + 1]?.from_utc_ms ?? to * 1_000) / 1_000 }))
      .filter((span) => span.to > from && span.from < to);
  }

  /**
   * @param {uPlot} plot
   * @param {"hr" | "spo2"} vital
   */
  #drawBehind(plot, vital) {
    const { ctx } = plot;
    const { left, top, width, height } = plot.bbox;
    const x = (/** @type {number} */ at) => Math.min(left + width, Math.max(left, plot.valToPos(at, "x", true)));
    const y = (/** @type {number} */ value) => Math.min(top + height, Math.max(top, plot.valToPos(value, "y", true)));
    ctx.save();
    for (const span of this.#spans()) {
      const [begin, end] = [x(span.from), x(span.to)];
      if (vital === "hr" && span.zone_low_bpm !== null && span.zone_high_bpm !== null) {
        ctx.fillStyle = this.#ink.zone;
        ctx.fillRect(begin, y(span.zone_high_bpm), end - begin, y(span.zone_low_bpm) - y(span.zone_high_bpm));
      }
      ctx.strokeStyle = this.#ink.muted;
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
      for (const value of vital === "hr" ? [span.hr_upper, span.hr_lower] : [span.spo2_floor]) {
        if (value === null || y(value) <= top || y(value) >= top + height) continue;
        ctx.beginPath();
        ctx.moveTo(begin, y(value));
        ctx.lineTo(end, y(value));
        ctx.stroke();
      }
    }
    ctx.restore();
  }

  /**
   * Alarms as bars of their priority's colour (technical ones below), notes as ticks with a letter.
   * @param {uPlot} plot
   */
  #drawRail(plot) {
    const { ctx } = plot;
    const { left, top, width, height } = plot.bbox;
    const [from, to] = this.#range;
    const x = (/** @type {number} */ utcMs) => Math.min(left + width, Math.max(left, plot.valToPos(utcMs / 1_000, "x", true)));
    ctx.save();
    for (const alarm of this.#railAlarms()) {
      if (alarm.to / 1_000 < from || alarm.from / 1_000 > to) continue;
      const isTechnical = alarm.family === "technical";
      ctx.fillStyle = isTechnical ? this.#ink.technical : alarm.priority === "high" ? this.#ink.high : alarm.priority === "medium" ? this.#ink.medium : this.#ink.low;
      const share = isTechnical ? 0.36 : 0.04;
      const begin = x(alarm.from);
      ctx.fillRect(begin, top + share * height, Math.max(3 * devicePixelRatio, x(alarm.to) - begin), 0.26 * height);
    }
    ctx.fillStyle = this.#ink.text;
    ctx.font = `${11 * devicePixelRatio}px Inter, system-ui, sans-serif`;
    ctx.textAlign = "center";
    for (const entry of this.#data.body?.entries ?? []) {
      if (entry.at_utc_ms / 1_000 < from || entry.at_utc_ms / 1_000 > to) continue;
      const at = x(entry.at_utc_ms);
      ctx.fillRect(at - devicePixelRatio / 2, top + 0.64 * height, devicePixelRatio, 0.08 * height);
      ctx.fillText(letterOf(entry.body), at, top + height - 2 * devicePixelRatio);
    }
    ctx.restore();
  }

  /** Those of the record, and those that are on now and not in it yet. */
  #railAlarms() {
    const now = this.#range[1] * 1_000;
    const known = new Set();
    const told = (this.#data.body?.alarms ?? []).map((one) => {
      known.add(one.id);
      return { family: one.family, priority: one.priority, from: one.onset_utc_ms, to: one.ended_utc_ms ?? now };
    });
    const more = this.#alarms.filter((one) => !known.has(one.id));
    const all = [...told, ...more.map((one) => ({ family: one.family, priority: one.priority, from: one.onset_utc_ms, to: now }))];
    // The most urgent is drawn last, over the others of the same time.
    return all.filter(({ priority }) => priority !== "info").sort((one, two) => ORDER.indexOf(one.priority) - ORDER.indexOf(two.priority));
  }

  /** @param {number} at s */
  #time(at) {
    const date = uPlot.tzDate(new Date(at * 1_000), this.#timeZone);
    const hasSeconds = this.#range[1] - this.#range[0] < 300;
    return timeLabel(date, hasSeconds);
  }

  #resize() {
    const width = this.#node.clientWidth;
    if (width > 0) for (const { plot } of this.#charts) if (plot.width !== width) plot.setSize({ width, height: plot.height });
  }
}

/**
 * Lowest and highest first: the line of the means is drawn over their band.
 * @param {import("./chart-data.js").Columns} columns
 */
function layered([at, low, mean, high]) {
  return [at, low, high, mean];
}

/**
 * One letter for what was entered.
 * @param {Record<string, any>} body
 */
function letterOf(body) {
  switch (body["kind"]) {
    case "rpe":
      return String(body["rpe_borg"]);
    case "dyspnoea":
      return `${language === "de" ? "A" : "D"}${body["dyspnoea_cr10"]}`;
    case "blood_pressure":
      return `${body["systolic_mmhg"]}/${body["diastolic_mmhg"]}`;
    case "symptom":
      return "!";
    case "emergency":
      return "+";
    default:
      return "•";
  }
}

/**
 * @param {Date} date in the site's zone
 * @param {boolean} [hasSeconds]
 */
function timeLabel(date, hasSeconds = false) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return hasSeconds ? `${minutes}:${two(date.getSeconds())}` : minutes;
}

/** The page's colours by name, for a canvas. */
function inks() {
  const style = getComputedStyle(document.body);
  const ink = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: ink("text"),
    muted: ink("muted"),
    line: ink("line"),
    zone: ink("zone"),
    range: ink("range"),
    trace: ink("trace"),
    high: ink("high"),
    medium: ink("medium"),
    low: ink("low"),
    technical: ink("technical"),
  };
}
