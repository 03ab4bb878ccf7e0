/**
 * Makes a burst audible: one oscillator a pulse, into any audio context, also one that only computes.
 *
 * The tone is a fundamental with five harmonics that lie within 8 dB of it, so that it is heard through music and on a
 * small loudspeaker, and so that people who hear badly in one range hear it in another.
 */

/** @typedef {import("./burst.js").Burst} Burst */

/** Of the fundamental and its harmonics. */
const AMPLITUDES = [1, 0.8, 0.7, 0.6, 0.5, 0.4];
/** Each end of a pulse: 10 to 20 % of its length. */
const RAMP_SHARE = 0.15;
const FADE_S = 0.02;

/**
 * Plays a burst. A gain begins at 1 unless it is told otherwise: without the zero each pulse would begin with a click.
 * @param {BaseAudioContext} context
 * @param {Burst} burst
 * @param {number} startS on the context's clock
 * @returns {() => void} stops it at once, without a click
 */
export function playBurst(context, burst, startS) {
  const wave = context.createPeriodicWave(new Float32Array(AMPLITUDES.length + 1), new Float32Array([0, ...AMPLITUDES]));
  const all = context.createGain();
  all.gain.value = burst.level;
  all.connect(context.destination);
  const tones = burst.pulses.map(({ atS, lengthS, hz }) => {
    const tone = new OscillatorNode(context, { frequency: hz, periodicWave: wave });
    const gain = context.createGain();
    const from = startS + atS;
    const ramp = lengthS * RAMP_SHARE;
    gain.gain.value = 0;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(1, from + ramp);
    gain.gain.setValueAtTime(1, from + lengthS - ramp);
    gain.gain.linearRampToValueAtTime(0, from + lengthS);
    tone.connect(gain).connect(all);
    tone.start(from);
    tone.stop(from + lengthS);
    return tone;
  });
  return () => {
    const now = context.currentTime;
    all.gain.cancelScheduledValues(now);
    all.gain.setValueAtTime(burst.level, now);
    all.gain.linearRampToValueAtTime(0, now + FADE_S);
    for (const tone of tones) tone.stop(now + FADE_S);
  };
}
