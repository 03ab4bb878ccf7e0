/**
 * Another phase for one person. Exercise of somebody who is not cleared is refused by the server until somebody says
 * why; this asks for the reason and says what was refused.
 */

import { html, render } from "/static/vendor/lit-html.js";

import { Refused, post } from "../shell/ask.js";
import { phases } from "../texts.js";
import { texts } from "./texts.js";
import { whyField } from "./why-field.js";

/** @typedef {import("../frames.js").Phase} Phase */

/** What the server answers where something stands against it and a reason lets it pass. */
const CONFLICT = 409;
const WHYS = [texts.reasonDoctorSaw, texts.reasonCheckedOnPaper];

export class PhaseDialog {
  #shell;
  #onRefused;
  #dialog = document.createElement("dialog");
  #path = "";
  /** @type {Phase | null} null: that of the class */
  #phase = null;
  #seat = 0;
  #why = "";
  #refusal = "";

  /**
   * @param {import("../shell/shell.js").Shell} shell
   * @param {() => void} onRefused the phase is as it was
   */
  constructor(shell, onRefused) {
    this.#shell = shell;
    this.#onRefused = onRefused;
    this.#dialog.setAttribute("aria-labelledby", "phase-title");
    document.body.append(this.#dialog);
  }

  /**
   * Begins a phase; asks why where the server wants to know.
   * @param {string} session
   * @param {import("../frames.js").TileView} tile
   * @param {Phase | null} phase
   */
  async begin(session, tile, phase) {
    this.#path = `/api/v1/sessions/${session}/participants/${encodeURIComponent(tile.id)}/phase`;
    this.#phase = phase;
    this.#seat = tile.seat;
    this.#why = this.#refusal = "";
    try {
      await post(this.#path, { phase });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#onRefused();
      if (error.status === CONFLICT && error.message.startsWith("why:")) {
        this.#paint();
        if (!this.#dialog.open) this.#dialog.showModal();
      } else {
        this.#shell.say(`${texts.notSaved} ${error.message}`);
      }
    }
  }

  #paint() {
    const name = this.#phase === null ? texts.asClass : (phases[this.#phase] ?? this.#phase);
    render(
      html`<form class="shell-form" @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        void this.#save();
      }}>
        <h2 id="phase-title">${texts.phase}: ${name}</h2>
        <p>${texts.notCleared(this.#seat)}</p>
        <label for="phase-why">${texts.reason}</label>
        ${whyField({
          id: "phase-why",
          usual: WHYS,
          why: this.#why,
          onTap: (why) => {
            this.#why = why;
            this.#paint();
          },
          onType: (why) => {
            this.#why = why;
          },
        })}
        <p class="shell-refusal" role="alert">${this.#refusal}</p>
        <div class="shell-buttons">
          <button type="submit" class="primary">${texts.beginAnyway}</button>
          <button type="button" @click=${() => this.#dialog.close()}>${texts.cancel}</button>
        </div>
      </form>`,
      this.#dialog,
    );
  }

  async #save() {
    try {
      await post(this.#path, { phase: this.#phase, why: this.#why.trim() });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refusal = `${texts.notSaved} ${error.message}`;
      this.#paint();
      return;
    }
    this.#dialog.close();
    this.#shell.say(texts.saved);
  }
}
