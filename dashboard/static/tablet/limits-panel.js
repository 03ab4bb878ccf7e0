/**
 * The limits of one person: each with its reason and who changed it; a tap changes it, with a reason, for this class.
 */

import { html, nothing, render } from "/static/vendor/lit-html.js";

import { limitReasons } from "../alarm-words.js";
import { timeOfDay } from "../format.js";
import { get, post } from "../shell/ask.js";
import { texts as words } from "../texts.js";
import { low } from "./alarms-panel.js";
import { limitNames, texts } from "./texts.js";
import { WhyDialog } from "./why-dialog.js";

/** Those that can be changed in class, with the steps of the two buttons. @type {Readonly<Record<string, number>>} */
const CHANGEABLE = { HR_OVER: 5, HR_LOW: 5, SPO2_LOW: 1, SPO2_CRIT: 1 };
const WHYS = [texts.reasonAgreed, texts.reasonMedication, texts.reasonToday, texts.reasonTooClose];

/** @typedef {{participant: string, rule: string, value: number | null, by: string, why: string, utc_ms: number}} Override */

export class LimitsPanel {
  #shell;
  #node;
  #dialog;
  /** @type {{limits: Record<string, number>, limit_reasons: Record<string, string>} | null} */
  #person = null;
  /** @type {Override[]} */
  #overrides = [];
  #participant = "";
  #known = "";
  #rule = "";
  #value = 0;

  /**
   * @param {HTMLElement} node
   * @param {import("../shell/shell.js").Shell} shell
   */
  constructor(node, shell) {
    this.#node = node;
    this.#shell = shell;
    this.#dialog = new WhyDialog(shell, {
      name: "limit",
      usual: WHYS,
      head: () => this.#head(),
      send: (why) => this.#send(this.#value, why),
      submit: texts.save,
      more: () => html`<button type="button" class="quiet" @click=${() => this.#prescribed()}>${texts.prescribed}</button>`,
    });
  }

  /**
   * @param {string} participant
   * @param {import("../shell/shell.js").Now} now
   */
  show(participant, now) {
    const { session } = this.#shell.room;
    const key = `${session?.id} ${session?.version} ${participant}`;
    if (participant !== this.#participant) {
      this.#participant = participant;
      this.#person = null;
      this.#dialog.close();
    }
    if (session !== null && key !== this.#known) void this.#load(session.id, key);
    const canChange = this.#shell.may("run_class") && !now.isFrozen;
    render(
      html`<h3>${texts.limits}</h3>
        <ul class="limits">
          ${Object.keys(limitNames).map((rule) => this.#line(rule, now.timeZone, canChange))}
        </ul>`,
      this.#node,
    );
  }

  /**
   * @param {string} session
   * @param {string} key
   */
  async #load(session, key) {
    this.#known = key;
    const participant = this.#participant;
    try {
      const [one, overrides] = await Promise.all([get(`/api/v1/sessions/${session}`), get(`/api/v1/sessions/${session}/overrides`)]);
      if (participant !== this.#participant) return;
      this.#person = one.participants.find((/** @type {{id: string}} */ { id }) => id === participant) ?? null;
      this.#overrides = overrides.filter((/** @type {Override} */ one_) => one_.participant === participant);
      this.#shell.paintSoon();
    } catch {
      setTimeout(() => {
        this.#known = "";
      }, 2_000);
    }
  }

  /**
   * @param {string} rule
   * @param {string} timeZone
   * @param {boolean} canChange
   */
  #line(rule, timeZone, canChange) {
    const value = this.#person?.limits[rule];
    const isChangeable = rule in CHANGEABLE;
    if (this.#person === null || (value === undefined && !isChangeable)) return nothing;
    const reason = this.#person.limit_reasons[rule] ?? "";
    const last = [...this.#overrides].reverse().find((one) => one.rule === rule);
    const who = last === undefined ? "" : texts.setBy(last.by, timeOfDay(last.utc_ms, timeZone, false), last.why);
    const said = html`<span class="limit-name">${low(limitNames[rule] ?? rule)}</span>
      <b>${value === undefined ? texts.noLimit : html`${value} <small>${unitOf(rule)}</small>`}</b>
      <span class="limit-reason">${value === undefined ? "" : (limitReasons[reason] ?? reason)}${who === "" ? "" : ` · ${who}`}</span>`;
    if (!isChangeable) return html`<li><span class="limit">${said}</span></li>`;
    return html`<li><button type="button" class="limit" data-rule=${rule} ?disabled=${!canChange} @click=${() => this.#open(rule)}>
      ${said}<span class="limit-change">${texts.change}</span></button></li>`;
  }

  /** @param {string} rule */
  #open(rule) {
    this.#rule = rule;
    this.#value = this.#person?.limits[rule] ?? (rule.startsWith("HR") ? 120 : 88);
    this.#dialog.open();
  }

  #head() {
    const step = CHANGEABLE[this.#rule] ?? 1;
    const to = (/** @type {number} */ value) => {
      this.#value = value;
      this.#dialog.paint();
    };
    return html`<h2 id="limit-title">${low(limitNames[this.#rule] ?? "")}</h2>
      <label for="limit-value">${texts.newValue}, ${unitOf(this.#rule)}</label>
      <div class="stepper">
        <button type="button" aria-label="-${step}" @click=${() => to(this.#value - step)}>−${step}</button>
        <input id="limit-value" type="number" inputmode="decimal" min="20" max="250" step="any" required .value=${String(this.#value)}
          @input=${(/** @type {Event} */ event) => {
            this.#value = Number(/** @type {HTMLInputElement} */ (event.target).value);
          }} />
        <button type="button" aria-label="+${step}" @click=${() => to(this.#value + step)}>+${step}</button>
      </div>`;
  }

  /** Back to what is prescribed: that is reason enough. */
  #prescribed() {
    void this.#dialog.save((why) => this.#send(null, why || texts.prescribed));
  }

  /**
   * @param {number | null} value null: as prescribed
   * @param {string} why
   */
  async #send(value, why) {
    const session = this.#shell.room.session?.id ?? "";
    const body = { rule: this.#rule, value, by: this.#shell.by, why };
    await post(`/api/v1/sessions/${session}/participants/${this.#participant}/limits`, body);
    this.#known = "";
  }
}

/** @param {string} rule */
function unitOf(rule) {
  return rule.startsWith("HR") ? texts.bpm : words.percent;
}
