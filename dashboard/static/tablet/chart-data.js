/**
 * The numbers behind the charts of one person: what the record has in pieces, and what has come since, value by value.
 * Pure: no page, no clock. A hole of more than 5 s is a null, so that no line is drawn across it.
 */

/** The hole limit of the rules: values further apart are not joined. */
export const HOLE_S = 5;
/** Values that came live are kept so long; the record is asked again long before. */
const LIVE_MAX = 3_600;

/** @typedef {"hr" | "spo2"} Vital */
/** @typedef {{low: (number | null)[], mean: (number | null)[], high: (number | null)[]}} Series */
/** @typedef {{from_utc_ms: number, hr_upper: number | null, hr_lower: number | null, spo2_floor: number | null,
 *   zone_low_bpm: number | null, zone_high_bpm: number | null}} LimitSpan */
/** @typedef {{people: {staff: string, at_utc_ms: number, ways: string[], reached: boolean, receipt: string | null}[], accepted_utc_ms: number | null,
 *   accepted_by: string, cannot: string[]}} Calls */
/** @typedef {{id: string, rule: string, family: string, priority: string, text: string, explanation: string,
 *   onset_utc_ms: number, ended_utc_ms: number | null, acknowledged_by: string | null, acknowledged_utc_ms: number | null,
 *   outcome: string | null, value: number | null, op: string | null, limit: number | null, detail: string, calls: Calls | null}} AlarmSpan */
/** @typedef {{id: string, at_utc_ms: number, by: string, body: Record<string, any>}} ChartEntry */
/** @typedef {{kind: string, cause: string, from_utc_ms: number, to_utc_ms: number}} GapSpan */
/**
 * @typedef {object} ChartBody
 * @property {number} from_utc_ms
 * @property {number} to_utc_ms
 * @property {number} bucket_ms
 * @property {Record<string, Series>} series
 * @property {(number | null)[]} beats
 * @property {LimitSpan[]} limits
 * @property {{from_utc_ms: number, phase: string}[]} phases
 * @property {AlarmSpan[]} alarms
 * @property {GapSpan[]} gaps
 * @property {ChartEntry[]} entries
 */
/** Columns of a chart: times in s, then lowest, mean and highest value. */
/** @typedef {[number[], (number | null)[], (number | null)[], (number | null)[]]} Columns */

export class ChartData {
  /** @type {ChartBody | null} */
  body = null;
  /** @type {Record<Vital, [number, number][]>} */
  #live = { hr: [], spo2: [] };

  /**
   * Takes what the record has; live values that it has too are let go.
   * @param {ChartBody} body
   */
  replace(body) {
    this.body = body;
    for (const vital of /** @type {const} */ (["hr", "spo2"])) {
      const last = lastOf(this.#columns(vital)) ?? 0;
      this.#live[vital] = this.#live[vital].filter(([at]) => at > last);
    }
  }

  /**
   * Takes a value that was just heard; one that is known already changes nothing.
   * @param {Vital} vital
   * @param {number} utcMs when the sensor said it
   * @param {number} value
   */
  append(vital, utcMs, value) {
    const live = this.#live[vital];
    const at = utcMs / 1_000;
    const before = live[live.length - 1]?.[0] ?? lastOf(this.#columns(vital)) ?? 0;
    // The clock of a page is right to some 10 ms: the same value may seem a little younger each time.
    if (at - before < 0.4) return;
    live.push([at, value]);
    if (live.length > LIVE_MAX) live.shift();
  }

  /**
   * The columns of one vital sign, history and live.
   * @param {Vital} vital
   * @returns {Columns}
   */
  columns(vital) {
    const columns = this.#columns(vital);
    let before = lastOf(columns);
    for (const [at, value] of this.#live[vital]) {
      const joint = before === null || at - before <= HOLE_S + (this.body?.bucket_ms ?? 0) / 2_000;
      if (!joint) push(columns, (at + (before ?? at)) / 2, null);
      push(columns, at, value);
      before = at;
    }
    return columns;
  }

  /**
   * Another series of the record, as power or speed.
   * @param {string} name
   * @returns {[number[], (number | null)[]] | null}
   */
  more(name) {
    const series = this.body?.series[name];
    if (this.body === null || series === undefined) return null;
    return [times(this.body, series.mean.length), [...series.mean]];
  }

  /** @returns {[number[], (number | null)[]]} */
  beats() {
    return this.body === null ? [[], []] : [times(this.body, this.body.beats.length), [...this.body.beats]];
  }

  /**
   * @param {Vital} vital
   * @returns {Columns}
   */
  #columns(vital) {
    const series = this.body?.series[vital];
    if (this.body === null || series === undefined) return [[], [], [], []];
    return [times(this.body, series.mean.length), [...series.low], [...series.mean], [...series.high]];
  }
}

/**
 * The middle of each piece, in s.
 * @param {ChartBody} body
 * @param {number} count
 */
function times(body, count) {
  return Array.from({ length: count }, (_, index) => (body.from_utc_ms + (index + 0.5) * body.bucket_ms) / 1_000);
}

/**
 * The time of the last value, null if there is none.
 * @param {Columns} columns
 * @returns {number | null}
 */
function lastOf([at, , mean]) {
  for (let index = mean.length - 1; index >= 0; index -= 1) if (mean[index] != null) return at[index] ?? null;
  return null;
}

/**
 * @param {Columns} columns
 * @param {number} at
 * @param {number | null} value
 */
function push(columns, at, value) {
  // Pieces without a value may lie behind: they end here.
  const [times_] = columns;
  while (times_.length > 0 && (times_[times_.length - 1] ?? 0) >= at) for (const column of columns) column.pop();
  times_.push(at);
  for (const column of columns.slice(1)) /** @type {(number | null)[]} */ (column).push(value);
}
