/**
 * Keeps the screen from going dark. A browser takes the lock away when the page is hidden, so it is asked for again.
 */

export class WakeLock {
  /** @type {WakeLockSentinel | null} */
  #lock = null;
  #isAsking = false;

  /** Asks now and whenever the page is seen again. */
  start() {
    document.addEventListener("visibilitychange", () => this.#ask());
    this.#ask();
  }

  /**
   * Whether the browser has promised it.
   * @returns {boolean}
   */
  get isHeld() {
    return this.#lock !== null && !this.#lock.released;
  }

  #ask() {
    // Only there on https and on the machine itself.
    if (!("wakeLock" in navigator) || document.hidden || this.isHeld || this.#isAsking) return;
    this.#isAsking = true;
    navigator.wakeLock
      .request("screen")
      .then((lock) => {
        this.#lock = lock;
      })
      .catch(() => {
        this.#lock = null;
      })
      .finally(() => {
        this.#isAsking = false;
      });
  }
}
