/**
 * The sound of this screen as a whole: loudspeaker, alarms, test; and what it tells the server about itself.
 */

import { Sounder } from "./sounder.js";
import { SoundTest } from "./sound-test.js";
import { Speaker } from "./speaker.js";

/** @typedef {import("../frames.js").SoundReport} SoundReport */
/** @typedef {import("../frames.js").SoundState} SoundState */

export class ScreenSound {
  #speaker = new Speaker();
  #test = new SoundTest();
  #isSilent;
  #reported = "";
  #startedAt = performance.now();
  sounder;

  /** @param {{isSilent: boolean}} display */
  constructor({ isSilent }) {
    this.#isSilent = isSilent;
    this.sounder = new Sounder(this.#speaker, { isSilent });
    if (!isSilent) this.#speaker.start();
  }

  /**
   * Whether this screen can be heard.
   * @returns {SoundState}
   */
  get state() {
    if (this.#isSilent) return "silent";
    if (!this.#speaker.isOn) return "off";
    return this.#test.last?.wasHeard === false ? "unheard" : "on";
  }

  /**
   * Whether it is off for longer than a loudspeaker takes to start.
   * @param {number} at performance.now()
   * @returns {boolean}
   */
  isOff(at) {
    return this.state === "off" && at - this.#startedAt > 1_000;
  }

  /** @returns {import("./sound-test.js").Tested | null} */
  get lastTest() {
    return this.#test.last;
  }

  /** Plays what nobody takes for an alarm. */
  test() {
    this.#speaker.play("technical", "test");
  }

  /** @param {import("./sound-test.js").Tested} tested */
  remember(tested) {
    this.#test.remember(tested);
  }

  /** The connection is new: the server knows nothing of this screen. */
  forgetReport() {
    this.#reported = "";
  }

  /**
   * Tells the server when there is something new.
   * @param {{screen: string, name: string}} who
   * @param {(report: SoundReport) => boolean} send
   */
  report({ screen, name }, send) {
    /** @type {SoundReport} */
    const report = {
      t: "sound",
      screen,
      name,
      sound: this.state,
      tested_utc_ms: this.#test.last?.wasHeard === true ? this.#test.last.utcMs : null,
    };
    const text = JSON.stringify(report);
    if (text !== this.#reported && send(report)) this.#reported = text;
  }
}
