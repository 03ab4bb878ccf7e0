/**
 * The loudspeaker of this screen: the audio context, whether it really runs, and what is played on it.
 *
 * A browser keeps a page silent until somebody has touched it, and an audio device can vanish: so the speaker says "off"
 * unless its clock is seen to go on.
 */

import { burstOf } from "./burst.js";
import { playBurst } from "./synthesis.js";

const STUCK_MS = 3_000;
const LEAD_S = 0.03;
const GESTURES = /** @type {const} */ (["pointerdown", "keydown", "click"]);

export class Speaker {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {(() => void) | null} */
  #stop = null;
  #clockS = Number.NaN;
  #clockAt = 0;
  #isStuck = false;

  /** Opens the loudspeaker as soon as the browser lets us: at once on a kiosk, else with the first touch. */
  start() {
    for (const gesture of GESTURES) document.addEventListener(gesture, () => this.#wake(), { capture: true, passive: true });
    this.#wake();
  }

  /**
   * Whether a burst would be heard, as far as a page can know.
   * @returns {boolean}
   */
  get isOn() {
    return this.#context?.state === "running" && !this.#isStuck;
  }

  /**
   * Looks whether the audio clock goes on; called a few times a second.
   * @param {number} at performance.now()
   */
  check(at) {
    const context = this.#context;
    if (context === null) return;
    if (context.state === "closed") {
      this.#open();
      return;
    }
    if (context.state !== "running" || context.currentTime !== this.#clockS) {
      this.#clockS = context.currentTime;
      this.#clockAt = at;
      this.#isStuck = false;
    } else if (at - this.#clockAt > STUCK_MS) {
      this.#isStuck = true;
    }
  }

  /**
   * Plays a burst in place of what may be playing.
   * @param {import("./burst.js").Voice} voice
   * @param {import("./burst.js").Level} level
   * @returns {import("./burst.js").Burst}
   */
  play(voice, level) {
    const burst = burstOf(voice, level);
    this.stop();
    if (this.#context !== null && this.isOn) {
      this.#stop = playBurst(this.#context, burst, this.#context.currentTime + LEAD_S);
    }
    return burst;
  }

  /** Silence, at once. */
  stop() {
    this.#stop?.();
    this.#stop = null;
  }

  #wake() {
    if (this.#context === null || this.#context.state === "closed") this.#open();
    // Refused without a touch: the state says so, and the page shows it.
    if (this.#context?.state !== "running") this.#context?.resume().catch(() => undefined);
  }

  #open() {
    this.#stop = null;
    try {
      this.#context = new AudioContext({ latencyHint: "interactive" });
    } catch {
      this.#context = null;
    }
  }
}
