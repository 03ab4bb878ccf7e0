/**
 * A dialog that asks why before something is done: what it asks besides, usual reasons to tap, a field for any other,
 * and what the server said when it refused.
 */

import { html, render } from "/static/vendor/lit-html.js";

import { Refused } from "../shell/ask.js";
import { texts } from "./texts.js";

/**
 * @typedef {object} Asking
 * @property {string} name of the dialog: its title has the id NAME-title, its reason NAME-why
 * @property {readonly string[]} usual reasons
 * @property {() => unknown} head title, and what is asked besides the reason
 * @property {(why: string) => Promise<unknown>} send does it; what the server refuses is shown
 * @property {string} submit what the button says that does it
 * @property {() => unknown} [more] further buttons
 */

export class WhyDialog {
  #shell;
  #asking;
  #dialog = document.createElement("dialog");
  #why = "";
  #refusal = "";

  /**
   * @param {import("../shell/shell.js").Shell} shell
   * @param {Asking} asking
   */
  constructor(shell, asking) {
    this.#shell = shell;
    this.#asking = asking;
    this.#dialog.setAttribute("aria-labelledby", `${asking.name}-title`);
    document.body.append(this.#dialog);
  }

  /** Asks anew. */
  open() {
    this.#why = this.#refusal = "";
    this.paint();
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  /** Shows what is asked as it is now. */
  paint() {
    const { name, usual, head, send, submit, more } = this.#asking;
    render(
      html`<form class="shell-form" @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        void this.save(send);
      }}>
        ${head()}
        <label for="${name}-why">${texts.reason}</label>
        <div class="shell-buttons">
          ${usual.map((one) => html`<button type="button" aria-pressed=${String(this.#why === one)} @click=${() => {
            this.#why = one;
            this.paint();
          }}>${one}</button>`)}
        </div>
        <input id="${name}-why" type="text" minlength="3" maxlength="400" required .value=${this.#why}
          @input=${(/** @type {Event} */ event) => {
            this.#why = /** @type {HTMLInputElement} */ (event.target).value;
          }} />
        <p class="shell-refusal" role="alert">${this.#refusal}</p>
        <div class="shell-buttons">
          <button type="submit" class="primary">${submit}</button>
          <button type="button" @click=${() => this.close()}>${texts.cancel}</button>
          ${more?.()}
        </div>
      </form>`,
      this.#dialog,
    );
  }

  /**
   * Does it, with the reason given so far; stays open while the server refuses.
   * @param {(why: string) => Promise<unknown>} send
   */
  async save(send) {
    try {
      await send(this.#why.trim());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refusal = `${texts.notSaved} ${error.message}`;
      this.paint();
      return;
    }
    this.close();
    this.#shell.say(texts.saved);
  }
}
