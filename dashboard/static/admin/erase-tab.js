/**
 * Forgetting a person for good, for the administrator: chosen from the list, told by their number once more, with the
 * reason; then how far each owner of a file is.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { dateOf } from "../desk/dates.js";
import { choiceField, formOf, textField } from "../desk/form.js";
import { get, post, Refused } from "../shell/ask.js";
import { owners, texts } from "./texts.js";

/** @typedef {{id: string, number: string | null, alias: string, name: string}} Person */
/** @typedef {{owner: string, asked_utc_ms: number, done_utc_ms: number | null, refused: string}} Step */
/** @typedef {{participant: string, is_done: boolean, steps: Step[], kept_by_sink: number}} Erasure */

const LOOK_MS = 1_000;

export class EraseTab {
  #office;
  /** @type {Person[]} */
  #people = [];
  #chosen = "";
  /** @type {Erasure | null} */
  #erasure = null;
  #called = "";

  /** @param {import("./admin.js").Office} office */
  constructor(office) {
    this.#office = office;
  }

  async load() {
    this.#people = await get("/api/v1/people?with_archived=true");
    this.#chosen = "";
  }

  view() {
    return html`<div class="columns">
      <section class="card">
        <h2>${texts.eraseTitle}</h2>
        <p class="hint">${texts.eraseHow}</p>
        ${this.#people.length === 0 ? html`<p class="empty">${texts.eraseNobody}</p>` : this.#form()}
      </section>
      ${this.#erasure === null ? nothing : this.#progress(this.#erasure)}
    </div>`;
  }

  #form() {
    const person = this.#people.find(({ id }) => id === this.#chosen);
    return html`<form class="fields" id="erase" @submit=${(/** @type {SubmitEvent} */ event) => this.#erase(event)}>
      <div @change=${(/** @type {Event} */ event) => this.#choose(/** @type {HTMLSelectElement} */ (event.target))}>
        ${choiceField({
          name: "person",
          label: texts.erasePerson,
          value: this.#chosen,
          options: [["", "--"], ...this.#people.map((one) => /** @type {[string, string]} */ ([one.id, nameOf(one)]))],
        })}
      </div>
      ${person === undefined
        ? nothing
        : html`${textField({ name: "number", label: texts.eraseType(proofOf(person)), value: "", max: 64, required: true })}
            ${textField({ name: "why", label: texts.eraseWhy, value: "", max: 400, required: true })}
            <div class="buttons"><button type="submit" class="danger">${texts.eraseDo(person.alias)}</button></div>`}
    </form>`;
  }

  /** @param {Erasure} erasure */
  #progress({ steps, is_done: isDone, kept_by_sink: kept }) {
    const { timeZone } = this.#office.shell.room;
    const state = (/** @type {Step} */ step) =>
      step.refused !== "" ? `${texts.eraseRefused} ${step.refused}` : step.done_utc_ms === null ? texts.eraseAsked : `${texts.eraseDone} ${dateOf(step.done_utc_ms, timeZone)}`;
    return html`<section class="card" id="erasure" role="status" data-state=${isDone ? "done" : "asked"}>
      <h2>${texts.eraseProgress(this.#called)}</h2>
      <ul class="rows">
        ${steps.map((step) => html`<li class="plan" data-owner=${step.owner}><div><b>${owners[step.owner] ?? step.owner}</b><span>${state(step)}</span></div></li>`)}
      </ul>
      <p>${isDone ? texts.eraseAll : texts.eraseWaits}</p>
      ${kept > 0 ? html`<p class="refusal">${texts.eraseSink(kept)}</p>` : nothing}
      <p class="hint">${texts.eraseStays}</p>
    </section>`;
  }

  /** @param {HTMLSelectElement} select */
  #choose(select) {
    if (select.name !== "person") return;
    this.#chosen = select.value;
    this.#office.draw();
  }

  /** @param {SubmitEvent} event */
  async #erase(event) {
    const form = formOf(event);
    const person = this.#people.find(({ id }) => id === this.#chosen);
    if (person === undefined) return;
    const isDone = await this.#office.act(async () => {
      if (form.text("number") !== proofOf(person)) throw new Refused(texts.eraseOther(proofOf(person)), 0);
      this.#erasure = await post(`/api/v1/people/${person.id}/erase`, { participant: person.id, why: form.text("why"), by: this.#office.shell.by || "staff" });
      this.#called = person.alias;
      await this.load();
    });
    if (isDone) void this.#follow(person.id);
  }

  /** @param {string} person */
  async #follow(person) {
    while (this.#erasure !== null && this.#erasure.participant === person && !this.#erasure.steps.every(isOver)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      // Without an answer what was told last stays, and is asked again.
      const told = await get(`/api/v1/people/${person}/erasure`).catch(() => null);
      if (this.#erasure.participant !== person) return;
      this.#erasure = told ?? this.#erasure;
      this.#office.draw();
    }
  }
}

/** @param {Step} step */
function isOver(step) {
  return step.done_utc_ms !== null || step.refused !== "";
}

/** @param {Person} person what has to be typed: the number, or the pseudonym of who has none */
function proofOf(person) {
  return person.number ?? person.id;
}

/** @param {Person} person */
function nameOf(person) {
  return [person.number ?? "", person.alias, person.name].filter((piece) => piece !== "").join("  ");
}
