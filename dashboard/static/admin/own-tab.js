/**
 * The own login: PIN for paired tablets, and emergency access with its reason.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { timeOfDay } from "../format.js";
import { formOf, textField } from "../desk/form.js";
import { get, post } from "../shell/ask.js";
import { roles, texts } from "./texts.js";

/** @typedef {{who: string, until_utc_ms: number, why: string}} Access */

export class OwnTab {
  #office;
  /** @type {Access[]} */
  #access = [];

  /** @param {import("./admin.js").Office} office */
  constructor(office) {
    this.#office = office;
  }

  async load() {
    this.#access = await get("/api/v1/emergency");
  }

  view() {
    const { me } = this.#office.shell;
    return html`<div class="columns">
      <section class="card">
        <h2>${texts.ownTitle} ${me?.who ?? ""} ${me?.role == null ? "" : `(${roles[me.role] ?? me.role})`}</h2>
        <h3>${texts.pinTitle}</h3>
        ${me?.is_open ? html`<p class="hint">${texts.pinOpen}</p>` : this.#pin(me?.has_pin ?? false)}
      </section>
      <section class="card">
        <h2>${texts.emergencyTitle}</h2>
        ${this.#emergency()}
        <h3>${texts.emergencyNow}</h3>
        ${this.#access.length === 0
          ? html`<p class="hint">${texts.emergencyNobody}</p>`
          : html`<ul class="plain">${this.#access.map((one) => this.#accessLine(one))}</ul>`}
      </section>
    </div>`;
  }

  /** @param {boolean} hasPin */
  #pin(hasPin) {
    return html`<form class="fields" id="own-pin" @submit=${(/** @type {SubmitEvent} */ event) => this.#setPin(event)}>
      <p class="hint">${texts.pinHow} ${hasPin ? texts.hasPin : texts.noPin}.</p>
      ${textField({ name: "own-password", label: texts.ownPassword, value: "", type: "password", max: 200, required: true })}
      ${textField({ name: "pin", label: texts.pin, value: "", type: "password", max: 6 })}
      <div class="buttons">
        <button type="submit" class="primary" name="what" value="set">${texts.setPin}</button>
        ${hasPin ? html`<button type="submit" class="quiet" name="what" value="remove">${texts.removePin}</button>` : nothing}
      </div>
    </form>`;
  }

  #emergency() {
    if (this.#office.shell.may("see_past") && this.#office.shell.me?.emergency_until_utc_ms == null) {
      return html`<p class="hint">${texts.notNeeded}</p>`;
    }
    return html`<form class="fields" id="own-emergency" @submit=${(/** @type {SubmitEvent} */ event) => this.#takeAccess(event)}>
      <p class="hint">${texts.emergencyHow}</p>
      ${textField({ name: "emergency-why", label: texts.emergencyWhy, value: "", hint: texts.emergencyWhyHow, max: 400, required: true })}
      <div class="buttons"><button type="submit" class="danger">${texts.emergencyTake}</button></div>
    </form>`;
  }

  /** @param {Access} access */
  #accessLine({ who, why, until_utc_ms: until }) {
    return html`<li><b>${who}</b> ${texts.until} ${timeOfDay(until, this.#office.shell.room.timeZone, false)}: ${why}</li>`;
  }

  /** @param {SubmitEvent} event */
  async #setPin(event) {
    const form = formOf(event);
    const page = /** @type {HTMLFormElement} */ (event.currentTarget);
    const isRemoval = event.submitter instanceof HTMLButtonElement && event.submitter.value === "remove";
    const body = { password: form.text("own-password"), pin: isRemoval ? null : form.text("pin") };
    const isDone = await this.#office.act(async () => {
      await post("/api/v1/me/pin", body);
      await this.#office.shell.lookAgain();
    }, texts.saved);
    if (isDone) page.reset();
  }

  /** @param {SubmitEvent} event */
  async #takeAccess(event) {
    const form = formOf(event);
    const page = /** @type {HTMLFormElement} */ (event.currentTarget);
    const isDone = await this.#office.act(async () => {
      await post("/api/v1/emergency", { why: form.text("emergency-why") });
      await this.load();
      await this.#office.shell.lookAgain();
    }, texts.saved);
    if (isDone) page.reset();
  }
}
