/**
 * Walls and tablets: letting them in by a one-time code or where one stands, and shutting them out.
 */

import { html } from "/static/vendor/lit-html.js";
import { dateOf } from "../desk/dates.js";
import { formOf, textField, tickField } from "../desk/form.js";
import { get, post } from "../shell/ask.js";
import { deviceKinds, texts } from "./texts.js";

/** @typedef {{name: string, kind: string, room: string, sees_names: boolean, created_utc_ms: number}} Device */

export class DevicesTab {
  #office;
  /** @type {Device[]} */
  #devices = [];

  /** @param {import("./admin.js").Office} office */
  constructor(office) {
    this.#office = office;
  }

  async load() {
    this.#devices = await get("/api/v1/devices");
  }

  view() {
    const { me } = this.#office.shell;
    return html`<div class="columns">
      <section class="card">
        <h2>${texts.pairWall}</h2>
        <form class="fields" id="pair-wall" @submit=${(/** @type {SubmitEvent} */ event) => this.#pairWall(event)}>
          <p class="hint">${texts.pairWallHow}</p>
          ${textField({ name: "code", label: texts.code, value: "", max: 8, required: true })}
          ${textField({ name: "wall-name", label: texts.deviceName, value: "", hint: texts.deviceNameHow, max: 32, required: true })}
          ${tickField({ name: "sees-names", label: texts.seesNames, isOn: false })}
          <div class="buttons"><button type="submit" class="primary">${texts.pair}</button></div>
        </form>
        <h2>${texts.pairTablet}</h2>
        ${me?.tablet != null
          ? html`<p>${texts.isTablet} <b>${me.tablet}</b>.</p>`
          : html`<form class="fields" id="pair-tablet" @submit=${(/** @type {SubmitEvent} */ event) => this.#pairTablet(event)}>
              <p class="hint">${texts.pairTabletHow}</p>
              ${textField({ name: "tablet-name", label: texts.deviceName, value: "", hint: texts.deviceNameHow, max: 32, required: true })}
              <div class="buttons"><button type="submit">${texts.pair}</button></div>
            </form>`}
      </section>
      <section class="card">
        <h2>${texts.devices}</h2>
        ${this.#devices.length === 0
          ? html`<p class="empty">${texts.noDevices}</p>`
          : html`<ul class="rows">${this.#devices.map((device) => this.#device(device))}</ul>`}
      </section>
    </div>`;
  }

  /** @param {Device} device */
  #device(device) {
    const names = device.kind === "display" ? ` · ${device.sees_names ? texts.withNames : texts.seatsOnly}` : "";
    return html`<li class="plan" data-device=${device.name}>
      <div>
        <b>${device.name}</b>
        <span>${deviceKinds[device.kind]}, ${device.room}${names} · ${dateOf(device.created_utc_ms, this.#office.shell.room.timeZone)}</span>
      </div>
      <button type="button" @click=${() => this.#revoke(device)}>${texts.revoke}</button>
    </li>`;
  }

  /** @param {SubmitEvent} event */
  async #pairWall(event) {
    const form = formOf(event);
    const page = /** @type {HTMLFormElement} */ (event.currentTarget);
    const body = { code: form.text("code"), name: form.text("wall-name"), sees_names: form.isOn("sees-names") };
    const isDone = await this.#office.act(async () => {
      await post("/api/v1/displays", body);
      await this.load();
    }, texts.saved);
    if (isDone) page.reset();
  }

  /** @param {SubmitEvent} event */
  async #pairTablet(event) {
    const form = formOf(event);
    await this.#office.act(async () => {
      await post("/api/v1/tablets", { name: form.text("tablet-name") });
      await this.load();
      await this.#office.shell.lookAgain();
    }, texts.saved);
  }

  /** @param {Device} device */
  async #revoke(device) {
    await this.#office.act(async () => {
      this.#devices = await post(`/api/v1/devices/${device.name}/revoke`);
    }, texts.saved);
  }
}
