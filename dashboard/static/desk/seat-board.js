/**
 * The seats of a class: who sits where with which sensors. A person is dragged to a seat or chosen in its list; Alt with
 * the arrow keys moves a seat's person up or down. Two who meet change places.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { texts } from "./texts.js";

/** @typedef {import("./board.js").Seat} Seat */

const DRAGGED = "text/plain";

export class SeatBoard {
  #board;
  /** @type {Map<number, Seat | null>} */
  #seats = new Map();

  /**
   * @param {import("./board.js").Board} board
   * @param {Seat[]} seats
   * @param {number} count seats to show at least
   */
  constructor(board, seats, count) {
    this.#board = board;
    const last = Math.max(count, ...seats.map((seat) => seat.seat));
    for (let seat = 1; seat <= last; seat += 1) this.#seats.set(seat, null);
    for (const seat of seats) this.#seats.set(seat.seat, seat);
  }

  /** @returns {Seat[]} the seats that are taken */
  seats() {
    return [...this.#seats.values()].filter((seat) => seat !== null);
  }

  /** @returns {string[]} who sits */
  people() {
    return this.seats().map((seat) => seat.person);
  }

  view() {
    const seated = new Set(this.people());
    const standing = this.#board.people.filter((person) => !person.is_archived && !seated.has(person.id));
    return html`<p class="hint">${texts.seatsHow}</p>
      <div class="seat-board">
        <ol class="seats">${[...this.#seats].map(([number, seat]) => this.#seatView(number, seat))}</ol>
        <div class="standing">
          <h3>${texts.unseated}</h3>
          ${standing.length === 0
            ? html`<p class="hint">${texts.everybodySits}</p>`
            : html`<ul class="chips">
                ${standing.map(
                  (person) => html`<li>
                    <button type="button" draggable="true" @dragstart=${(/** @type {DragEvent} */ event) => drag(event, person.id)} @click=${() => this.#seatNext(person.id)}>${person.alias}</button>
                  </li>`,
                )}
              </ul>`}
        </div>
      </div>
      <div class="buttons"><button type="button" @click=${() => this.#addSeat()}>${texts.addSeat}</button></div>`;
  }

  /**
   * @param {number} number
   * @param {Seat | null} seat
   */
  #seatView(number, seat) {
    const people = this.#board.people.filter((person) => !person.is_archived);
    return html`<li
      class="seat"
      data-seat=${number}
      data-taken=${seat !== null}
      draggable=${seat === null ? "false" : "true"}
      @dragstart=${(/** @type {DragEvent} */ event) => drag(event, seat?.person ?? "")}
      @dragover=${(/** @type {DragEvent} */ event) => event.preventDefault()}
      @drop=${(/** @type {DragEvent} */ event) => this.#drop(event, number)}
      @keydown=${(/** @type {KeyboardEvent} */ event) => this.#move(event, number)}
    >
      <b class="seat-number">${number}</b>
      <select aria-label="${texts.seat} ${number}" @change=${(/** @type {Event} */ event) => this.#choose(number, valueOf(event))}>
        <option value="" .selected=${seat === null}>${texts.emptySeat}</option>
        ${people.map((person) => html`<option value=${person.id} .selected=${person.id === seat?.person}>${person.alias}</option>`)}
      </select>
      ${seat === null ? nothing : html`${this.#sensorChoice(seat, "strap", texts.strap)} ${this.#sensorChoice(seat, "oximeter", texts.oximeter)}`}
    </li>`;
  }

  /**
   * @param {Seat} seat
   * @param {"strap" | "oximeter"} kind
   * @param {string} words
   */
  #sensorChoice(seat, kind, words) {
    const own = this.#board.person(seat.person)?.sensors[kind];
    const given = this.#board.sensors.filter((sensor) => sensor.kind === kind && (sensor.owner === null || sensor.id === seat[kind]));
    const none = own === undefined ? `${words}: --` : `${words}: ${texts.ownSensor} (${this.#board.labelOf(own)})`;
    return html`<select
      aria-label="${words}, ${texts.seat} ${seat.seat}"
      @change=${(/** @type {Event} */ event) => {
        this.#seats.set(seat.seat, { ...seat, [kind]: valueOf(event) || null });
        this.#board.draw();
      }}
    >
      <option value="" .selected=${seat[kind] === null}>${none}</option>
      ${given.map((sensor) => html`<option value=${sensor.id} .selected=${sensor.id === seat[kind]}>${words}: ${sensor.label}</option>`)}
    </select>`;
  }

  /**
   * @param {number} number
   * @param {string} person empty: nobody
   */
  #choose(number, person) {
    if (person === "") this.#seats.set(number, null);
    else this.#put(person, number);
    this.#board.draw();
  }

  /**
   * Gives somebody a seat; whoever has it gets the other one's, or none.
   * @param {string} person
   * @param {number} number
   */
  #put(person, number) {
    const before = this.seats().find((seat) => seat.person === person) ?? null;
    const there = this.#seats.get(number) ?? null;
    if (before?.seat === number) return;
    if (before !== null) this.#seats.set(before.seat, there === null ? null : { ...there, seat: before.seat });
    const fresh = { person, strap: null, oximeter: null, machine: null, gateway: null };
    this.#seats.set(number, { ...(before ?? fresh), seat: number });
  }

  /**
   * @param {DragEvent} event
   * @param {number} number
   */
  #drop(event, number) {
    event.preventDefault();
    const person = event.dataTransfer?.getData(DRAGGED) ?? "";
    if (this.#board.person(person) === null) return;
    this.#put(person, number);
    this.#board.draw();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} number
   */
  #move(event, number) {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    const seat = this.#seats.get(number) ?? null;
    if (!event.altKey || step === 0 || seat === null || !this.#seats.has(number + step)) return;
    event.preventDefault();
    this.#put(seat.person, number + step);
    this.#board.draw();
    /** @type {HTMLElement | null} */
    const field = document.querySelector(`[data-seat="${number + step}"] select`);
    field?.focus();
  }

  /** @param {string} person who gets the first free seat */
  #seatNext(person) {
    const free = [...this.#seats].find(([, seat]) => seat === null)?.[0];
    this.#put(person, free ?? this.#addSeat());
    this.#board.draw();
  }

  #addSeat() {
    const number = Math.max(0, ...this.#seats.keys()) + 1;
    this.#seats.set(number, null);
    this.#board.draw();
    return number;
  }
}

/**
 * @param {DragEvent} event
 * @param {string} person
 */
function drag(event, person) {
  event.stopPropagation();
  event.dataTransfer?.setData(DRAGGED, person);
}

/** @param {Event} event */
function valueOf(event) {
  return /** @type {HTMLSelectElement} */ (event.target).value;
}
