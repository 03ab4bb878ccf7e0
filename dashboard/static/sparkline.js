/**
 * The trace under a person's numbers: two minutes of heart rate over the target range, with the upper limit dashed.
 *
 * A gap stays a gap: points that are further apart than a strap's silence are never joined.
 */

import { rangeOf } from "./tile-look.js";
import { TRACE_MS } from "./trace.js";

/** @typedef {import("./frames.js").TileView} TileView */
/** @typedef {import("./frames.js").TracePoint} TracePoint */

/** @type {{zone: string, limit: string, trace: string, faint: string} | null} */
let colours = null;

/** The colours come from the tokens, once. */
function tokens() {
  if (colours === null) {
    const style = getComputedStyle(document.documentElement);
    /** @param {string} name */
    const token = (name) => style.getPropertyValue(name).trim();
    colours = { zone: token("--zone"), limit: token("--limit"), trace: token("--trace"), faint: token("--faint") };
  }
  return colours;
}

/**
 * Cuts a trace into the stretches that may be drawn as one line.
 * @param {readonly TracePoint[]} points oldest first
 * @param {number} holeMs longest distance that is no gap
 * @returns {[at_ms: number, bpm: number][][]}
 */
export function stretches(points, holeMs) {
  /** @type {[number, number][][]} */
  const lines = [];
  /** @type {[number, number][] | null} */
  let line = null;
  let before = Number.NEGATIVE_INFINITY;
  for (const [at, bpm] of points) {
    if (bpm === null || at - before > holeMs) line = null;
    before = at;
    if (bpm === null) continue;
    if (line === null) lines.push((line = []));
    line.push([at, bpm]);
  }
  return lines;
}

/**
 * Draws a trace up to now.
 * @param {HTMLCanvasElement} canvas
 * @param {readonly TracePoint[]} points
 * @param {TileView} tile
 * @param {{serverMs: number, holeMs: number, isDead: boolean}} now
 */
export function drawTrace(canvas, points, tile, { serverMs, holeMs, isDead }) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  if (context === null || width === 0 || height === 0) return;
  const { zone, limit, trace, faint } = tokens();
  const seen = points.filter(([at]) => at >= serverMs - TRACE_MS);
  const range = rangeOf(tile);
  const upper = tile.hr_upper?.value ?? null;
  const values = seen.flatMap(([, bpm]) => (bpm === null ? [] : [bpm]));
  const low = Math.min(...values, (range?.low ?? 60) - 12);
  const high = Math.max(...values, (range?.high ?? 140) + 10, upper ?? 0);
  const scale = devicePixelRatio;
  const pad = 2 * scale;
  /** @param {number} bpm */
  const y = (bpm) => pad + (1 - (bpm - low) / (high - low)) * (height - 2 * pad);
  /** @param {number} at */
  const x = (at) => (1 - (serverMs - at) / TRACE_MS) * width;

  context.clearRect(0, 0, width, height);
  if (range !== null) {
    context.fillStyle = zone;
    context.fillRect(0, y(range.high), width, y(range.low) - y(range.high));
  }
  if (upper !== null) {
    context.strokeStyle = limit;
    context.lineWidth = 1.5 * scale;
    context.setLineDash([5 * scale, 5 * scale]);
    context.beginPath();
    context.moveTo(0, y(upper));
    context.lineTo(width, y(upper));
    context.stroke();
    context.setLineDash([]);
  }
  context.strokeStyle = isDead ? faint : trace;
  context.lineWidth = 2 * scale;
  context.lineJoin = "round";
  context.beginPath();
  for (const line of stretches(seen, holeMs)) {
    for (const [index, [at, bpm]] of line.entries()) {
      if (index === 0) context.moveTo(x(at) - (line.length === 1 ? scale : 0), y(bpm));
      else context.lineTo(x(at), y(bpm));
    }
    if (line.length === 1 && line[0] !== undefined) context.lineTo(x(line[0][0]), y(line[0][1]));
  }
  context.stroke();
}
