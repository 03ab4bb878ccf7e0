/**
 * A list of people to choose from, with a search field; the chosen one is told. Text only.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { texts } from "./texts.js";

/** @typedef {import("./board.js").Person} Person */

export class PersonList {
  #board;
  #onChoose;
  #wanted = "";

  /**
   * @param {import("./board.js").Board} board
   * @param {(person: Person) => void} onChoose
   */
  constructor(board, onChoose) {
    this.#board = board;
    this.#onChoose = onChoose;
  }

  /** @param {string | null} chosen */
  view(chosen) {
    const all = this.#board.people;
    const found = all.filter((person) => matches(person, this.#wanted));
    return html`
      <input
        type="search"
        class="search"
        aria-label=${texts.search}
        placeholder=${texts.search}
        .value=${this.#wanted}
        @input=${(/** @type {InputEvent} */ event) => {
          this.#wanted = /** @type {HTMLInputElement} */ (event.target).value;
          this.#board.draw();
        }}
      />
      ${this.#empty(all.length, found.length)}
      <ul class="people">
        ${found.map(
          (person) => html`<li>
            <button type="button" class="person" aria-pressed=${person.id === chosen} @click=${() => this.#onChoose(person)}>
              <b>${person.alias}</b>
              <span>${[person.number, person.name].filter((word) => word !== null && word !== "").join(" · ")}</span>
              <small>${stateOf(person)}</small>
            </button>
          </li>`,
        )}
      </ul>
    `;
  }

  /**
   * @param {number} all
   * @param {number} found
   */
  #empty(all, found) {
    if (found > 0) return nothing;
    if (all > 0) return html`<p class="empty">${texts.nobodyFound}</p>`;
    return html`<p class="empty">${this.#board.mayEdit ? texts.noPeople : texts.nobodyOfYours}</p>`;
  }
}

/** @param {Person} person */
function stateOf(person) {
  if (person.is_archived) return texts.archived;
  return person.prescription_version === 0 ? texts.noPrescription : texts.prescriptionVersion(person.prescription_version);
}

/**
 * @param {Person} person
 * @param {string} wanted
 */
function matches(person, wanted) {
  const words = wanted.toLocaleLowerCase().split(/\s+/).filter((word) => word !== "");
  const text = `${person.alias} ${person.name} ${person.number ?? ""}`.toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}
