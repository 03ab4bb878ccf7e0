/**
 * The server's clock as the page sees it. Every age on the page comes from here; the page's own date is never asked.
 *
 * A frame arrives later than it was sent, never earlier, so the smallest difference between our clock and its stamp is
 * the best guess of the offset. The smallest of the last 5 to 10 minutes is kept, not of all time: two quartz clocks
 * drift apart by some 50 ppm, which over a day would be 4 s, and every value would look stale.
 */

/** @typedef {import("./frames.js").Frame} Frame */

const WINDOW_MS = 5 * 60_000;

export class ServerClock {
  /** @type {string | null} */
  #epoch = null;
  #rate = 1;
  #windowFrom = 0;
  #offset = Number.POSITIVE_INFINITY;
  #offsetBefore = Number.POSITIVE_INFINITY;
  #utcOffset = 0;

  /**
   * Takes the stamps of a frame that arrived at `at` (performance.now()); returns its age in ms of real time.
   * @param {Pick<Frame, "epoch" | "rate" | "server_mono_ms" | "utc_ms">} frame
   * @param {number} at
   * @returns {number}
   */
  hear(frame, at) {
    if (frame.epoch !== this.#epoch || frame.rate !== this.#rate) {
      this.forget();
      this.#epoch = frame.epoch;
      this.#rate = frame.rate;
      this.#windowFrom = at;
    } else if (at - this.#windowFrom > WINDOW_MS) {
      this.#offsetBefore = this.#offset;
      this.#offset = Number.POSITIVE_INFINITY;
      this.#windowFrom = at;
    }
    this.#offset = Math.min(this.#offset, at * frame.rate - frame.server_mono_ms);
    this.#utcOffset = frame.utc_ms - frame.server_mono_ms;
    return (this.now(at) - frame.server_mono_ms) / frame.rate;
  }

  /** Starts anew: what was learned is worthless, for example because the machine slept. */
  forget() {
    this.#epoch = null;
    this.#offset = Number.POSITIVE_INFINITY;
    this.#offsetBefore = Number.POSITIVE_INFINITY;
  }

  /**
   * The server's monotonic milliseconds at `at`; NaN before the first frame.
   * @param {number} at
   * @returns {number}
   */
  now(at) {
    const offset = Math.min(this.#offset, this.#offsetBefore);
    return Number.isFinite(offset) ? at * this.#rate - offset : Number.NaN;
  }

  /**
   * The server's UTC milliseconds for one of its monotonic times.
   * @param {number} serverMs
   * @returns {number}
   */
  utcOf(serverMs) {
    return serverMs + this.#utcOffset;
  }

  /**
   * How many server milliseconds pass in one of ours.
   * @returns {number}
   */
  get rate() {
    return this.#rate;
  }
}
