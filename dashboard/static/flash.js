/**
 * Keeps everything that flashes in phase: all flash animations run on one timeline with one start.
 *
 * The start comes from the server's time, so that two walls in a room flash together.
 */

/** A whole number of periods of both: 10 of 500 ms (2 Hz), 3 of 1667 ms (0.6 Hz). */
const COMMON_MS = 5_000;

export class Flash {
  #start = 0;
  #epoch = "";

  /** Follows every flash that begins anywhere on the page. */
  constructor() {
    document.addEventListener("animationstart", () => this.#align());
  }

  /**
   * Takes the server's time, once for each start of the server.
   * @param {string} epoch
   * @param {number} serverMs
   * @param {number} rate
   */
  follow(epoch, serverMs, rate) {
    const now = document.timeline.currentTime;
    if (epoch === this.#epoch || typeof now !== "number" || !Number.isFinite(serverMs)) return;
    this.#epoch = epoch;
    this.#start = now - ((serverMs / rate) % COMMON_MS);
    this.#align();
  }

  #align() {
    for (const animation of document.getAnimations()) {
      if (!(animation instanceof CSSAnimation) || !animation.animationName.startsWith("flash")) continue;
      if (animation.startTime !== this.#start) animation.startTime = this.#start;
    }
  }
}
