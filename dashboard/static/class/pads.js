/**
 * Pads with which a value is entered by one or two taps: exertion 6 to 20, breathlessness 0 to 10, blood pressure, notes.
 */

import { html } from "/static/vendor/lit-html.js";
import { stopHow, symptoms, texts } from "./texts.js";

/** @typedef {import("/static/vendor/lit-html.js").TemplateResult} View */

const SYSTOLIC = [90, 100, 110, 120, 130, 140, 150, 160, 170, 180];
const DIASTOLIC = [50, 60, 65, 70, 75, 80, 85, 90, 100, 110];

/**
 * Seat and alias; the alias of somebody who is called by the seat stands there once.
 * @param {{seat: number, alias: string}} person
 * @returns {View}
 */
export function nameOf({ seat, alias }) {
  return html`<b>${seat}</b> <span>${alias === String(seat) ? "" : alias}</span>`;
}

/**
 * A row of numbers, each one tap.
 * @param {{label: string, from: number, to: number, onValue: (value: number) => void}} strip
 * @returns {View}
 */
export function numberStrip({ label, from, to, onValue }) {
  const values = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return html`<div class="strip" role="group" aria-label=${label}>
    ${values.map((value) => html`<button type="button" @click=${() => onValue(value)}>${value}</button>`)}
  </div>`;
}

/**
 * Blood pressure: one tap each for the rough value, or typed.
 * @param {{draft: {systolic?: number | undefined, diastolic?: number | undefined}, onChange: () => void, onKeep?: () => void}} pad
 * @returns {View}
 */
export function pressurePad({ draft, onChange, onKeep }) {
  /** @param {"systolic" | "diastolic"} which @param {string} label @param {number[]} values */
  const row = (which, label, values) => html`<div class="pressure-row">
    <label>${label}
      <input type="text" inputmode="numeric" size="4" maxlength="3" .value=${String(draft[which] ?? "")}
        @input=${(/** @type {Event} */ event) => {
          const value = Number.parseInt(/** @type {HTMLInputElement} */ (event.target).value, 10);
          draft[which] = Number.isFinite(value) ? value : undefined;
          onChange();
        }}
      />
    </label>
    <div class="strip" role="group" aria-label=${label}>
      ${values.map(
        (value) => html`<button type="button" aria-pressed=${draft[which] === value} @click=${() => {
          draft[which] = value;
          onChange();
        }}>${value}</button>`,
      )}
    </div>
  </div>`;
  const { systolic, diastolic } = draft;
  const isWhole = systolic !== undefined && diastolic !== undefined && diastolic < systolic;
  return html`<div class="pressure">
    ${row("systolic", texts.systolic, SYSTOLIC)} ${row("diastolic", texts.diastolic, DIASTOLIC)}
    ${onKeep === undefined ? "" : html`<button type="button" class="primary" ?disabled=${!isWhole} @click=${onKeep}>${texts.keep}</button>`}
  </div>`;
}

/**
 * The pad of one thing that is due.
 * @param {{kind: string, label: string, draft: {systolic?: number | undefined, diastolic?: number | undefined}, onChange: () => void,
 *   onEntry: (body: Record<string, unknown>) => void}} pad
 * @returns {View}
 */
export function entryPad({ kind, label, draft, onChange, onEntry }) {
  if (kind === "blood_pressure") {
    const onKeep = () => onEntry({ kind, systolic_mmhg: draft.systolic, diastolic_mmhg: draft.diastolic });
    return pressurePad({ draft, onChange, onKeep });
  }
  if (kind === "rpe") return numberStrip({ label, from: 6, to: 20, onValue: (value) => onEntry({ kind, rpe_borg: value }) });
  const field = kind === "dyspnoea" ? "dyspnoea_cr10" : "rpe_cr10";
  return numberStrip({ label, from: 0, to: 10, onValue: (value) => onEntry({ kind, [field]: value }) });
}

/**
 * Stop signs, symptoms and a note: one tap each.
 * @param {{stopSigns: readonly string[], onEntry: (body: Record<string, unknown>) => void}} pad
 * @returns {View}
 */
export function notePad({ stopSigns, onEntry }) {
  const others = Object.keys(symptoms).filter((symptom) => !stopSigns.includes(symptom));
  /** @param {string} symptom @param {boolean} isStop */
  const tap = (symptom, isStop) => html`<button type="button" class=${isStop ? "danger" : ""}
    @click=${() => onEntry({ kind: "symptom", symptom })}>${symptoms[symptom] ?? symptom}</button>`;
  return html`<div class="notes">
    <h4>${texts.stopSigns}</h4>
    <div class="taps">${stopSigns.map((symptom) => tap(symptom, true))}</div>
    <h4>${texts.otherSymptoms}</h4>
    <div class="taps">${others.map((symptom) => tap(symptom, false))}</div>
    <form class="line" @submit=${(/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const form = /** @type {HTMLFormElement} */ (event.target);
      const text = String(new FormData(form).get("text") ?? "").trim();
      if (text !== "") onEntry({ kind: "note", text });
      form.reset();
    }}>
      <label class="grow">${texts.note}<input name="text" maxlength="1000" autocomplete="off" placeholder=${texts.noteText} /></label>
      <button>${texts.keep}</button>
    </form>
  </div>`;
}

/**
 * What is done now: shown until somebody has done it.
 * @param {{symptom: string, alias: string, seat: number, onRecovery: () => void}} sign
 * @returns {View}
 */
export function stopBox({ symptom, alias, seat, onRecovery }) {
  return html`<section class="stop" role="alert">
    <p class="stop-head"><b>${texts.stopNow}</b> ${nameOf({ seat, alias })} ${symptoms[symptom] ?? symptom}</p>
    <p>${stopHow[symptom] ?? ""}</p>
    <button type="button" class="primary" @click=${onRecovery}>${texts.toRecovery}</button>
  </section>`;
}

/**
 * Why something is done all the same: the server's one line, a field and a button.
 * @param {{line: string, label: string, onWhy: (why: string) => void}} ask
 * @returns {View}
 */
export function whyForm({ line, label, onWhy }) {
  return html`<form class="why" @submit=${(/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    onWhy(String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("why") ?? "").trim());
  }}>
    <p>${line}</p>
    <label class="grow">${texts.why}<input name="why" required minlength="3" maxlength="400" autocomplete="off" /></label>
    <button class="danger">${label}</button>
  </form>`;
}
