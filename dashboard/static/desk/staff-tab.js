/**
 * Staff: initials and roles, who is on duty in the class of now, and whose people are whose.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { get } from "../shell/ask.js";
import { choiceField, formOf, textField } from "./form.js";
import { policyView } from "./policy-view.js";
import { roles, texts } from "./texts.js";

/** @typedef {import("./board.js").Member} Member */
/** @typedef {{staff: string, role: string, participants: string[]}} OnDuty */

export class StaffTab {
  #board;
  /** @type {Map<string, OnDuty>} */
  #duty = new Map();
  #session = "";
  /** @type {import("./policy-view.js").Policy | null} */
  #policy = null;

  /** @param {import("./board.js").Board} board */
  constructor(board) {
    this.#board = board;
  }

  async load() {
    await this.#board.loadStaff();
    this.#policy = await get("/api/v1/policy");
    this.#session = this.#board.shell.room.session?.id ?? "";
    this.#duty.clear();
    if (this.#session === "") return;
    const { members } = await get(`/api/v1/sessions/${this.#session}/duty`);
    for (const { staff, role, participants } of members) this.#duty.set(staff, { staff, role, participants });
  }

  view() {
    return html`<div class="columns">
      <section class="card">
        <h2>${texts.onDuty}</h2>
        ${this.#onDuty()}
      </section>
      <section class="card">
        <h2>${texts.staffTitle}</h2>
        ${this.#board.staff.length === 0 ? html`<p class="empty">${texts.noStaff}</p>` : this.#board.staff.map((member) => this.#member(member))}
      </section>
      <section class="card whole" id="policy">
        <h2>${texts.policyTitle}</h2>
        ${policyView(this.#policy)}
      </section>
    </div>`;
  }

  #onDuty() {
    const session = this.#board.shell.room.session;
    if (session === null) return html`<p class="empty">${texts.noClassNow}</p>`;
    if (session.id !== this.#session) {
      void this.#board.act(() => this.load());
      return html`<p class="empty">${texts.loading}</p>`;
    }
    if (this.#board.staff.length === 0) return html`<p class="empty">${texts.noStaff}</p>`;
    return html`<p class="hint">${texts.ownHow}</p>
      ${this.#board.staff.filter((one) => !one.is_disabled).map((member) => this.#dutyRow(member))}
      <div class="buttons">
        <button type="button" class="primary" ?disabled=${this.#board.isBusy} @click=${() => this.#saveDuty()}>${texts.save}</button>
      </div>`;
  }

  /** @param {Member} member */
  #dutyRow(member) {
    const duty = this.#duty.get(member.id);
    const tiles = [...this.#board.shell.room.tiles.values()].sort((one, other) => one.seat - other.seat);
    return html`<div class="staff-row" data-duty=${member.id}>
      <label class="check"><input type="checkbox" .checked=${duty !== undefined} @change=${() => this.#toggle(member)} />${member.initials} ${member.id}, ${texts.isOnDuty}</label>
      ${duty === undefined
        ? nothing
        : html`<select aria-label="${texts.role}: ${member.id}" @change=${(/** @type {Event} */ event) => this.#duty.set(member.id, { ...duty, role: /** @type {HTMLSelectElement} */ (event.target).value })}>
              ${Object.entries(roles).map(([role, words]) => html`<option value=${role} ?selected=${role === duty.role}>${words}</option>`)}
            </select>
            <div class="chips" role="group" aria-label="${texts.ownPeople}: ${member.id}">
              <span class="hint">${texts.ownPeople}:</span>
              ${tiles.map(
                (tile) => html`<button type="button" aria-pressed=${duty.participants.includes(tile.id)} @click=${() => this.#toggleOwn(duty, tile.id)}>
                  ${tile.seat} ${tile.alias}
                </button>`,
              )}
            </div>`}
    </div>`;
  }

  /** @param {Member} member */
  #member(member) {
    const mayEdit = this.#board.mayEdit && !member.is_disabled;
    return html`<form class="member" data-staff=${member.id} @submit=${(/** @type {SubmitEvent} */ event) => this.#save(event, member)}>
      <b>${member.id}${member.is_disabled ? html` <small>${texts.shutOut}</small>` : nothing}</b>
      ${mayEdit
        ? html`${textField({ name: `initials-${member.id}`, label: texts.initials, value: member.initials, max: 4, required: true })}
            ${choiceField({ name: `role-${member.id}`, label: texts.role, value: member.duty_role, options: Object.entries(roles) })}
            <button type="submit">${texts.save}</button>`
        : html`<span>${member.initials}</span><span>${roles[member.duty_role]}</span>`}
    </form>`;
  }

  /** @param {Member} member */
  #toggle(member) {
    if (!this.#duty.delete(member.id)) this.#duty.set(member.id, { staff: member.id, role: member.duty_role, participants: [] });
    this.#board.draw();
  }

  /**
   * @param {OnDuty} duty
   * @param {string} person
   */
  #toggleOwn(duty, person) {
    const participants = duty.participants.includes(person) ? duty.participants.filter((one) => one !== person) : [...duty.participants, person];
    this.#duty.set(duty.staff, { ...duty, participants });
    this.#board.draw();
  }

  async #saveDuty() {
    await this.#board.act(async () => {
      await this.#board.send("PUT", `/api/v1/sessions/${this.#session}/duty`, { members: [...this.#duty.values()] });
      await this.load();
    }, texts.saved);
  }

  /**
   * @param {SubmitEvent} event
   * @param {Member} member
   */
  async #save(event, member) {
    const form = formOf(event);
    const body = { initials: form.text(`initials-${member.id}`), duty_role: form.text(`role-${member.id}`) };
    await this.#board.act(async () => {
      await this.#board.send("PUT", `/api/v1/staff/${member.id}`, body);
      await this.#board.loadStaff();
    }, texts.saved);
  }
}
