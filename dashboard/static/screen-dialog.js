/**
 * What somebody does at this screen itself: pause the sound, test it, see whether everything on an alarm's way lives.
 */

import { INITIALS_MAX, isSigned, rememberedInitials, rememberInitials } from "./initials.js";
import { mark, must, put, writeLine } from "./line.js";
import { texts } from "./texts.js";

/** @typedef {{name: string, text: string, isWell: boolean}} Station */

const LEFT_OPEN_MS = 60_000;

/**
 * What the dialog tells while it is open.
 * @typedef {object} State
 * @property {readonly Station[]} stations
 * @property {string} sound
 * @property {boolean} isPaused
 * @property {boolean} canSound
 * @property {boolean} isAwake
 */

export class ScreenDialog {
  #dialog = /** @type {HTMLDialogElement} */ (must("screen"));
  #initials = /** @type {HTMLInputElement} */ (must("screen-initials"));
  #pause = /** @type {HTMLButtonElement} */ (must("pause"));
  #test = /** @type {HTMLButtonElement} */ (must("test"));
  #answers = must("test-answers");
  #stations = must("stations");
  #isPaused = false;
  /** @type {number | undefined} */
  #timer;

  /** @param {{onPause: (isPaused: boolean, by: string) => void, onTest: () => void, onTested: (wasHeard: boolean, by: string) => void}} wishes */
  constructor({ onPause, onTest, onTested }) {
    this.#initials.maxLength = INITIALS_MAX;
    writeLine(must("screen-title"), texts.thisScreen);
    writeLine(must("screen-initials-label"), texts.initials);
    writeLine(must("test-how"), texts.testSoundHow);
    writeLine(must("stations-title"), texts.alarmPath);
    writeLine(this.#test, texts.testSound);
    writeLine(must("heard"), texts.heard);
    writeLine(must("not-heard"), texts.notHeard);
    writeLine(must("screen-close"), texts.close);
    this.#dialog.addEventListener("close", () => clearTimeout(this.#timer));
    this.#dialog.addEventListener("input", () => this.#stay());
    must("screen-close").addEventListener("click", () => this.#dialog.close());
    this.#pause.addEventListener("click", () => this.#withInitials((by) => {
      onPause(!this.#isPaused, by);
      this.#dialog.close();
    }));
    this.#test.addEventListener("click", () => {
      this.#stay();
      this.#answers.hidden = false;
      onTest();
    });
    for (const [id, wasHeard] of /** @type {const} */ ([["heard", true], ["not-heard", false]])) {
      must(id).addEventListener("click", () => this.#withInitials((by) => {
        this.#answers.hidden = true;
        onTested(wasHeard, by);
      }));
    }
  }

  open() {
    if (this.#dialog.open) return;
    this.#initials.value = rememberedInitials();
    for (const id of ["screen-initials-label", "screen-initials"]) must(id).hidden = isSigned();
    this.#answers.hidden = true;
    this.#dialog.showModal();
    this.#stay();
    if (this.#initials.value === "") this.#initials.focus();
    else this.#pause.focus();
  }

  /**
   * Keeps what it tells true while it is open.
   * @param {() => State} state asked only when somebody looks
   */
  show(state) {
    if (!this.#dialog.open) return;
    const { stations, sound, isPaused, canSound, isAwake } = state();
    this.#isPaused = isPaused;
    writeLine(this.#pause, isPaused ? texts.soundAgain : texts.pauseSound);
    writeLine(must("sound-state"), sound);
    writeLine(must("awake"), isAwake ? texts.staysOn : texts.mayGoDark);
    this.#test.disabled = !canSound;
    while (this.#stations.children.length > stations.length) this.#stations.lastElementChild?.remove();
    for (const [index, { name, text, isWell }] of stations.entries()) {
      const before = this.#stations.children[index];
      const line = before instanceof HTMLElement ? before : put(this.#stations, "li", "");
      writeLine(line, `${isWell ? "✓" : "◆"} ${name}: ${text}`);
      mark(line, "well", isWell ? "yes" : "no");
    }
  }

  /** @param {(by: string) => void} then */
  #withInitials(then) {
    this.#stay();
    const by = this.#initials.value.trim();
    if (by === "") {
      this.#initials.value = "";
      this.#initials.focus();
      return;
    }
    rememberInitials(by);
    then(by);
  }

  #stay() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#dialog.close(), LEFT_OPEN_MS);
  }
}
