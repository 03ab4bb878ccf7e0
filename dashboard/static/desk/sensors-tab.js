/**
 * Sensors: what calls around the gateways now, the one that is held to a gateway, the strap that was just tapped, and
 * what the clinic knows of each. What is in range is asked for anew each 2 s and shows its age.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { get } from "../shell/ask.js";
import { dateOf } from "./dates.js";
import { choiceField, formOf, textField } from "./form.js";
import { sayNearest } from "./refusal-words.js";
import { kinds, texts } from "./texts.js";
import { isTapped, Tapping } from "./tapping.js";

/** @typedef {import("./tapping.js").NearbySensor} NearbySensor */
/** @typedef {import("./board.js").KnownSensor} KnownSensor */
/** @typedef {{outcome: string, text: string, sensor: string | null, kind: string | null, rssi_dbm: number | null}} Nearest */

const EVERY_MS = 2_000;
const OLD_MS = 10_000;
/** How much of the bar a strength fills: -100 dBm is hardly heard, -40 dBm lies on the gateway. */
const WEAK_DBM = -100;
const STRONG_DBM = -40;

export class SensorsTab {
  #board;
  /** @type {NearbySensor[]} */
  #nearby = [];
  /** @type {Nearest | null} */
  #nearest = null;
  #isHolding = false;
  /** @type {Tapping | null} */
  #tapping = null;
  /** @type {{id: string, kind: string} | null} */
  #giving = null;
  /** @type {number | undefined} */
  #timer;

  /** @param {import("./board.js").Board} board */
  constructor(board) {
    this.#board = board;
  }

  async load() {
    await Promise.all([this.#board.loadSensors(), this.#board.loadPeople()]);
    this.#nearby = await get("/api/v1/nearby");
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  leave() {
    clearInterval(this.#timer);
    this.#isHolding = false;
    this.#tapping = null;
    this.#giving = null;
    this.#nearest = null;
  }

  view() {
    return html`
      ${this.#board.mayEdit ? nothing : html`<p class="hint">${this.#board.onlyLook}</p>`}
      <div class="columns">
        <section class="card">
          <div class="head"><h2>${texts.inRange}</h2></div>
          <div class="buttons">
            <button type="button" aria-pressed=${this.#isHolding} @click=${() => this.#hold()}>${this.#isHolding ? texts.stop : texts.hold}</button>
            <button type="button" aria-pressed=${this.#tapping !== null} @click=${() => this.#tap()}>${this.#tapping === null ? texts.tap : texts.stop}</button>
          </div>
          <div role="status">${this.#found()}</div>
          ${this.#inRange()}
        </section>
        <section class="card">
          <h2>${texts.known}</h2>
          ${this.#board.sensors.length === 0
            ? html`<p class="empty">${texts.noKnown}</p>`
            : html`<ul class="rows">${this.#board.sensors.map((sensor) => this.#known(sensor))}</ul>`}
        </section>
      </div>
    `;
  }

  #found() {
    if (this.#tapping !== null) {
      return html`<p class="hint">${this.#tapping.secondsLeft > 0 ? texts.tapping(this.#tapping.secondsLeft) : ""} ${texts.tapHow}</p>`;
    }
    if (!this.#isHolding && this.#nearest === null) return nothing;
    const { sensor = null, kind = null } = this.#nearest ?? {};
    if (sensor === null) return html`<p class="hint">${this.#nearest === null ? `${texts.holding} ${texts.holdHow}` : sayNearest(this.#nearest)}</p>`;
    return html`<p><b>${texts.holdFound} ${this.#board.labelOf(sensor)}</b> (${kinds[kind ?? ""] ?? kind})</p>
      ${this.#board.mayEdit ? html`<button type="button" class="primary" @click=${() => this.#give(sensor, kind ?? "strap")}>${texts.give}</button>` : nothing}
      ${this.#giving?.id === sensor && !this.#nearby.some((one) => one.sensor === sensor) ? this.#giveForm(sensor) : nothing}`;
  }

  #inRange() {
    if (this.#nearby.length === 0) {
      const hasGateway = this.#board.shell.room.parts.some((part) => part.part === "gateway" && part.state === "up");
      return html`<p class="empty">${hasGateway ? texts.noneInRange : texts.noGateway}</p>`;
    }
    const order = [...this.#nearby].sort((one, other) => Number(isTapped(this.#tapping, other)) - Number(isTapped(this.#tapping, one)));
    return html`<ul class="rows">${order.map((sensor) => this.#near(sensor))}</ul>`;
  }

  /** @param {NearbySensor} sensor */
  #near(sensor) {
    const known = this.#board.sensors.find((one) => one.id === sensor.sensor);
    const owner = this.#board.person(known?.owner ?? null);
    const wearer = this.#board.person(sensor.participant);
    const tapped = isTapped(this.#tapping, sensor);
    return html`<li class="sensor" data-sensor=${sensor.sensor} data-tapped=${tapped}>
      <div class="sensor-line">
        <b>${known?.label ?? sensor.sensor}</b>
        <span>${kinds[sensor.kind] ?? sensor.kind}</span>
        <span class="meter"><meter min=${WEAK_DBM} max=${STRONG_DBM} value=${sensor.rssi_dbm} aria-label=${texts.signal}></meter>${sensor.rssi_dbm} dBm</span>
        <span>${texts.battery}: ${batteryOf(sensor, known)}</span>
        <small>
          ${[
            tapped ? texts.tapped : "",
            sensor.contact === true ? texts.skin : "",
            wearer !== null ? `${texts.wornBy} ${wearer.alias}` : sensor.leased_to !== null ? texts.inClass : "",
            owner !== null ? `${texts.owner}: ${owner.alias}` : "",
            sensor.age_ms >= OLD_MS ? `${texts.lastSeen} ${Math.floor(sensor.age_ms / 1000)} s` : "",
          ]
            .filter((word) => word !== "")
            .join(" · ")}
        </small>
      </div>
      ${this.#board.mayEdit
        ? html`<button type="button" aria-expanded=${this.#giving?.id === sensor.sensor} @click=${() => this.#give(sensor.sensor, sensor.kind)}>${texts.give}</button>`
        : nothing}
      ${this.#giving?.id === sensor.sensor ? this.#giveForm(sensor.sensor) : nothing}
    </li>`;
  }

  /** @param {KnownSensor} sensor */
  #known(sensor) {
    const owner = this.#board.person(sensor.owner);
    const battery = sensor.battery_pct === null ? texts.unknown : `${sensor.battery_pct} %`;
    const when = sensor.battery_utc_ms === null ? "" : `, ${texts.lastSeen} ${dateOf(sensor.battery_utc_ms, this.#board.shell.room.timeZone)}`;
    const isNear = this.#nearby.some((one) => one.sensor === sensor.id);
    const isOpen = this.#giving?.id === sensor.id && !isNear;
    return html`<li class="sensor" data-known=${sensor.id}>
      <div class="sensor-line">
        <b>${sensor.label}</b>
        <span>${kinds[sensor.kind] ?? sensor.kind}</span>
        <span>${owner?.alias ?? texts.pool}</span>
        <span>${texts.battery}: ${battery}${when}</span>
        ${sensor.note === "" ? nothing : html`<small>${sensor.note}</small>`}
      </div>
      ${this.#board.mayEdit
        ? html`<button type="button" aria-expanded=${isOpen} @click=${() => this.#give(sensor.id, sensor.kind)}>${texts.give}</button>
            <button type="button" class="quiet" @click=${() => this.#forget(sensor)}>${texts.forget}</button>`
        : nothing}
      ${isOpen ? this.#giveForm(sensor.id) : nothing}
    </li>`;
  }

  /** @param {string} id */
  #giveForm(id) {
    const known = this.#board.sensors.find((one) => one.id === id);
    /** @type {[string, string][]} */
    const people = this.#board.people.filter((one) => !one.is_archived).map((one) => [one.id, one.alias]);
    return html`<form class="fields give" @submit=${(/** @type {SubmitEvent} */ event) => this.#keep(event)}>
      ${textField({ name: "label", label: texts.label, value: known?.label ?? "", hint: texts.labelHow, max: 40, required: true })}
      ${choiceField({ name: "owner", label: texts.giveTo, value: known?.owner ?? "", options: [["", texts.pool], ...people] })}
      ${textField({ name: "note", label: texts.note, value: known?.note ?? "", max: 400 })}
      <div class="buttons">
        <button type="submit" class="primary">${texts.save}</button>
        <button type="button" class="quiet" @click=${() => this.#give("", "")}>${texts.cancel}</button>
      </div>
    </form>`;
  }

  /**
   * @param {string} id
   * @param {string} kind
   */
  #give(id, kind) {
    this.#giving = id === "" || this.#giving?.id === id ? null : { id, kind };
    this.#board.fresh();
    /** @type {HTMLInputElement | null} */
    const first = document.querySelector("form.give input");
    first?.focus();
  }

  /** @param {SubmitEvent} event */
  async #keep(event) {
    const form = formOf(event);
    const giving = this.#giving;
    if (giving === null) return;
    const body = { kind: giving.kind, label: form.text("label"), owner: form.text("owner") || null, note: form.text("note") };
    await this.#board.act(async () => {
      await this.#board.send("PUT", `/api/v1/sensors/${encodeURIComponent(giving.id)}`, body);
      await Promise.all([this.#board.loadSensors(), this.#board.loadPeople()]);
      this.#giving = null;
      this.#nearest = null;
    }, texts.saved);
  }

  /** @param {KnownSensor} sensor */
  async #forget(sensor) {
    await this.#board.act(async () => {
      await this.#board.send("DELETE", `/api/v1/sensors/${encodeURIComponent(sensor.id)}`);
      await this.#board.loadSensors();
    }, texts.saved);
  }

  #hold() {
    this.#isHolding = !this.#isHolding;
    this.#nearest = null;
    this.#tapping = null;
    void this.#look();
  }

  #tap() {
    this.#tapping = this.#tapping === null ? new Tapping(this.#nearby, performance.now()) : null;
    this.#isHolding = false;
    this.#nearest = null;
    this.#board.draw();
  }

  /** Asks what is in range, and what is held to a gateway; that the server is away is said on top of the page. */
  async #look() {
    if (document.hidden) return;
    const [nearby, nearest] = await Promise.all([
      get("/api/v1/nearby").catch(() => this.#nearby),
      this.#isHolding ? get("/api/v1/sensors/nearest").catch(() => null) : null,
    ]);
    this.#nearby = nearby;
    this.#tapping?.hear(nearby, performance.now());
    if (this.#isHolding && nearest !== null) {
      this.#nearest = nearest;
      if (nearest.sensor !== null) this.#isHolding = false;
    }
    this.#board.draw();
  }
}

/**
 * @param {NearbySensor} sensor
 * @param {KnownSensor | undefined} known
 */
function batteryOf(sensor, known) {
  if (sensor.battery_low !== null) return sensor.battery_low ? texts.batteryLow : texts.batteryOk;
  return known?.battery_pct == null ? texts.unknown : `${known.battery_pct} %`;
}
