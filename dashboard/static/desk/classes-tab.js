/**
 * Classes: those of today with a button to begin, and all plans with the form of one.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { timeOfDay } from "../format.js";
import { get, post } from "../shell/ask.js";
import { dayOf, weekdayOf } from "./dates.js";
import { PlanForm } from "./plan-form.js";
import { texts } from "./texts.js";

/** @typedef {import("./board.js").Plan} Plan */
/** @typedef {{plan: string, name: string, room: string | null, begins_utc_ms: number, seats: number, session: string | null, is_running: boolean}} Due */

export class ClassesTab {
  #board;
  /** @type {Due[]} */
  #due = [];
  /** @type {PlanForm | null} */
  #form = null;
  /** @type {Plan | null} */
  #starting = null;
  /** @type {Set<string>} */
  #absent = new Set();

  /** @param {import("./board.js").Board} board */
  constructor(board) {
    this.#board = board;
  }

  async load() {
    this.#form = null;
    this.#starting = null;
    await Promise.all([this.#board.loadPlans(), this.#board.loadPeople(), this.#board.loadSensors(), this.#board.loadStaff(), this.#today()]);
  }

  view() {
    if (this.#form !== null) return this.#form.view();
    return html`
      <section class="card">
        <h2>${texts.today}</h2>
        ${this.#due.length === 0
          ? html`<p class="empty">${texts.noneToday}</p>`
          : html`<ul class="rows">${this.#due.map((due) => this.#dueView(due))}</ul>`}
      </section>
      <section class="card">
        <div class="head">
          <h2>${texts.plans}</h2>
          ${this.#board.mayEdit ? html`<button type="button" class="primary" @click=${() => this.#edit(null)}>${texts.addPlan}</button>` : nothing}
        </div>
        ${this.#board.plans.length === 0
          ? html`<p class="empty">${texts.noPlans}</p>`
          : html`<ul class="rows">${this.#board.plans.map((plan) => this.#planView(plan))}</ul>`}
      </section>
    `;
  }

  /** @param {Due} due */
  #dueView(due) {
    const zone = this.#board.shell.room.timeZone;
    const plan = this.#board.plans.find((one) => one.id === due.plan) ?? null;
    return html`<li class="plan" data-due=${due.plan}>
      <div>
        <b>${timeOfDay(due.begins_utc_ms, zone, false)} ${due.name}</b>
        <span>${texts.seatCount(due.seats)}${due.is_running ? ` · ${texts.running}` : due.session === null ? "" : ` · ${texts.over}`}</span>
      </div>
      ${due.is_running ? html`<a class="button" href="/class${location.search}">${texts.toClass}</a>` : plan === null ? nothing : this.#startButton(plan)}
      ${this.#starting?.id === due.plan ? this.#startForm(this.#starting) : nothing}
    </li>`;
  }

  /** @param {Plan} plan */
  #planView(plan) {
    const { name, seats, series } = plan.plan;
    const zone = this.#board.shell.room.timeZone;
    const isDue = this.#due.some((due) => due.plan === plan.id);
    const days = series === null ? "" : ` · ${series.weekdays.map(weekdayOf).join(", ")} ${series.time}`;
    const next = plan.next_utc_ms === null ? "" : ` · ${texts.next} ${dayOf(plan.next_utc_ms, zone)}`;
    return html`<li class="plan" data-plan=${plan.id}>
      <div>
        <b>${name}</b>
        <span>${texts.seatCount(seats.length)}${days}${next}</span>
      </div>
      ${this.#board.mayEdit ? html`<button type="button" @click=${() => this.#edit(plan)}>${texts.edit}</button>` : nothing}
      ${isDue ? nothing : this.#startButton(plan)} ${this.#starting?.id === plan.id && !isDue ? this.#startForm(plan) : nothing}
    </li>`;
  }

  /** @param {Plan} plan */
  #startButton(plan) {
    if (!this.#board.shell.may("run_class")) return nothing;
    const isOpen = this.#starting?.id === plan.id;
    return html`<button type="button" class="primary" aria-expanded=${isOpen} @click=${() => this.#ask(plan)}>${texts.start}</button>`;
  }

  /** @param {Plan} plan */
  #startForm(plan) {
    const here = plan.plan.seats.filter((seat) => !this.#absent.has(seat.person));
    return html`<form class="fields start" @submit=${(/** @type {SubmitEvent} */ event) => this.#start(event, plan)}>
      <p>${texts.startWho}</p>
      <div class="chips">
        ${plan.plan.seats.map(
          (seat) => html`<button type="button" aria-pressed=${!this.#absent.has(seat.person)} @click=${() => this.#toggle(seat.person)}>
            ${seat.seat} ${this.#board.person(seat.person)?.alias ?? seat.person}
          </button>`,
        )}
      </div>
      ${here.length === 0 ? html`<p class="hint">${texts.nobodyHere}</p>` : nothing}
      <div class="buttons">
        <button type="submit" class="primary" ?disabled=${here.length === 0 || this.#board.isBusy}>${texts.startClass}: ${texts.seatCount(here.length)}</button>
        <button type="button" class="quiet" @click=${() => this.#ask(plan)}>${texts.cancel}</button>
      </div>
    </form>`;
  }

  /** @param {Plan} plan */
  #ask(plan) {
    this.#starting = this.#starting?.id === plan.id ? null : plan;
    this.#absent.clear();
    this.#board.problem = "";
    this.#board.draw();
  }

  /** @param {string} person */
  #toggle(person) {
    if (!this.#absent.delete(person)) this.#absent.add(person);
    this.#board.draw();
  }

  /**
   * @param {SubmitEvent} event
   * @param {Plan} plan
   */
  async #start(event, plan) {
    event.preventDefault();
    const isBegun = await this.#board.act(async () => {
      await post(`/api/v1/plans/${plan.id}/start`, { absent: [...this.#absent] });
      await this.#today();
      this.#starting = null;
    });
    if (isBegun) location.assign(`/class${location.search}`);
  }

  async #today() {
    this.#due = await get("/api/v1/plans/due");
  }

  /** @param {Plan | null} plan */
  #edit(plan) {
    this.#board.problem = "";
    this.#form = new PlanForm(this.#board, plan, () => {
      this.#form = null;
      void this.#board.act(() => this.load());
    });
    this.#board.draw();
    document.getElementById("f-plan-name")?.focus();
  }
}
