/**
 * Another phase for one person. Exercise of somebody who is not cleared is refused by the server until somebody says
 * why; this asks for the reason and says what was refused.
 */

import { html } from "/static/vendor/lit-html.js";

import { Refused, post } from "../shell/ask.js";
import { phases } from "../texts.js";
import { texts } from "./texts.js";
import { WhyDialog } from "./why-dialog.js";

/** @typedef {import("../frames.js").Phase} Phase */

/** What the server answers where something stands against it and a reason lets it pass. */
const CONFLICT = 409;
const WHYS = [texts.reasonDoctorSaw, texts.reasonCheckedOnPaper];

export class PhaseDialog {
  #shell;
  #onRefused;
  #dialog;
  #path = "";
  /** @type {Phase | null} null: that of the class */
  #phase = null;
  #seat = 0;

  /**
   * @param {import("../shell/shell.js").Shell} shell
   * @param {() => void} onRefused the phase is as it was
   */
  constructor(shell, onRefused) {
    this.#shell = shell;
    this.#onRefused = onRefused;
    this.#dialog = new WhyDialog(shell, {
      name: "phase",
      usual: WHYS,
      head: () => this.#head(),
      send: (why) => post(this.#path, { phase: this.#phase, why }),
      submit: texts.beginAnyway,
    });
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
    try {
      await post(this.#path, { phase });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#onRefused();
      if (error.status === CONFLICT && error.message.startsWith("why:")) {
        this.#dialog.open();
      } else {
        this.#shell.say(`${texts.notSaved} ${error.message}`);
      }
    }
  }

  #head() {
    const name = this.#phase === null ? texts.asClass : (phases[this.#phase] ?? this.#phase);
    return html`<h2 id="phase-title">${texts.phase}: ${name}</h2>
      <p>${texts.notCleared(this.#seat)}</p>`;
  }
}
