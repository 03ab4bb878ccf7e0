/**
 * The test of the loudspeaker: only a person can say that it was heard. Remembered on this screen with its time.
 */

const REMEMBERED = "vitals.sound-test";

/**
 * @typedef {object} Tested
 * @property {number} utcMs
 * @property {boolean} wasHeard
 * @property {string} by initials
 */

export class SoundTest {
  /** @type {Tested | null} */
  last = recalled();

  /**
   * Somebody has listened.
   * @param {Tested} tested
   */
  remember(tested) {
    this.last = tested;
    try {
      localStorage.setItem(REMEMBERED, JSON.stringify(tested));
    } catch {
      // A browser without storage forgets it with the page.
    }
  }
}

/** @returns {Tested | null} */
function recalled() {
  try {
    const kept = JSON.parse(localStorage.getItem(REMEMBERED) ?? "null");
    const isTested = typeof kept?.utcMs === "number" && typeof kept.wasHeard === "boolean" && typeof kept.by === "string";
    return isTested ? { utcMs: kept.utcMs, wasHeard: kept.wasHeard, by: kept.by } : null;
  } catch {
    return null;
  }
}
