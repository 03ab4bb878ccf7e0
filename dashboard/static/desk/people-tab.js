/**
 * People: who is in the register, what the screens call them, and putting somebody away.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { post } from "../shell/ask.js";
import { formOf, textField } from "./form.js";
import { PersonList } from "./person-list.js";
import { kinds, texts } from "./texts.js";

/** @typedef {import("./board.js").Person} Person */

export class PeopleTab {
  #board;
  #toPrescription;
  /** @type {string | null} */
  #chosen = null;
  #isNew = false;
  #list;

  /**
   * @param {import("./board.js").Board} board
   * @param {(person: Person) => void} toPrescription
   */
  constructor(board, toPrescription) {
    this.#board = board;
    this.#toPrescription = toPrescription;
    this.#list = new PersonList(board, (person) => this.#open(person));
  }

  async load() {
    await Promise.all([this.#board.loadPeople(), this.#board.loadSensors()]);
  }

  view() {
    const person = this.#board.person(this.#chosen);
    const isOpen = this.#isNew || person !== null;
    return html`<div class="two" data-detail=${isOpen ? "open" : "none"}>
      <div class="list">
        ${this.#board.mayEdit
          ? html`<button type="button" class="primary wide" @click=${() => this.#openNew()}>${texts.addPerson}</button>`
          : html`<p class="hint">${this.#board.onlyLook}</p>`}
        ${this.#list.view(this.#chosen)}
        ${this.#board.mayEdit
          ? html`<label class="check"
              ><input type="checkbox" .checked=${this.#board.withArchived} @change=${() => this.#toggleArchived()} />${texts.showArchived}</label
            >`
          : nothing}
      </div>
      <div class="detail">${isOpen ? this.#form(person) : html`<p class="empty">${texts.choosePerson}</p>`}</div>
    </div>`;
  }

  /** @param {Person | null} person null: a new one */
  #form(person) {
    const mayEdit = this.#board.mayEdit;
    return html`<form class="card fields" data-person=${person?.id ?? ""} @submit=${(/** @type {SubmitEvent} */ event) => this.#save(event, person)}>
      <div class="head">
        <h2>${person?.alias ?? texts.personNew}</h2>
        <button type="button" class="quiet narrow-only" @click=${() => this.#close()}>${texts.back}</button>
      </div>
      ${textField({ name: "alias", label: texts.alias, value: person?.alias ?? "", hint: texts.aliasHow, max: 32, required: true, readonly: !mayEdit })}
      ${textField({ name: "number", label: texts.number, value: person?.number ?? "", max: 16, readonly: !mayEdit })}
      ${textField({ name: "name", label: texts.name, value: person?.name ?? "", hint: texts.nameHow, max: 80, readonly: !mayEdit })}
      ${mayEdit
        ? html`<div class="buttons">
            <button type="submit" class="primary" ?disabled=${this.#board.isBusy}>${texts.save}</button>
            ${person === null
              ? html`<button type="button" class="quiet" @click=${() => this.#close()}>${texts.cancel}</button>`
              : html`<button type="button" @click=${() => this.#toPrescription(person)}>${texts.toPrescription}</button>
                  <button type="button" class="quiet" @click=${() => this.#archive(person)}>
                    ${person.is_archived ? texts.unarchive : texts.archive}
                  </button>`}
          </div>`
        : html`<div class="buttons">
            ${person === null
              ? nothing
              : html`<button type="button" @click=${() => this.#toPrescription(person)}>${texts.toPrescription}</button>`}
          </div>`}
      ${person === null ? nothing : this.#more(person)}
    </form>`;
  }

  /** @param {Person} person */
  #more(person) {
    const own = Object.entries(person.sensors);
    return html`
      <h3>${texts.ownSensors}</h3>
      ${own.length === 0
        ? html`<p class="hint">${texts.noSensors}</p>`
        : html`<ul class="plain">
            ${own.map(([kind, sensor]) => html`<li>${kinds[kind] ?? kind}: <b>${this.#board.labelOf(sensor)}</b></li>`)}
          </ul>`}
      <p class="hint">${texts.pseudonym}: <code>${person.id}</code></p>
      ${this.#board.mayEdit && !person.is_archived ? html`<p class="hint">${texts.archive}: ${texts.archiveHow}</p>` : nothing}
    `;
  }

  /** @param {Person} person */
  #open(person) {
    this.#chosen = person.id;
    this.#isNew = false;
    this.#board.problem = "";
    this.#board.fresh();
  }

  #openNew() {
    this.#chosen = null;
    this.#isNew = true;
    this.#board.problem = "";
    this.#board.fresh();
    document.querySelector("form.fields")?.querySelector("input")?.focus();
  }

  #close() {
    this.#chosen = null;
    this.#isNew = false;
    this.#board.draw();
  }

  async #toggleArchived() {
    this.#board.withArchived = !this.#board.withArchived;
    await this.#board.act(() => this.load());
  }

  /**
   * @param {SubmitEvent} event
   * @param {Person | null} person
   */
  async #save(event, person) {
    const form = formOf(event);
    const body = { alias: form.text("alias"), number: form.text("number") || null, name: form.text("name") };
    const isKept = await this.#board.act(async () => {
      /** @type {Person} */
      const kept =
        person === null ? await post("/api/v1/people", body) : await this.#board.send("PUT", `/api/v1/people/${person.id}`, body);
      await this.load();
      this.#chosen = kept.id;
      this.#isNew = false;
    }, texts.saved);
    if (isKept) this.#board.fresh();
  }

  /** @param {Person} person */
  async #archive(person) {
    await this.#board.act(async () => {
      await post(`/api/v1/people/${person.id}/archive`, { is_archived: !person.is_archived });
      await this.load();
      if (this.#board.person(person.id) === null) this.#close();
    }, texts.saved);
  }
}
