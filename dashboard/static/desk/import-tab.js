/**
 * A list of people from a spreadsheet: looked through first, each error with its line and column, then taken whole.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { send } from "../shell/ask.js";
import { fields, outcomes, texts } from "./texts.js";

/** @typedef {{line: number, column: string, value: string, problem: string}} LineError */
/** @typedef {{line: number, outcome: string, number: string | null, alias: string, name: string, has_prescription: boolean}} ImportedLine */
/** @typedef {{added: number, changed: number, unchanged: number, lines: ImportedLine[], errors: LineError[]}} Looked */

const BYTES_MAX = 1_048_576;

export class ImportTab {
  #board;
  #done;
  /** @type {File | null} */
  #file = null;
  /** @type {Looked | null} */
  #looked = null;

  /**
   * @param {import("./board.js").Board} board
   * @param {() => void} done
   */
  constructor(board, done) {
    this.#board = board;
    this.#done = done;
  }

  async load() {
    this.#file = null;
    this.#looked = null;
  }

  view() {
    if (!this.#board.mayEdit) return html`<p class="empty">${this.#board.onlyLook}</p>`;
    const looked = this.#looked;
    return html`<section class="card fields">
      <h2>${texts.importTitle}</h2>
      <p>${texts.importHow}</p>
      <div class="buttons">
        <label class="button file"
          >${texts.chooseFile}<input type="file" class="unseen" accept=".csv,text/csv,text/plain" @change=${(/** @type {Event} */ event) => this.#choose(event)}
        /></label>
        <a class="button" href="/api/v1/people/template.csv" download="people.csv">${texts.template}</a>
      </div>
      ${this.#file === null ? nothing : html`<h3>${this.#file.name}</h3>`}
      ${this.#file !== null && looked === null && this.#board.isBusy ? html`<p class="hint">${texts.checking}</p>` : nothing}
      ${looked === null ? nothing : this.#result(looked)}
    </section>`;
  }

  /** @param {Looked} looked */
  #result(looked) {
    if (looked.errors.length > 0) return this.#errors(looked.errors);
    if (looked.lines.length === 0) return html`<p class="empty">${texts.noLines}</p>`;
    return html`<p role="status">${texts.importSummary(looked.added, looked.changed, looked.unchanged)}</p>
      <div class="buttons">
        <button type="button" class="primary" ?disabled=${this.#board.isBusy || looked.added + looked.changed === 0} @click=${() => this.#take()}>${texts.importTake}</button>
      </div>
      <div class="scroll" tabindex="0" role="region" aria-label=${texts.importTitle}>
        <table>
          <thead>
            <tr><th>${texts.line}</th><th></th><th>${texts.number}</th><th>${texts.alias}</th><th>${texts.name}</th><th></th></tr>
          </thead>
          <tbody>
            ${looked.lines.map(
              (line) => html`<tr data-outcome=${line.outcome}>
                <td>${line.line}</td>
                <td>${outcomes[line.outcome]}</td>
                <td>${line.number}</td>
                <td>${line.alias}</td>
                <td>${line.name}</td>
                <td>${line.has_prescription ? texts.withPrescription : ""}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
  }

  /** @param {LineError[]} errors */
  #errors(errors) {
    return html`<p class="refusal" role="alert">${texts.importErrors(errors.length)}</p>
      <div class="scroll" tabindex="0" role="region" aria-label=${texts.problem}>
        <table>
          <thead>
            <tr><th>${texts.line}</th><th>${texts.column}</th><th>${texts.value}</th><th>${texts.problem}</th></tr>
          </thead>
          <tbody>
            ${errors.map(
              (error) => html`<tr>
                <td>${error.line}</td>
                <td>${fields[error.column] ?? error.column}</td>
                <td><code>${error.value}</code></td>
                <td>${error.problem}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
  }

  /** @param {Event} event */
  async #choose(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const file = input.files?.[0] ?? null;
    input.value = "";
    if (file === null) return;
    this.#file = file;
    this.#looked = null;
    if (file.size > BYTES_MAX) {
      this.#board.problem = texts.fileTooLarge;
      this.#board.draw();
      return;
    }
    await this.#board.act(async () => {
      this.#looked = await sendFile(file, true);
    });
  }

  async #take() {
    const file = this.#file;
    if (file === null) return;
    let count = 0;
    const isTaken = await this.#board.act(async () => {
      const taken = await sendFile(file, false);
      count = taken.added + taken.changed;
    });
    if (!isTaken) return;
    this.#board.shell.say(texts.imported(count));
    this.#done();
  }
}

/**
 * @param {File} file as bytes: the server finds out which encoding it has
 * @param {boolean} isDryRun
 * @returns {Promise<Looked>}
 */
async function sendFile(file, isDryRun) {
  return send(`/api/v1/people/import?dry_run=${isDryRun}`, {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body: await file.arrayBuffer(),
  });
}
