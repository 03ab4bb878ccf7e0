/**
 * What is entered about one person in one tap: exertion, breathlessness, symptoms; blood pressure, oxygen and notes in
 * two. Below, what was entered last, by whom.
 */

import { html, nothing, render } from "/static/vendor/lit-html.js";

import { dueRows, whenDue } from "../class/due-list.js";
import { dues, stopHow, texts as classTexts } from "../class/texts.js";
import { timeOfDay } from "../format.js";
import { Refused, post } from "../shell/ask.js";
import { entryWords, outcomes, symptoms, texts } from "./texts.js";

/** @typedef {import("./chart-data.js").ChartEntry} ChartEntry */

const RPE = Array.from({ length: 15 }, (_, index) => index + 6);
const SESSION_RPE = Array.from({ length: 11 }, (_, index) => index);
const DYSPNOEA = [0, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const SHOWN_MAX = 12;

export class EntryPanel {
  #shell;
  #node;
  #quick;
  #participant = "";
  #hint = "";
  /** Which of what is due is open. */
  #openDue = "";
  #onEntered;

  /**
   * @param {HTMLElement} node
   * @param {import("../shell/shell.js").Shell} shell
   * @param {(entry: ChartEntry) => void} onEntered
   * @param {HTMLElement} quick next to the person's numbers: what is due, and the way to the stop signs
   */
  constructor(node, shell, onEntered, quick) {
    this.#node = node;
    this.#quick = quick;
    this.#shell = shell;
    this.#onEntered = onEntered;
  }

  /**
   * @param {string} participant
   * @param {readonly ChartEntry[]} entries newest last
   * @param {import("../shell/shell.js").Now} now
   * @param {import("../class/flow.js").Flow | null} flow of the class, for what is due and which signs end exercise
   */
  show(participant, entries, now, flow) {
    if (participant !== this.#participant) {
      this.#participant = participant;
      this.#hint = "";
      this.#openDue = "";
      for (const form of this.#node.querySelectorAll("form")) form.reset();
    }
    const isDisabled = !this.#shell.may("run_class") || this.#shell.room.session === null;
    const tap = (/** @type {Record<string, unknown>} */ body) => () => this.#enter(body);
    const stopSigns = flow?.stop_signs ?? [];
    const sign = (/** @type {string} */ symptom, /** @type {string} */ look) => html`<button type="button" class=${look} ?disabled=${isDisabled} @click=${tap({ kind: "symptom", symptom })}>${symptoms[symptom] ?? symptom}</button>`;
    render(
      html`${stopSigns.length === 0 ? nothing : html`<button type="button" class="to-stop-signs" ?disabled=${isDisabled} @click=${() => this.#toStopSigns()}>${classTexts.stopSigns}</button>`}
        ${this.#due((flow?.people ?? []).filter(({ id }) => id === participant), now.utcMs, isDisabled)}`,
      this.#quick,
    );
    render(
      html`<h3>${texts.enter}</h3>
        ${stopSigns.length === 0
          ? nothing
          : html`<div class="taps stop-signs" role="group" aria-label=${classTexts.stopSigns}><span class="taps-name">${classTexts.stopSigns}</span>
              ${stopSigns.map((symptom) => sign(symptom, "danger"))}</div>`}
        ${this.#hint === "" ? nothing : html`<p class="hint" role="status">${this.#hint}</p>`}
        <div class="taps" role="group" aria-label=${texts.rpe}><span class="taps-name">${texts.rpe}</span>
          ${RPE.map((rpe) => html`<button type="button" ?disabled=${isDisabled} @click=${tap({ kind: "rpe", rpe_borg: rpe })}>${rpe}</button>`)}
        </div>
        <div class="taps" role="group" aria-label=${texts.dyspnoea}><span class="taps-name">${texts.dyspnoea}</span>
          ${DYSPNOEA.map((grade) => html`<button type="button" ?disabled=${isDisabled} @click=${tap({ kind: "dyspnoea", dyspnoea_cr10: grade })}>${grade}</button>`)}
        </div>
        <div class="taps wide" role="group" aria-label=${texts.symptomTitle}><span class="taps-name">${texts.symptomTitle}</span>
          ${Object.keys(symptoms).filter((symptom) => !stopSigns.includes(symptom)).map((symptom) => sign(symptom, ""))}
        </div>
        <form class="entry-form" @submit=${(/** @type {Event} */ event) => this.#submitNote(event)}>
          <input name="text" type="text" maxlength="1000" required aria-label=${texts.note} placeholder=${texts.note} ?disabled=${isDisabled} />
          <button type="submit" ?disabled=${isDisabled}>${texts.write}</button>
        </form>
        <form class="entry-form" @submit=${(/** @type {Event} */ event) => this.#submitPressure(event)}>
          <span class="taps-name">${texts.pressure}</span>
          <input name="systolic" type="number" inputmode="numeric" min="40" max="300" required aria-label="${texts.pressure} ${texts.systolic}" ?disabled=${isDisabled} />
          <input name="diastolic" type="number" inputmode="numeric" min="20" max="200" required aria-label="${texts.pressure} ${texts.diastolic}" ?disabled=${isDisabled} />
          <button type="submit" ?disabled=${isDisabled}>${texts.write}</button>
        </form>
        <form class="entry-form" @submit=${(/** @type {Event} */ event) => this.#submitOxygen(event)}>
          <span class="taps-name">${texts.oxygen}</span>
          <input name="flow" type="number" inputmode="decimal" min="0" max="60" step="0.5" required aria-label=${texts.oxygen} ?disabled=${isDisabled} />
          <button type="submit" ?disabled=${isDisabled}>${texts.write}</button>
        </form>
        <h3>${texts.entered}</h3>
        ${entries.length === 0 ? html`<p class="muted">${texts.nothingEntered}</p>` : nothing}
        <ul class="entered">
          ${[...entries].slice(-SHOWN_MAX).reverse().map((entry) => html`<li><span class="time">${timeOfDay(entry.at_utc_ms, now.timeZone, false)}</span>
            <span>${tellEntry(entry.body)}</span> <span class="by">${entry.by}</span></li>`)}
        </ul>`,
      this.#node,
    );
  }

  /**
   * What is due of this person now or soon: one tap opens it, the next enters it.
   * @param {readonly import("../class/flow.js").Person[]} people
   * @param {number} utcMs
   * @param {boolean} isDisabled
   */
  #due(people, utcMs, isDisabled) {
    const rows = dueRows(people, utcMs);
    if (rows.length === 0) return nothing;
    const open = rows.find(({ item }) => item.kind === this.#openDue);
    return html`<ul class="dues-here">
        ${rows.map(
          ({ item }) => html`<li data-due=${item.state}><button type="button" ?disabled=${isDisabled} aria-expanded=${item.kind === this.#openDue}
            @click=${() => this.#openPad(item.kind)}><b>${dues[item.kind] ?? item.kind}</b> ${whenDue(item, utcMs)}</button></li>`,
        )}
      </ul>
      ${open === undefined ? nothing : this.#pad(open.item.kind)}`;
  }

  #toStopSigns() {
    const first = this.#node.querySelector(".stop-signs button");
    if (!(first instanceof HTMLElement)) return;
    first.focus({ preventScroll: true });
    this.#node.scrollIntoView();
  }

  /** @param {string} kind of what is due; blood pressure has its fields below */
  #openPad(kind) {
    if (kind === "blood_pressure") {
      const field = this.#node.querySelector("input[name=systolic]");
      if (field instanceof HTMLElement) field.focus();
      return;
    }
    this.#openDue = this.#openDue === kind ? "" : kind;
    this.#shell.paintSoon();
  }

  /** @param {string} kind */
  #pad(kind) {
    const pads = { rpe: { field: "rpe_borg", values: RPE }, dyspnoea: { field: "dyspnoea_cr10", values: DYSPNOEA }, session_rpe: { field: "rpe_cr10", values: SESSION_RPE } };
    const pad = pads[/** @type {keyof typeof pads} */ (kind)];
    if (pad === undefined) return nothing;
    const label = dues[kind] ?? kind;
    return html`<div class="taps due-pad" role="group" aria-label=${label}><span class="taps-name">${label}</span>
      ${pad.values.map((value) => html`<button type="button" @click=${() => {
        this.#openDue = "";
        void this.#enter({ kind, [pad.field]: value });
      }}>${value}</button>`)}
    </div>`;
  }

  /** @param {Event} event */
  #submitNote(event) {
    const form = take(event);
    const text = String(new FormData(form).get("text")).trim();
    if (text !== "") void this.#enter({ kind: "note", text }).then((isDone) => isDone && form.reset());
  }

  /** @param {Event} event */
  #submitPressure(event) {
    const form = take(event);
    const data = new FormData(form);
    const body = { kind: "blood_pressure", systolic_mmhg: Number(data.get("systolic")), diastolic_mmhg: Number(data.get("diastolic")) };
    void this.#enter(body).then((isDone) => isDone && form.reset());
  }

  /** @param {Event} event */
  #submitOxygen(event) {
    const form = take(event);
    const body = { kind: "oxygen_flow", oxygen_l_min: Number(new FormData(form).get("flow")) };
    void this.#enter(body).then((isDone) => isDone && form.reset());
  }

  /**
   * Has something kept; returns whether it was taken.
   * @param {Record<string, unknown>} body
   * @returns {Promise<boolean>}
   */
  async #enter(body) {
    const session = this.#shell.room.session?.id ?? "";
    const participant = this.#participant;
    try {
      const taken = await post(`/api/v1/sessions/${session}/entries`, { by: this.#shell.by, participant, body });
      const how = taken.is_stop_sign === true ? stopHow[String(body["symptom"])] : undefined;
      this.#hint = how !== undefined ? how : tellWhatFollows(taken);
      this.#onEntered({ id: taken.id, at_utc_ms: this.#shell.now().utcMs, by: this.#shell.by, body });
      this.#shell.say(`${texts.entered}: ${tellEntry(body)}`);
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#shell.say(`${texts.notSaved} ${error.message}`);
      return false;
    }
  }
}

/** @param {Event} event */
function take(event) {
  event.preventDefault();
  return /** @type {HTMLFormElement} */ (event.currentTarget);
}

/**
 * What follows from an entry, in words.
 * @param {Record<string, any>} taken
 * @returns {string}
 */
function tellWhatFollows(taken) {
  const feels = taken["mismatch"]?.feels;
  if (feels !== undefined) return feels === "harder" ? texts.harder : texts.easier;
  if (taken["rate_pressure"] != null) return texts.ratePressure(taken["rate_pressure"]);
  return taken["session_load"] == null ? "" : texts.sessionLoad(taken["session_load"]);
}

/**
 * An entry in words.
 * @param {Record<string, any>} body
 * @returns {string}
 */
export function tellEntry(body) {
  const name = entryWords[body["kind"]] ?? body["kind"];
  switch (body["kind"]) {
    case "rpe":
      return `${name} ${body["rpe_borg"]}`;
    case "session_rpe":
      return `${name} ${body["rpe_cr10"]}`;
    case "dyspnoea":
      return `${name} ${body["dyspnoea_cr10"]}`;
    case "blood_pressure":
      return `${name} ${body["systolic_mmhg"]}/${body["diastolic_mmhg"]}`;
    case "oxygen_flow":
      return `${name} ${body["oxygen_l_min"]} L/min`;
    case "symptom":
      return [symptoms[body["symptom"]] ?? body["symptom"], body["text"] ?? ""].filter((word) => word !== "").join(": ");
    case "note":
      return body["text"];
    case "weight":
      return `${name} ${body["mass_kg"]} kg`;
    case "alarm_judged":
      return `${name}: ${outcomes[body["outcome"]] ?? body["outcome"]}`;
    case "six_minute_walk":
      return `${name} ${body["distance_m"]} m`;
    case "emergency":
      return [name, body["role"] ?? "", body["text"] || body["step"]].filter((word) => word !== "").join(" · ");
    default:
      return name;
  }
}
