/**
 * The audit log: who did what to whom, the newest first, filtered; and whether the chain of its entries is whole.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { dateOf } from "../desk/dates.js";
import { choiceField, formOf, textField } from "../desk/form.js";
import { get } from "../shell/ask.js";
import { texts, whats } from "./texts.js";

/** @typedef {{seq: number, utc_ms: number, who: string, role: string, via: string, address: string, what: string, subject: string, detail: string}} Row */
/** @typedef {{is_whole: boolean, problem: string | null, rows: number, newest: string}} Chain */

export class AuditTab {
  #office;
  /** @type {Row[]} */
  #rows = [];
  /** @type {string[]} */
  #whats = [];
  /** @type {number | null} */
  #before = null;
  /** @type {Chain | null} */
  #chain = null;
  #filter = { who: "", what: "", subject: "" };

  /** @param {import("./admin.js").Office} office */
  constructor(office) {
    this.#office = office;
  }

  async load() {
    this.#rows = [];
    this.#before = null;
    await this.#more();
  }

  view() {
    return html`<section class="card">
        <h2>${texts.auditChain}</h2>
        <div role="status">${this.#chain === null ? nothing : chainView(this.#chain)}</div>
        <div class="buttons"><button type="button" @click=${() => this.#look()}>${texts.chainLook}</button></div>
      </section>
      <section class="card">
        <form class="numbers" id="audit-filter" @submit=${(/** @type {SubmitEvent} */ event) => this.#narrow(event)}>
          ${textField({ name: "who", label: texts.who, value: this.#filter.who, max: 64 })}
          ${choiceField({
            name: "what",
            label: texts.what,
            value: this.#filter.what,
            options: [["", texts.anything], ...this.#whats.map((what) => /** @type {[string, string]} */ ([what, sayWhat(what)]))],
          })}
          ${textField({ name: "subject", label: texts.whom, value: this.#filter.subject, max: 64 })}
          <div class="field"><button type="submit">${texts.filter}</button></div>
        </form>
        ${this.#rows.length === 0 ? html`<p class="empty">${texts.noRows}</p>` : this.#table()}
        ${this.#before === null ? nothing : html`<div class="buttons"><button type="button" @click=${() => this.#office.act(() => this.#more())}>${texts.older}</button></div>`}
      </section>`;
  }

  #table() {
    const zone = this.#office.shell.room.timeZone;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${texts.auditChain}>
      <table>
        <thead>
          <tr><th>${texts.when}</th><th>${texts.who}</th><th>${texts.what}</th><th>${texts.whom}</th><th>${texts.from}</th></tr>
        </thead>
        <tbody>
          ${this.#rows.map(
            (row) => html`<tr>
              <td>${dateOf(row.utc_ms, zone)}</td>
              <td>${row.who === "" ? "-" : row.who}<br /><small>${row.role === "" ? row.via : row.role}</small></td>
              <td>${sayWhat(row.what)}</td>
              <td><code>${row.subject}</code>${row.detail === "" ? nothing : html`<br /><small>${row.detail}</small>`}</td>
              <td>${row.address}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {SubmitEvent} event */
  async #narrow(event) {
    const form = formOf(event);
    this.#filter = { who: form.text("who"), what: form.text("what"), subject: form.text("subject") };
    await this.#office.act(() => this.load());
  }

  async #more() {
    const asked = new URLSearchParams({ limit: "100", ...this.#filter });
    if (this.#before !== null) asked.set("before", String(this.#before));
    const page = await get(`/api/v1/audit?${asked}`);
    this.#rows = [...this.#rows, ...page.rows];
    this.#before = page.next_before;
    this.#whats = page.whats;
  }

  async #look() {
    await this.#office.act(async () => {
      this.#chain = await get("/api/v1/audit/chain");
    });
  }
}

/** @param {Chain} chain */
function chainView(chain) {
  if (!chain.is_whole) return html`<p class="refusal" role="alert">${texts.chainBroken} ${chain.problem}</p>`;
  return html`<p><b>${texts.chainWhole(chain.rows)}</b></p>
    <p class="hint">${texts.chainNewest} <code>${chain.newest}</code></p>`;
}

/** @param {string} what */
function sayWhat(what) {
  return whats[what] ?? what.replaceAll("_", " ");
}
