/**
 * The alarm sounds as plans: which tones, when and how long. Pure: nothing sounds here.
 *
 * Inspired by the tables of IEC 60601-1-8 (pulses for each priority, spacings, melodies by cause); no conformity is
 * claimed. A high priority has ten pulses (five, and the same five again), a medium one three. A low priority never
 * sounds: two pulses are the test of the loudspeaker, so that nobody takes a test for an alarm.
 */

/** @typedef {"cardiac" | "oxygenation" | "technical"} Voice */
/** @typedef {"high" | "medium" | "test"} Level */

/**
 * @typedef {object} Pulse
 * @property {number} atS from the start of the burst
 * @property {number} lengthS
 * @property {number} hz of the fundamental
 */

/**
 * @typedef {object} Burst
 * @property {Pulse[]} pulses
 * @property {number} lengthS
 * @property {number} pauseS silence before the next burst of the same alarm
 * @property {number} level 0 to 1
 */

const NOTES_HZ = { c: 261.63, e: 329.63, f: 349.23, g: 392, a: 440, b: 493.88, C: 523.25 };

/** Rising: the heart. Falling: oxygen. Up and down: our own technique. */
const MELODIES = /** @type {const} */ ({
  cardiac: ["c", "e", "g", "g", "C"],
  oxygenation: ["C", "b", "a", "g", "f"],
  technical: ["C", "c", "c", "C", "c"],
});
const TEST = /** @type {const} */ (["e", "c"]);

/** 75 to 200 ms for high, 125 to 250 ms for the others. */
const HIGH_PULSE_S = 0.15;
const PULSE_S = 0.2;
/** x: 50 to 125 ms; after the third pulse of five 2x and a pulse; between the fives 0.35 to 1.3 s. */
const X_S = 0.1;
const BETWEEN_FIVES_S = 0.6;
/** y: 125 to 250 ms. */
const Y_S = 0.2;
/** 2.5 to 15 s for high, 2.5 to 30 s for medium. */
const PAUSE_S = { high: 5, medium: 15, test: Number.POSITIVE_INFINITY };
/** Medium is 4 dB softer than high; all lie within 10 dB. The test is as loud as what it tests. */
const LEVEL = { high: 0.9, medium: 0.57, test: 0.9 };

/**
 * The burst of a cause and a priority.
 * @param {Voice} voice
 * @param {Level} level
 * @returns {Burst}
 */
export function burstOf(voice, level) {
  const pulses = level === "high" ? highPulses(voice) : inRow(level === "test" ? TEST : MELODIES[voice].slice(0, 3));
  const last = /** @type {Pulse} */ (pulses.at(-1));
  return { pulses, lengthS: last.atS + last.lengthS, pauseS: PAUSE_S[level], level: LEVEL[level] };
}

/** @param {Voice} voice */
function highPulses(voice) {
  const gaps = [X_S, X_S, 2 * X_S + HIGH_PULSE_S, X_S, BETWEEN_FIVES_S];
  /** @type {Pulse[]} */
  const pulses = [];
  let atS = 0;
  for (let five = 0; five < 2; five += 1) {
    for (const [index, note] of MELODIES[voice].entries()) {
      pulses.push({ atS, lengthS: HIGH_PULSE_S, hz: NOTES_HZ[note] });
      atS += HIGH_PULSE_S + (gaps[index] ?? 0);
    }
  }
  return pulses;
}

/** @param {readonly (keyof typeof NOTES_HZ)[]} notes */
function inRow(notes) {
  return notes.map((note, index) => ({ atS: index * (PULSE_S + Y_S), lengthS: PULSE_S, hz: NOTES_HZ[note] }));
}
