/**
 * What is drawn behind and below the lines of a course: zone, limits, gaps, marks, and the rail of phases, alarms, notes.
 */

import { phases } from "./texts.js";

/** @typedef {import("./record.js").Summary} Summary */
/** @typedef {import("/static/vendor/uPlot.esm.js")} Plot */
/** @typedef {ReturnType<typeof inks>} Inks */

const LIMIT_OF = /** @type {Readonly<Record<string, string>>} */ ({ hr: "HR_OVER", spo2: "SPO2_LOW" });
const HATCH_PX = 8;

/** The colours of the light theme, by name. */
export function inks() {
  const style = getComputedStyle(document.documentElement);
  const token = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    text: token("--text"),
    muted: token("--muted"),
    line: token("--line"),
    zone: token("--zone"),
    spread: token("--range"),
    limit: token("--limit"),
    trace: token("--trace"),
    hatch: token("--faint"),
    paper: token("--tile"),
    font: `12px ${token("--font") || "sans-serif"}`,
    px: devicePixelRatio || 1,
  };
}

/**
 * Draws what stands behind a vital sign.
 * @param {Plot} plot
 * @param {Summary} summary
 * @param {string | null} vital
 * @param {Inks} ink
 */
export function backdrop(plot, summary, vital, ink) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const x = (/** @type {number} */ ms) => plot.valToPos((summary.started_utc_ms + ms) / 1000, "x", true);
  const y = (/** @type {number} */ value) => plot.valToPos(value, "y", true);
  const { zone_low_bpm: low, zone_high_bpm: high } = summary.heart;
  if (vital === "hr" && low != null && high != null) {
    ctx.fillStyle = ink.zone;
    ctx.fillRect(bbox.left, y(high), bbox.width, y(low) - y(high));
  }
  if (vital !== null) {
    for (const gap of summary.gaps) if (gap.vital === vital) hatch(ctx, ink, x(gap.from_ms), bbox.top, x(gap.to_ms), bbox.top + bbox.height);
    ctx.strokeStyle = ink.limit;
    ctx.lineWidth = 1.5 * ink.px;
    ctx.setLineDash([6 * ink.px, 4 * ink.px]);
    for (const limit of summary.limits) {
      if (limit.rule !== LIMIT_OF[vital]) continue;
      ctx.beginPath();
      ctx.moveTo(x(limit.from_ms), y(limit.value));
      ctx.lineTo(x(limit.to_ms), y(limit.value));
      ctx.stroke();
    }
    ctx.setLineDash([]);
    for (const mark of summary.marks) {
      if (mark.vital !== vital || mark.withdrawn_by !== "") continue;
      cross(ctx, ink, x(mark.from_ms), bbox.top, x(mark.to_ms), bbox.top + bbox.height);
    }
  }
  ctx.restore();
}

/**
 * Draws phases, alarms with their numbers, and notes.
 * @param {Plot} plot
 * @param {Summary} summary
 * @param {Inks} ink
 */
export function railOf(plot, summary, ink) {
  const { ctx, bbox } = plot;
  const px = ink.px;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const x = (/** @type {number} */ ms) => plot.valToPos((summary.started_utc_ms + ms) / 1000, "x", true);
  ctx.font = `${12 * px}px ${ink.font.slice(5)}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  for (const { phase, from_ms: from, to_ms: to } of summary.phases) {
    const left = Math.max(bbox.left, x(from));
    const width = Math.min(bbox.left + bbox.width, x(to)) - left;
    if (width <= 0) continue;
    ctx.fillStyle = ink.paper;
    ctx.strokeStyle = ink.line;
    ctx.fillRect(left, bbox.top, width, 18 * px);
    ctx.strokeRect(left, bbox.top, width, 18 * px);
    const name = phases[phase] ?? phase;
    ctx.fillStyle = ink.muted;
    if (ctx.measureText(name).width + 8 * px < width) ctx.fillText(name, left + 4 * px, bbox.top + 9 * px);
  }
  ctx.textAlign = "center";
  ctx.fillStyle = ink.text;
  for (const [index, alarm] of summary.alarms.entries()) {
    const at = x(alarm.onset_utc_ms - summary.started_utc_ms);
    ctx.beginPath();
    ctx.moveTo(at - 5 * px, bbox.top + 31 * px);
    ctx.lineTo(at + 5 * px, bbox.top + 31 * px);
    ctx.lineTo(at, bbox.top + 22 * px);
    ctx.fill();
    ctx.fillText(String(index + 1), at, bbox.top + 39 * px);
  }
  for (const entry of summary.entries) {
    const at = x(entry.at_utc_ms - summary.started_utc_ms);
    ctx.beginPath();
    ctx.arc(at, bbox.top + 27 * px, 3 * px, 0, 2 * Math.PI);
    ctx.strokeStyle = ink.text;
    ctx.stroke();
  }
  ctx.restore();
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Inks} ink
 * @param {number} left
 * @param {number} top
 * @param {number} right
 * @param {number} bottom
 */
function hatch(ctx, ink, left, top, right, bottom) {
  const step = HATCH_PX * ink.px;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, Math.max(ink.px, right - left), bottom - top);
  ctx.clip();
  ctx.strokeStyle = ink.hatch;
  ctx.lineWidth = ink.px;
  ctx.beginPath();
  for (let at = left - (bottom - top); at < right; at += step) {
    ctx.moveTo(at, bottom);
    ctx.lineTo(at + (bottom - top), top);
  }
  ctx.stroke();
  ctx.restore();
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Inks} ink
 * @param {number} left
 * @param {number} top
 * @param {number} right
 * @param {number} bottom
 */
function cross(ctx, ink, left, top, right, bottom) {
  ctx.fillStyle = ink.paper;
  ctx.globalAlpha = 0.6;
  ctx.fillRect(left, top, right - left, bottom - top);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = ink.text;
  ctx.lineWidth = 1.2 * ink.px;
  ctx.strokeRect(left, top, right - left, bottom - top);
  ctx.beginPath();
  ctx.moveTo(left, top);
  ctx.lineTo(right, bottom);
  ctx.moveTo(left, bottom);
  ctx.lineTo(right, top);
  ctx.stroke();
}
