/**
 * What the server says of the record: the shapes of its JSON, and the paths.
 */

/** @typedef {{id: string, name: string, room: string, generation_mode: string, is_practice: boolean, time_zone: string, started_utc_ms: number, ended_utc_ms: number | null, participants: number}} SessionListed */
/** @typedef {{what: string, ms: number, pct: number}} Share */
/** @typedef {{vital: string, ms: number, shares: Share[], phases: {phase: string, ms: number, shares: Share[]}[]}} Coverage */
/** @typedef {{id: string, vital: string, from_ms: number, to_ms: number, by: string, why: string, at_utc_ms: number, withdrawn_by: string, withdrawn_why: string}} Mark */
/** @typedef {{staff: string, at_utc_ms: number, ways: string[], reached: boolean, receipt?: "delivered" | "seen"}} Called */
/** @typedef {{people: Called[], accepted_utc_ms: number | null, accepted_by: string, cannot: string[]}} Calls */
/** @typedef {{alarm_id: string, rule: string, family: string, priority: string, text: string, onset_utc_ms: number, ended_utc_ms: number | null, peak: number | null, limit: number | null, acknowledged_by: string, response_s: number | null, outcome: string | null, judged_by: string, found_afterwards: boolean, acknowledged_utc_ms: number | null, calls?: Calls, still_on?: boolean}} Alarm */
/** @typedef {{id: string, at_utc_ms: number, by: string, participant?: string | null, hr_bpm?: number | null, body: Record<string, any>}} Entry */
/** @typedef {{rule: string, value: number, reason: string, from_ms: number, to_ms: number}} Limit */
/** @typedef {{phase: string, from_ms: number, to_ms: number}} PhaseSpan */
/** @typedef {{vital: string, from_ms: number, to_ms: number, cause: string}} Gap */
/** @typedef {{kind: string, seconds?: number, rule?: string, value?: number, text?: string, by?: string}} Deviation */
/**
 * @typedef {object} Summary
 * @property {string} session
 * @property {string} participant
 * @property {number | null} seat
 * @property {string} generation_mode
 * @property {number} started_utc_ms
 * @property {number} until_ms
 * @property {boolean} is_over
 * @property {PhaseSpan[]} phases
 * @property {Limit[]} limits
 * @property {Record<string, any>} heart
 * @property {Record<string, any> | null} saturation
 * @property {Record<string, any> | null} work
 * @property {Record<string, any>} load
 * @property {Record<string, any> | null} beats
 * @property {Alarm[]} alarms
 * @property {Entry[]} entries
 * @property {Deviation[]} deviations
 * @property {Coverage[]} coverage
 * @property {Gap[]} gaps
 * @property {Mark[]} marks
 * @property {{sensor: string, kind: string, device?: string}[]} sensors
 * @property {string[]} rules
 */
/** @typedef {{by: string, at_utc_ms: number, is_same: boolean}} Signature */
/** @typedef {{participant: string, alias: string, summary: Summary | null, digest: string | null, signatures: Signature[]}} Person */
/** @typedef {{session: SessionListed, participant: string, alias: string, summary: Summary, chronotropic_pct?: number | null, digest: string, signatures: Signature[]}} PersonAnswer */
/** @typedef {{utc_ms: number[], low: (number | null)[], mean: (number | null)[], high: (number | null)[], questionable: boolean[]}} Line */
/** @typedef {{from_utc_ms: number, to_utc_ms: number, bucket_ms: number, lines: Record<string, Line>}} Timeline */

/**
 * The API's path of a session.
 * @param {string} session
 * @returns {string}
 */
export function sessionPath(session) {
  return `/api/v1/sessions/${encodeURIComponent(session)}`;
}

/**
 * The API's path of a person in a session.
 * @param {string} session
 * @param {string} participant
 * @returns {string}
 */
export function personPath(session, participant) {
  return `${sessionPath(session)}/participants/${encodeURIComponent(participant)}`;
}

/**
 * How much of a vital sign counts, %.
 * @param {Summary} summary
 * @param {string} vital
 * @returns {number | null}
 */
export function validPct(summary, vital) {
  const coverage = summary.coverage.find((one) => one.vital === vital);
  if (coverage === undefined) return null;
  return coverage.shares.find(({ what }) => what === "valid")?.pct ?? 0;
}

/**
 * What is missing: shares that are neither valid nor doubtful nor not worn.
 * @param {Coverage} coverage
 * @returns {{pct: number, ms: number}}
 */
export function missingOf(coverage) {
  const lost = coverage.shares.filter(({ what }) => !["valid", "doubtful", "not_worn"].includes(what));
  return { pct: lost.reduce((sum, { pct }) => sum + pct, 0), ms: lost.reduce((sum, { ms }) => sum + ms, 0) };
}
