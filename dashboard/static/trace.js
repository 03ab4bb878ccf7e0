/**
 * The heart rate of the last two minutes of one person, at most one point a second. A gap is a point without a value.
 */

/** @typedef {import("./frames.js").TracePoint} TracePoint */
/** @typedef {import("./frames.js").ValueView} ValueView */

export const TRACE_MS = 120_000;
/** A little under a second, because a strap's second is not exactly ours. */
const STEP_MS = 900;
const POINTS_KEPT = Math.ceil(TRACE_MS / STEP_MS) + 5;
/** Cut now and then, not with every point. */
const POINTS_MAX = 2 * POINTS_KEPT;

export class Trace {
  /** @type {TracePoint[]} */
  points = [];

  /**
   * Takes the server's points in place of ours.
   * @param {readonly TracePoint[]} points oldest first
   */
  replace(points) {
    this.points = points.slice(-POINTS_MAX);
  }

  /**
   * Goes on with a value that came.
   * @param {ValueView | null | undefined} view
   */
  add(view) {
    const at = view?.at_ms;
    if (view == null || at == null) return;
    const last = this.points.at(-1);
    if (last !== undefined && at - last[0] < STEP_MS) return;
    this.points.push([at, view.quality === "unusable" ? null : view.value]);
    if (this.points.length > POINTS_MAX) this.points = this.points.slice(-POINTS_KEPT);
  }
}
