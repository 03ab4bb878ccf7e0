/**
 * The phone shakes while it sounds: once at the start and again and again while nobody has taken what is high.
 */

const SHAKE = { high: [400, 150, 400, 150, 400], medium: [300, 200, 300] };
const AGAIN_MS = { high: 5_000, medium: 15_000 };

export class Vibration {
  #key = "";
  #shookAt = Number.NEGATIVE_INFINITY;

  /**
   * Follows what sounds; called a few times a second.
   * @param {string} key what calls; empty: nothing
   * @param {"high" | "medium"} level
   * @param {number} at performance.now()
   */
  follow(key, level, at) {
    const isNews = key !== "" && key !== this.#key;
    const isAgain = key !== "" && at - this.#shookAt >= AGAIN_MS[level];
    this.#key = key;
    if (!isNews && !isAgain) return;
    this.#shookAt = at;
    // Not there on iPhones and on most computers; before the first touch a browser refuses it, and says so in its console.
    if ("vibrate" in navigator && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate(SHAKE[level]);
  }
}
