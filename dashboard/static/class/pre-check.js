/**
 * The check before exercise of one person: large taps, each with its limit; what is open is let be only with a reason.
 */

import { html } from "/static/vendor/lit-html.js";
import { timeOfDay } from "../format.js";
import { pressurePad, whyForm } from "./pads.js";
import { items, symptoms, texts } from "./texts.js";

/** @typedef {import("/static/vendor/lit-html.js").TemplateResult} View */
/** @typedef {import("./flow.js").Person} Person */
/** @typedef {import("./flow.js").Finding} Finding */

/**
 * What was tapped and not sent yet. `symptoms` undefined: not asked; empty: asked, none.
 * @typedef {object} CheckDraft
 * @property {{systolic?: number | undefined, diastolic?: number | undefined}} pressure
 * @property {number} [massKg]
 * @property {number} [oxygen]
 * @property {string[]} [symptoms]
 * @property {boolean} [isMedicationTaken]
 * @property {boolean} [isRefused] something is open, and somebody must say why
 */

/** @returns {CheckDraft} */
export function newDraft() {
  return { pressure: {} };
}

/**
 * The body of the request.
 * @param {CheckDraft} draft
 * @param {string} why
 */
export function checkBody(draft, why) {
  const { systolic, diastolic } = draft.pressure;
  return {
    blood_pressure: systolic === undefined || diastolic === undefined ? null : { systolic_mmhg: systolic, diastolic_mmhg: diastolic },
    mass_kg: draft.massKg ?? null,
    oxygen_l_min: draft.oxygen ?? null,
    symptoms: draft.symptoms ?? null,
    is_medication_taken: draft.isMedicationTaken ?? null,
    why,
  };
}

/**
 * @param {{person: Person, draft: CheckDraft, timeZone: string, source: string, onChange: () => void, onCheck: (why: string) => void}} pad
 * @returns {View}
 */
export function preCheck({ person, draft, timeZone, source, onChange, onCheck }) {
  const { clearance } = person;
  const by = clearance.by !== null && clearance.at_utc_ms !== null ? texts.checkedBy(clearance.by, timeOfDay(clearance.at_utc_ms, timeZone, false)) : "";
  return html`<section class="pad" aria-label=${texts.preCheck}>
    <h3>${by === "" ? texts.preCheck : texts.checkAgain} <span class="muted">${by} ${clearance.why}</span></h3>
    <div class="check">${person.findings.filter(({ state }) => state !== "not_needed").map((finding) => row(finding, draft, onChange))}</div>
    <p class="source muted">${source}</p>
    ${draft.isRefused !== true
      ? html`<button type="button" class="primary wide" @click=${() => onCheck("")}>${texts.clear}</button>`
      : whyForm({ line: sayOpen(person.findings, draft), label: texts.clearAnyway, onWhy: onCheck })}
  </section>`;
}

/**
 * What does not pass and what is open, in one line; what was just tapped is not open.
 * @param {readonly Finding[]} findings
 * @param {CheckDraft} draft
 */
function sayOpen(findings, draft) {
  const open = findings.filter(({ item, state }) => state === "problem" || (state === "missing" && !has(item, draft)));
  return texts.openStill(open.map(({ item }) => items[item] ?? item).join(", "));
}

/**
 * @param {Finding} finding
 * @param {CheckDraft} draft
 * @param {() => void} onChange
 */
function row(finding, draft, onChange) {
  const isDrafted = has(finding.item, draft);
  const state = isDrafted ? "drafted" : finding.state;
  const word = { ok: texts.ok, problem: texts.problem, missing: texts.missing, not_needed: texts.notNeeded, drafted: "" }[state];
  return html`<div class="check-row" data-check=${state} data-item=${finding.item}>
    <p class="check-name"><b>${items[finding.item] ?? finding.item}</b>
      <span>${said(finding)}</span> <small>${word} ${finding.limit === "" ? "" : texts.limit(finding.limit)}</small></p>
    ${field(finding, draft, onChange)}
  </div>`;
}

/** @param {Finding} finding */
function said({ item, value }) {
  return item === "symptoms" ? value.split(" ").map((one) => symptoms[one] ?? one).join(", ") : value;
}

/** @param {string} item @param {CheckDraft} draft */
function has(item, draft) {
  if (item === "blood_pressure") return draft.pressure.systolic !== undefined && draft.pressure.diastolic !== undefined;
  if (item === "weight") return draft.massKg !== undefined;
  if (item === "oxygen") return draft.oxygen !== undefined;
  if (item === "symptoms") return draft.symptoms !== undefined;
  return item === "medication" && draft.isMedicationTaken !== undefined;
}

/**
 * @param {Finding} finding
 * @param {CheckDraft} draft
 * @param {() => void} onChange
 */
function field(finding, draft, onChange) {
  /** @param {() => void} change */
  const tap = (change) => () => {
    change();
    delete draft.isRefused;
    onChange();
  };
  switch (finding.item) {
    case "blood_pressure":
      return pressurePad({ draft: draft.pressure, onChange: tap(() => undefined) });
    case "weight":
      return numberField(items["weight"] ?? "", texts.kilograms, tap, (value) => {
        if (value === undefined) delete draft.massKg;
        else draft.massKg = value;
      });
    case "oxygen":
      return numberField(items["oxygen"] ?? "", texts.litres, tap, (value) => {
        if (value === undefined) delete draft.oxygen;
        else draft.oxygen = value;
      });
    case "medication":
      return html`<div class="taps">
        ${[true, false].map((isTaken) => html`<button type="button" aria-pressed=${draft.isMedicationTaken === isTaken}
          @click=${tap(() => { draft.isMedicationTaken = isTaken; })}>${isTaken ? texts.taken : texts.notTaken}</button>`)}
      </div>`;
    case "symptoms":
      return symptomTaps(draft, tap);
    default:
      return "";
  }
}

/**
 * @param {string} label
 * @param {string} unit
 * @param {(change: () => void) => () => void} tap
 * @param {(value: number | undefined) => void} take
 */
function numberField(label, unit, tap, take) {
  return html`<label class="number"><span class="unseen">${label}</span>
    <input type="text" inputmode="decimal" size="6" maxlength="6" autocomplete="off"
      @input=${(/** @type {Event} */ event) => {
        const value = Number.parseFloat(/** @type {HTMLInputElement} */ (event.target).value.replace(",", "."));
        tap(() => take(Number.isFinite(value) ? value : undefined))();
      }}
    /> ${unit}</label>`;
}

/**
 * @param {CheckDraft} draft
 * @param {(change: () => void) => () => void} tap
 */
function symptomTaps(draft, tap) {
  const chosen = draft.symptoms;
  return html`<div class="taps">
    <button type="button" aria-pressed=${chosen !== undefined && chosen.length === 0} @click=${tap(() => { draft.symptoms = []; })}>${texts.noneAsked}</button>
    ${Object.entries(symptoms).map(([symptom, word]) => {
      const isOn = chosen?.includes(symptom) ?? false;
      return html`<button type="button" aria-pressed=${isOn} @click=${tap(() => {
        draft.symptoms = isOn ? (chosen ?? []).filter((one) => one !== symptom) : [...(chosen ?? []), symptom];
      })}>${word}</button>`;
    })}
  </div>`;
}
