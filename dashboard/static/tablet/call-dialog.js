/**
 * Calling nobody for one alarm of one person for some minutes: who, why and how long are kept, and every screen says it.
 */

import { html } from "/static/vendor/lit-html.js";

import { Refused, post } from "../shell/ask.js";
import { low } from "./alarms-panel.js";
import { texts } from "./texts.js";
import { WhyDialog } from "./why-dialog.js";

const MINUTES = [2, 5, 10, 30];
const WHYS = [texts.reasonWithPerson, texts.reasonSensor, texts.reasonAgreed];

export class CallDialog {
  #shell;
  #dialog;
  /** @type {import("../frames.js").AlarmView | null} */
  #alarm = null;
  #minutes = 5;

  /** @param {import("../shell/shell.js").Shell} shell */
  constructor(shell) {
    this.#shell = shell;
    this.#dialog = new WhyDialog(shell, {
      name: "call",
      usual: WHYS,
      head: () => this.#head(),
      send: (why) => post(`/api/v1/alarms/${this.#alarm?.id}/off`, { seconds: 60 * this.#minutes, why }),
      submit: texts.save,
    });
  }

  /** @param {import("../frames.js").AlarmView} alarm */
  open(alarm) {
    this.#alarm = alarm;
    this.#minutes = 5;
    this.#dialog.open();
  }

  /**
   * Calls people again.
   * @param {import("../frames.js").AlarmView} alarm
   */
  async again(alarm) {
    try {
      await post(`/api/v1/alarms/${alarm.id}/off`, { seconds: 0, why: texts.callAgain });
      this.#shell.say(texts.saved);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#shell.say(`${texts.notSaved} ${error.message}`);
    }
  }

  #head() {
    return html`<h2 id="call-title">${texts.callNobodyTitle}: ${low(this.#alarm?.text ?? "")}</h2>
      <p>${texts.callNobodyHow}</p>
      <div class="shell-buttons" role="group" aria-label=${texts.minutes}>
        ${MINUTES.map((minutes) => html`<button type="button" aria-pressed=${String(minutes === this.#minutes)} @click=${() => {
          this.#minutes = minutes;
          this.#dialog.paint();
        }}>${minutes} min</button>`)}
      </div>`;
  }
}
