/**
 * The page's own pulse: notices that the browser has slept, and whether what was heard last is fresh enough to be painted.
 *
 * Nothing older than 2 s is painted, and nothing at all 3 s after the last fresh frame. A pause of the page itself (a
 * stopped process, a closed lid) counts as silence before anything else happens: what the socket kept for us meanwhile is old.
 */

export const FRAME_AGE_MAX_MS = 2_000;
export const SILENCE_MAX_MS = 3_000;
const PAUSE_MAX_MS = 2_000;

export class Pulse {
  /** @type {number | null} */
  #beatAt = null;
  #wallAt = 0;
  /** @type {number | null} */
  #freshAt = null;

  /**
   * One beat; called as often as possible and before anything is taken or painted.
   * @param {number} at performance.now()
   * @param {number} wallMs Date.now(): goes on where performance.now() stands still while a machine sleeps
   * @returns {"" | "paused" | "slept"} paused: our own clock saw it; slept: only the wall clock did
   */
  beat(at, wallMs) {
    const passed = this.#beatAt === null ? 0 : at - this.#beatAt;
    const wallPassed = this.#beatAt === null ? 0 : wallMs - this.#wallAt;
    this.#beatAt = at;
    this.#wallAt = wallMs;
    const hasSlept = Math.abs(wallPassed - passed) > PAUSE_MAX_MS;
    if (!hasSlept && passed <= PAUSE_MAX_MS) return "";
    this.#freshAt = null;
    return hasSlept ? "slept" : "paused";
  }

  /**
   * A frame came.
   * @param {number} at performance.now()
   * @param {number} ageMs of real time
   */
  hear(at, ageMs) {
    this.#freshAt = ageMs <= FRAME_AGE_MAX_MS ? at - ageMs : null;
  }

  /**
   * Whether what is known may be shown as it is.
   * @param {number} at performance.now()
   * @returns {boolean}
   */
  isFresh(at) {
    return this.#freshAt !== null && at - this.#freshAt <= SILENCE_MAX_MS;
  }
}
