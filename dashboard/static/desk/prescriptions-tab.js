/**
 * Prescriptions: the inputs, the limits that follow from them with every candidate and why one applies, and all versions.
 *
 * What is typed is looked through by the server before it can be saved; this page decides nothing.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { get, post, Refused } from "../shell/ask.js";
import { dateOf } from "./dates.js";
import { choiceField, formOf, textField, tickField } from "./form.js";
import { limitsView } from "./limits-view.js";
import { PersonList } from "./person-list.js";
import { fields, groups, texts } from "./texts.js";

/** @typedef {import("./board.js").Person} Person */
/** @typedef {Record<string, number | string | boolean | null>} Inputs */
/** @typedef {{version: number, utc_ms: number, by: string, why: string, prescription: Inputs}} Version */

const WAIT_MS = 300;

/** @type {[string, string[]][]} */
const NUMBERS = [
  ["heart", ["hr_upper_bpm", "hr_lower_bpm", "rest_hr_bpm", "peak_hr_bpm", "ischaemic_threshold_bpm", "device_detection_bpm", "device_margin_bpm"]],
  ["zone", ["zone_low_bpm", "zone_high_bpm", "zone_low_hrr_pct", "zone_high_hrr_pct", "zone_low_hrmax_pct", "zone_high_hrmax_pct", "zone_low_rpe", "zone_high_rpe"]],
  ["oxygen", ["spo2_floor_pct", "spo2_critical_pct", "spo2_baseline_pct", "oxygen_l_min"]],
  ["person", ["birth_year", "mass_kg"]],
];
const TICKS = ["exercise_test", "after_surgery", "beta_blocker"];
const FORMULAS = ["fox", "tanaka", "tanaka_sedentary", "tanaka_trained", "gellish", "gellish_curve", "gulati", "sydo_women", "sydo_men", "brawner", "henry_ford_blocked", "henry_ford"];

export class PrescriptionsTab {
  #board;
  #list;
  /** @type {string | null} */
  #chosen = null;
  /** @type {Version[]} */
  #versions = [];
  /** @type {Inputs} */
  #inputs = {};
  /** @type {import("./limits-view.js").Preview | null} */
  #preview = null;
  #previewProblem = "";
  #why = "";
  #asked = 0;
  /** @type {number | undefined} */
  #timer;

  /** @param {import("./board.js").Board} board */
  constructor(board) {
    this.#board = board;
    this.#list = new PersonList(board, (person) => void this.#open(person));
  }

  /** @param {Person} person whose prescription is shown when the tab is opened */
  choose(person) {
    this.#chosen = person.id;
  }

  async load() {
    await this.#board.loadPeople();
    const person = this.#board.person(this.#chosen);
    if (person !== null) await this.#read(person);
  }

  leave() {
    clearTimeout(this.#timer);
  }

  view() {
    const person = this.#board.person(this.#chosen);
    return html`<div class="two solo" data-detail=${person === null ? "none" : "open"}>
      <div class="list">
        ${this.#board.mayEdit ? nothing : html`<p class="hint">${this.#board.onlyLook}</p>`} ${this.#list.view(this.#chosen)}
      </div>
      <div class="detail">${person === null ? html`<p class="empty">${texts.choosePerson}</p>` : this.#detail(person)}</div>
    </div>`;
  }

  /** @param {Person} person */
  #detail(person) {
    const mayEdit = this.#board.mayEdit;
    return html`<div class="head">
        <h2>${texts.prescriptionOf} ${person.alias}</h2>
        <button type="button" class="quiet narrow-only" @click=${() => this.#close()}>${texts.back}</button>
      </div>
      <div class="prescription">
        <form class="card fields" @submit=${(/** @type {SubmitEvent} */ event) => this.#save(event, person)} @input=${(/** @type {Event} */ event) => this.#typed(event)}>
          ${NUMBERS.map(([group, names]) => this.#group(groups[group] ?? group, names, mayEdit))}
          <fieldset>
            <legend>${texts.groupCare}</legend>
            <div class="ticks">
              ${TICKS.map((name) => tickField({ name, label: fields[name] ?? name, isOn: this.#inputs[name] === true, disabled: !mayEdit }))}
            </div>
          </fieldset>
          ${mayEdit
            ? html`${textField({ name: "why", label: texts.why, value: this.#why, hint: texts.whyHow, max: 400, required: true })}
                <div class="buttons">
                  <button type="submit" class="primary" ?disabled=${this.#board.isBusy || this.#isRefused()}>${texts.savePrescription}</button>
                </div>`
            : nothing}
          <p class="hint">${texts.holdsFromNext}</p>
        </form>
        <div class="beside">
          ${mayEdit || this.#preview !== null ? limitsView(this.#preview, this.#previewProblem) : nothing}
          <section class="card">
            <h2>${texts.versions}</h2>
            ${this.#versions.length === 0
              ? html`<p class="hint">${texts.noVersions}</p>`
              : html`<ol class="versions" reversed>
                  ${this.#versions.map((version) => this.#version(version))}
                </ol>`}
          </section>
        </div>
      </div>`;
  }

  /**
   * @param {string} legend
   * @param {string[]} names
   * @param {boolean} mayEdit
   */
  #group(legend, names, mayEdit) {
    return html`<fieldset>
      <legend>${legend}</legend>
      <div class="numbers" data-pairs=${names[0]?.startsWith("zone") ?? false}>
        ${names.map((name) => {
          const refused = this.#preview?.refusals.some((one) => one.field === name || (one.field === "age_years" && name === "birth_year"));
          return html`<div class="field">
            <label for="f-${name}">${fields[name]}</label>
            <input id="f-${name}" name=${name} type="text" inputmode="decimal" autocomplete="off" maxlength="6" ?readonly=${!mayEdit} aria-invalid=${refused ? "true" : nothing} value=${shown(this.#inputs[name])} />
          </div>`;
        })}
        ${names.includes("birth_year") ? this.#choices(mayEdit) : nothing}
      </div>
    </fieldset>`;
  }

  /** @param {boolean} mayEdit */
  #choices(mayEdit) {
    return html`${choiceField({
      name: "sex",
      label: fields["sex"] ?? "",
      value: String(this.#inputs["sex"] ?? ""),
      options: [["", texts.none], ["female", texts.female], ["male", texts.male]],
      disabled: !mayEdit,
    })}
    ${choiceField({
      name: "peak_formula",
      label: fields["peak_formula"] ?? "",
      value: String(this.#inputs["peak_formula"] ?? ""),
      options: [["", texts.formulaChosen], ...FORMULAS.map((word) => /** @type {[string, string]} */ ([word, word.replaceAll("_", " ")]))],
      disabled: !mayEdit,
    })}`;
  }

  /** @param {Version} version */
  #version(version) {
    const said = Object.entries(version.prescription).filter(([, value]) => value !== null && value !== false);
    return html`<li value=${version.version}>
      <p><b>${version.why}</b></p>
      <p class="hint">${dateOf(version.utc_ms, this.#board.shell.room.timeZone)}, ${version.by}</p>
      <p>${said.map(([name, value]) => `${fields[name] ?? name}${value === true ? "" : `: ${value}`}`).join(" · ")}</p>
      ${this.#board.mayEdit && version !== this.#versions[0]
        ? html`<button type="button" class="quiet" @click=${() => this.#take(version)}>${texts.takeVersion}</button>`
        : nothing}
    </li>`;
  }

  #isRefused() {
    return this.#previewProblem !== "" || (this.#preview?.refusals.length ?? 0) > 0;
  }

  /** @param {Person} person */
  async #open(person) {
    this.#chosen = person.id;
    await this.#board.act(() => this.#read(person));
    this.#board.fresh();
  }

  #close() {
    this.#chosen = null;
    this.#board.draw();
  }

  /** @param {Person} person */
  async #read(person) {
    this.#versions = await get(`/api/v1/people/${person.id}/prescriptions`);
    this.#why = "";
    this.#inputs = this.#versions[0]?.prescription ?? {};
    await this.#look();
  }

  /** @param {Version} version */
  async #take(version) {
    this.#inputs = version.prescription;
    await this.#look();
    this.#board.fresh();
  }

  /** @param {Event} event */
  #typed(event) {
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    if (/** @type {HTMLInputElement} */ (event.target).name === "why") return;
    this.#inputs = inputsOf(form);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look().then(() => this.#board.draw()), WAIT_MS);
  }

  /** Asks the server what follows; an answer to what was typed before is not taken. */
  async #look() {
    if (!this.#board.mayEdit) return;
    const asked = (this.#asked += 1);
    try {
      const preview = await post("/api/v1/prescriptions/preview", { prescription: given(this.#inputs) });
      if (asked !== this.#asked) return;
      this.#preview = preview;
      this.#previewProblem = "";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (asked === this.#asked) this.#previewProblem = error.message;
    }
  }

  /**
   * @param {SubmitEvent} event
   * @param {Person} person
   */
  async #save(event, person) {
    const form = formOf(event);
    this.#inputs = inputsOf(/** @type {HTMLFormElement} */ (event.currentTarget));
    this.#why = form.text("why");
    const isKept = await this.#board.act(async () => {
      await post(`/api/v1/people/${person.id}/prescriptions`, { prescription: given(this.#inputs), why: this.#why });
      await this.#board.loadPeople();
      await this.#read(person);
    }, texts.saved);
    if (isKept) this.#board.fresh();
  }
}

/** @param {unknown} value */
function shown(value) {
  return value === null || value === undefined ? "" : String(value);
}

/**
 * What stands in the form. What is no number is sent as it was typed: the server refuses it by name.
 * @param {HTMLFormElement} form
 * @returns {Inputs}
 */
function inputsOf(form) {
  const data = new FormData(form);
  /** @type {Inputs} */
  const inputs = {};
  for (const name of NUMBERS.flatMap(([, names]) => names)) {
    const text = String(data.get(name) ?? "").trim().replace(",", ".");
    if (text !== "") inputs[name] = Number.isFinite(Number(text)) ? Number(text) : text;
  }
  for (const name of ["sex", "peak_formula"]) {
    const value = data.get(name);
    if (typeof value === "string" && value !== "") inputs[name] = value;
  }
  for (const name of TICKS) if (data.has(name)) inputs[name] = true;
  return inputs;
}

/** @param {Inputs} inputs without what is empty */
function given(inputs) {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== null && value !== ""));
}
