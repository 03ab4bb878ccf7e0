/**
 * The form of one class plan: name, days, phases, staff, seats. It keeps what is typed until it is saved.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { post } from "../shell/ask.js";
import { phases } from "../texts.js";
import { weekdayOf } from "./dates.js";
import { SeatBoard } from "./seat-board.js";
import { roles, texts } from "./texts.js";

/** @typedef {import("./board.js").Plan} Plan */
/** @typedef {import("./board.js").PlanBody} PlanBody */

const WEEK = [1, 2, 3, 4, 5, 6, 7];
const SEATS_AT_FIRST = 6;

export class PlanForm {
  #board;
  #plan;
  #done;
  #seats;
  #name;
  #room;
  /** @type {Set<number>} */
  #weekdays;
  #time;
  #first;
  #last;
  /** @type {{phase: string, minute: string}[]} */
  #phases;
  /** @type {Map<string, import("./board.js").PlanStaff>} */
  #staff;

  /**
   * @param {import("./board.js").Board} board
   * @param {Plan | null} plan null: a new one
   * @param {() => void} done
   */
  constructor(board, plan, done) {
    this.#board = board;
    this.#plan = plan;
    this.#done = done;
    const body = plan?.plan ?? null;
    this.#name = body?.name ?? "";
    this.#room = body?.room ?? "";
    this.#weekdays = new Set(body?.series?.weekdays ?? []);
    this.#time = body?.series?.time ?? "10:00";
    this.#first = body?.series?.first_date ?? new Date().toISOString().slice(0, 10);
    this.#last = body?.series?.last_date ?? "";
    const planned = body?.phases ?? [
      { phase: "warm_up", at_s: 0 },
      { phase: "training", at_s: 600 },
      { phase: "cool_down", at_s: 2_400 },
      { phase: "recovery", at_s: 3_000 },
    ];
    this.#phases = planned.map(({ phase, at_s: at }) => ({ phase, minute: String(at / 60) }));
    this.#staff = new Map((body?.staff ?? []).map((one) => [one.staff, one]));
    this.#seats = new SeatBoard(board, body?.seats ?? [], SEATS_AT_FIRST);
  }

  view() {
    return html`<form class="plan-form" @submit=${(/** @type {SubmitEvent} */ event) => this.#save(event)}>
      <section class="card fields">
        <h2>${this.#plan?.plan.name ?? texts.planNew}</h2>
        <div class="numbers">
          ${this.#field("plan-name", texts.planName, "text", this.#name, (value) => (this.#name = value), true)}
          ${this.#field("plan-room", texts.room, "text", this.#room, (value) => (this.#room = value))}
        </div>
        <fieldset>
          <legend>${texts.series}</legend>
          <div class="chips">
            ${WEEK.map(
              (day) => html`<button type="button" aria-pressed=${this.#weekdays.has(day)} @click=${() => this.#toggleDay(day)}>${weekdayOf(day)}</button>`,
            )}
          </div>
          ${this.#weekdays.size === 0
            ? html`<p class="hint">${texts.seriesHow}</p>`
            : html`<div class="numbers">
                ${this.#field("plan-time", texts.time, "time", this.#time, (value) => (this.#time = value), true)}
                ${this.#field("plan-first", texts.firstDate, "date", this.#first, (value) => (this.#first = value), true)}
                ${this.#field("plan-last", texts.lastDate, "date", this.#last, (value) => (this.#last = value))}
              </div>`}
        </fieldset>
      </section>
      <section class="card fields">
        <h2>${texts.seats}</h2>
        ${this.#seats.view()}
      </section>
      <section class="card fields">
        <h2>${texts.phasesTitle}</h2>
        ${this.#phases.map((planned, at) => this.#phaseRow(planned, at))}
        <div class="buttons"><button type="button" @click=${() => this.#addPhase()}>${texts.addPhase}</button></div>
      </section>
      <section class="card fields">
        <h2>${texts.planStaff}</h2>
        ${this.#board.staff.length === 0 ? html`<p class="empty">${texts.noStaff}</p>` : this.#board.staff.filter((one) => !one.is_disabled).map((one) => this.#staffRow(one))}
      </section>
      <div class="buttons bar">
        <button type="submit" class="primary" ?disabled=${this.#board.isBusy}>${texts.save}</button>
        <button type="button" class="quiet" @click=${this.#done}>${texts.cancel}</button>
        ${this.#plan === null ? nothing : html`<button type="button" class="quiet" @click=${() => this.#remove()}>${texts.deletePlan}</button>`}
      </div>
    </form>`;
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {string} type
   * @param {string} value
   * @param {(value: string) => void} take
   * @param {boolean} [required]
   */
  #field(name, label, type, value, take, required = false) {
    return html`<div class="field">
      <label for="f-${name}">${label}</label>
      <input id="f-${name}" type=${type} autocomplete="off" maxlength="120" ?required=${required} .value=${value} @input=${(/** @type {Event} */ event) => take(valueOf(event))} />
    </div>`;
  }

  /**
   * @param {{phase: string, minute: string}} planned
   * @param {number} at
   */
  #phaseRow(planned, at) {
    return html`<div class="phase-row">
      <select aria-label="${texts.phase} ${at + 1}" .value=${planned.phase} @change=${(/** @type {Event} */ event) => (planned.phase = valueOf(event))}>
        ${Object.entries(phases).map(([phase, words]) => html`<option value=${phase} ?selected=${phase === planned.phase}>${words}</option>`)}
      </select>
      <label for="f-minute-${at}">${texts.minute}</label>
      <input id="f-minute-${at}" type="number" min="0" max="1440" step="0.5" required .value=${planned.minute} @input=${(/** @type {Event} */ event) => (planned.minute = valueOf(event))} />
      <button type="button" class="quiet" @click=${() => this.#dropPhase(at)}>${texts.remove}</button>
    </div>`;
  }

  /** @param {import("./board.js").Member} member */
  #staffRow(member) {
    const planned = this.#staff.get(member.id);
    const seated = this.#seats.people();
    return html`<div class="staff-row">
      <label class="check"><input type="checkbox" .checked=${planned !== undefined} @change=${() => this.#toggleStaff(member)} />${member.initials} ${member.id}</label>
      ${planned === undefined
        ? nothing
        : html`<select aria-label="${texts.role}: ${member.id}" @change=${(/** @type {Event} */ event) => this.#staff.set(member.id, { ...planned, role: valueOf(event) })}>
              ${Object.entries(roles).map(([role, words]) => html`<option value=${role} ?selected=${role === planned.role}>${words}</option>`)}
            </select>
            <div class="chips" role="group" aria-label="${texts.ownPeople}: ${member.id}">
              <span class="hint">${texts.ownPeople}:</span>
              ${seated.map(
                (person) => html`<button type="button" aria-pressed=${planned.own.includes(person)} @click=${() => this.#toggleOwn(planned, person)}>
                  ${this.#board.person(person)?.alias ?? person}
                </button>`,
              )}
            </div>`}
    </div>`;
  }

  /** @param {number} day */
  #toggleDay(day) {
    if (!this.#weekdays.delete(day)) this.#weekdays.add(day);
    this.#board.draw();
  }

  /** @param {import("./board.js").Member} member */
  #toggleStaff(member) {
    if (!this.#staff.delete(member.id)) this.#staff.set(member.id, { staff: member.id, role: member.duty_role, own: [] });
    this.#board.draw();
  }

  /**
   * @param {import("./board.js").PlanStaff} planned
   * @param {string} person
   */
  #toggleOwn(planned, person) {
    const own = planned.own.includes(person) ? planned.own.filter((one) => one !== person) : [...planned.own, person];
    this.#staff.set(planned.staff, { ...planned, own });
    this.#board.draw();
  }

  #addPhase() {
    const last = Number(this.#phases.at(-1)?.minute ?? "-10");
    this.#phases.push({ phase: "training", minute: String(last + 10) });
    this.#board.draw();
  }

  /** @param {number} at */
  #dropPhase(at) {
    this.#phases.splice(at, 1);
    this.#board.draw();
  }

  /** @returns {PlanBody} */
  #body() {
    const seats = this.#seats.seats();
    const seated = new Set(seats.map((seat) => seat.person));
    const series =
      this.#weekdays.size === 0
        ? null
        : { weekdays: [...this.#weekdays].sort(), time: this.#time.slice(0, 5), first_date: this.#first, last_date: this.#last || null };
    return {
      name: this.#name,
      room: this.#room.trim() || null,
      phases: this.#phases.map(({ phase, minute }) => ({ phase, at_s: Number(minute) * 60 })),
      seats,
      staff: [...this.#staff.values()].map((one) => ({ ...one, own: one.own.filter((person) => seated.has(person)) })),
      series,
    };
  }

  /** @param {SubmitEvent} event */
  async #save(event) {
    event.preventDefault();
    const plan = this.#plan;
    const isKept = await this.#board.act(async () => {
      if (plan === null) await post("/api/v1/plans", this.#body());
      else await this.#board.send("PUT", `/api/v1/plans/${plan.id}`, this.#body());
    }, texts.saved);
    if (isKept) this.#done();
    else document.querySelector(".refusal")?.scrollIntoView({ block: "center" });
  }

  async #remove() {
    const isKept = await this.#board.act(async () => {
      await this.#board.send("DELETE", `/api/v1/plans/${this.#plan?.id}`);
    }, texts.saved);
    if (isKept) this.#done();
  }
}

/** @param {Event} event */
function valueOf(event) {
  return /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target).value;
}
