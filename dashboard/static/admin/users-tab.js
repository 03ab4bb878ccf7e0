/**
 * Users, for the administrator: add with a single-use link or a password, role, shut out, a new link, reset a PIN.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { dateOf } from "../desk/dates.js";
import { choiceField, formOf, textField } from "../desk/form.js";
import { get, post } from "../shell/ask.js";
import { roles, texts } from "./texts.js";

/** @typedef {{name: string, role: string, has_pin: boolean, pin_is_blocked: boolean, is_disabled: boolean, link_until_utc_ms: number | null, created_utc_ms: number}} User */
/** @typedef {{user: string, path: string, until_utc_ms: number}} Link */

export class UsersTab {
  #office;
  /** @type {User[]} */
  #users = [];
  /** @type {Link | null} */
  #link = null;
  #isByLink = true;

  /** @param {import("./admin.js").Office} office */
  constructor(office) {
    this.#office = office;
  }

  async load() {
    this.#link = null;
    this.#users = await get("/api/v1/users");
  }

  view() {
    return html`${this.#link === null ? nothing : this.#linkView(this.#link)}
      <div class="columns">
        <section class="card">
          <h2>${texts.addUser}</h2>
          ${this.#form()}
        </section>
        <section class="card">
          <ul class="rows">
            ${this.#users.map((user) => this.#user(user))}
          </ul>
        </section>
      </div>`;
  }

  #form() {
    return html`<form class="fields" id="add-user" @submit=${(/** @type {SubmitEvent} */ event) => this.#add(event)}>
      ${textField({ name: "user", label: texts.user, value: "", hint: texts.userHow, max: 32, required: true })}
      ${choiceField({ name: "role", label: texts.role, value: "therapist", options: Object.entries(roles) })}
      <div role="radiogroup" aria-label=${texts.password}>
        <label class="check"><input type="radio" name="way" ?checked=${this.#isByLink} @change=${() => this.#choose(true)} />${texts.byLink}</label>
        <label class="check"><input type="radio" name="way" ?checked=${!this.#isByLink} @change=${() => this.#choose(false)} />${texts.byPassword}</label>
      </div>
      ${this.#isByLink
        ? nothing
        : textField({ name: "password", label: texts.password, value: "", type: "password", hint: texts.passwordHow, max: 200, required: true })}
      <div class="buttons"><button type="submit" class="primary">${texts.addUser}</button></div>
    </form>`;
  }

  /** @param {User} user */
  #user(user) {
    const notes = [
      user.is_disabled ? texts.shutOut : "",
      user.pin_is_blocked ? texts.pinBlocked : user.has_pin ? texts.hasPin : texts.noPin,
      user.link_until_utc_ms === null ? "" : texts.linkWaits,
    ].filter((note) => note !== "");
    return html`<li class="plan user" data-user=${user.name}>
      <div>
        <b>${user.name}</b>
        <span>${notes.join(" · ")}</span>
      </div>
      <div class="buttons">
        <select aria-label="${texts.changeRole} ${user.name}" @change=${(/** @type {Event} */ event) => this.#setRole(user, /** @type {HTMLSelectElement} */ (event.target))}>
          ${Object.entries(roles).map(([role, words]) => html`<option value=${role} .selected=${role === user.role}>${words}</option>`)}
        </select>
        ${user.is_disabled ? nothing : html`<button type="button" @click=${() => this.#makeLink(user)}>${texts.newLink}</button>`}
        ${user.has_pin ? html`<button type="button" @click=${() => this.#do(user, "pin-reset")}>${texts.resetPin}</button>` : nothing}
        <button type="button" @click=${() => this.#do(user, "disabled", { is_disabled: !user.is_disabled })}>
          ${user.is_disabled ? texts.enable : texts.disable}
        </button>
      </div>
    </li>`;
  }

  /** @param {Link} link */
  #linkView(link) {
    const address = `${location.origin}${link.path}`;
    return html`<section class="one-time" role="status">
      <h2>${texts.linkFor} ${link.user}</h2>
      <code>${address}</code>
      <p class="hint">${texts.linkHow} (${texts.until} ${dateOf(link.until_utc_ms, this.#office.shell.room.timeZone)})</p>
      <div class="buttons"><button type="button" @click=${() => this.#copy(address)}>${texts.copy}</button></div>
    </section>`;
  }

  /** @param {boolean} isByLink */
  #choose(isByLink) {
    this.#isByLink = isByLink;
    this.#office.draw();
  }

  /** @param {SubmitEvent} event */
  async #add(event) {
    const form = formOf(event);
    const page = /** @type {HTMLFormElement} */ (event.currentTarget);
    const password = this.#isByLink ? null : form.text("password");
    const isDone = await this.#office.act(async () => {
      const { link } = await post("/api/v1/users", { name: form.text("user"), role: form.text("role"), password });
      await this.load();
      this.#link = link;
    }, texts.saved);
    if (!isDone) return;
    this.#choose(true);
    page.reset();
  }

  /**
   * @param {User} user
   * @param {HTMLSelectElement} select
   */
  async #setRole(user, select) {
    const isDone = await this.#do(user, "role", { role: select.value });
    if (!isDone) select.value = user.role;
  }

  /** @param {User} user */
  async #makeLink(user) {
    await this.#office.act(async () => {
      const link = await post(`/api/v1/users/${user.name}/link`);
      await this.load();
      this.#link = link;
      scrollTo({ top: 0 });
    });
  }

  /**
   * @param {User} user
   * @param {string} what
   * @param {object} [body]
   */
  #do(user, what, body) {
    return this.#office.act(async () => {
      await post(`/api/v1/users/${user.name}/${what}`, body);
      await this.load();
    }, texts.saved);
  }

  /** @param {string} address */
  async #copy(address) {
    // Only where the browser trusts the page (https or this machine); else the text is there to be marked.
    await navigator.clipboard?.writeText(address);
    this.#office.shell.say(texts.copied);
  }
}
