/**
 * Calling nobody for one alarm of one person for some minutes: who, why and how long are kept, and every screen says it.
 */

import { html, render } from "/static/vendor/lit-html.js";

import { Refused, post } from "../shell/ask.js";
import { low } from "./alarms-panel.js";
import { texts } from "./texts.js";
import { whyField } from "./why-field.js";

const MINUTES = [2, 5, 10, 30];
const WHYS = [texts.reasonWithPerson, texts.reasonSensor, texts.reasonAgreed];

export class CallDialog {
  #shell;
  #dialog = document.createElement("dialog");
  /** @type {import("../frames.js").AlarmView | null} */
  #alarm = null;
  #minutes = 5;
  #why = "";
  #refusal = "";

  /** @param {import("../shell/shell.js").Shell} shell */
  constructor(shell) {
    this.#shell = shell;
    this.#dialog.setAttribute("aria-labelledby", "call-title");
    document.body.append(this.#dialog);
  }

  /** @param {import("../frames.js").AlarmView} alarm */
  open(alarm) {
    this.#alarm = alarm;
    this.#minutes = 5;
    this.#why = this.#refusal = "";
    this.#paint();
    this.#dialog.showModal();
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

  #paint() {
    render(
      html`<form class="shell-form" @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        void this.#save();
      }}>
        <h2 id="call-title">${texts.callNobodyTitle}: ${low(this.#alarm?.text ?? "")}</h2>
        <p>${texts.callNobodyHow}</p>
        <div class="shell-buttons" role="group" aria-label=${texts.minutes}>
          ${MINUTES.map((minutes) => html`<button type="button" aria-pressed=${String(minutes === this.#minutes)} @click=${() => {
            this.#minutes = minutes;
            this.#paint();
          }}>${minutes} min</button>`)}
        </div>
        <label for="call-why">${texts.reason}</label>
        ${whyField({
          id: "call-why",
          usual: WHYS,
          why: this.#why,
          onTap: (why) => {
            this.#why = why;
            this.#paint();
          },
          onType: (why) => {
            this.#why = why;
          },
        })}
        <p class="shell-refusal" role="alert">${this.#refusal}</p>
        <div class="shell-buttons">
          <button type="submit" class="primary">${texts.save}</button>
          <button type="button" @click=${() => this.#dialog.close()}>${texts.cancel}</button>
        </div>
      </form>`,
      this.#dialog,
    );
  }

  async #save() {
    if (this.#alarm === null) return;
    try {
      await post(`/api/v1/alarms/${this.#alarm.id}/off`, { seconds: 60 * this.#minutes, why: this.#why.trim() });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refusal = `${texts.notSaved} ${error.message}`;
      this.#paint();
      return;
    }
    this.#dialog.close();
    this.#shell.say(texts.saved);
  }
}
