/**
 * Who wore what from when to when, and how it is put right: also after the end. Readings stay as they were heard; whose
 * they are follows from this list, so every correction says who made it, when and why.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { timeOfDay } from "../format.js";
import { get, post, Refused } from "../shell/ask.js";
import { nameOf } from "./pads.js";
import { kinds, texts } from "./texts.js";
import { utcOf } from "./wearing-time.js";

/** @typedef {import("/static/vendor/lit-html.js").TemplateResult} View */
/** @typedef {{sensor: string, kind: string, from_utc_ms: number, to_utc_ms: number | null}} Worn */
/** @typedef {{id: string, seat: number, alias: string, left_utc_ms: number | null, worn: Worn[]}} Wearer */
/** @typedef {{session: string, version: number, started_utc_ms: number, ended_utc_ms: number | null, is_recorded: boolean, people: Wearer[]}} Wearing */
/** @typedef {{sensor: string, participant: string | null, from_utc_ms: number, to_utc_ms: number | null}} Change */
/** @typedef {{version: number, by: string, why: string, utc_ms: number, changes: Change[]}} Correction */

const RECORD_MS = 1_000;

export class Corrections {
  #draw;
  #onRecorded;
  #session = "";
  #isBusy = false;
  /** @type {Map<string, string>} what is written on a sensor */
  #labels = new Map();
  /** Which row is open: a sensor with when it began on somebody. */
  #open = "";
  #problem = "";
  /** @type {Wearing | null} */
  wearing = null;
  /** @type {Correction[]} */
  done = [];

  /**
   * @param {{onDraw: () => void, onRecorded?: () => void}} listener `onRecorded`: the record has a correction, what is
   *   computed from it is another
   */
  constructor({ onDraw, onRecorded }) {
    this.#draw = onDraw;
    this.#onRecorded = onRecorded ?? (() => {});
  }

  /** @param {string} session whose list is wanted; asks for it */
  async read(session) {
    if (session !== this.#session) Object.assign(this, { wearing: null, done: [] });
    this.#session = session;
    try {
      const path = `/api/v1/sessions/${encodeURIComponent(session)}`;
      [this.wearing, this.done] = await Promise.all([get(`${path}/wearing`), get(`${path}/corrections`)]);
      /** @type {{id: string, label: string}[]} */
      const known = await get("/api/v1/sensors").catch(() => []);
      this.#labels = new Map(known.map(({ id, label }) => [id, label]));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#problem = error.message;
    }
    this.#draw();
  }

  /**
   * The list, a form in the row that is open, two people who are exchanged, and what was corrected.
   * @param {{timeZone: string, mayCorrect: boolean}} how
   * @returns {View}
   */
  view({ timeZone, mayCorrect }) {
    const { wearing } = this;
    if (wearing === null) return html`<p class="muted">${this.#problem === "" ? texts.wearingLoading : this.#problem}</p>`;
    return html`<div class="wearing" data-recorded=${wearing.is_recorded ? "yes" : "no"}>
      ${this.#problem === "" ? nothing : html`<p class="problem" role="alert">${this.#problem}</p>`}
      <p class="muted">${wearing.is_recorded ? texts.wearingHow : texts.wearingWaits}</p>
      <ul class="wearers">
        ${wearing.people.map(
          (person) => html`<li><p>${nameOf(person)}</p>
            ${person.worn.length === 0 ? html`<p class="muted">${texts.noSensor}</p>` : nothing}
            <ul>${person.worn.map((worn) => this.#row(person, worn, wearing, timeZone, mayCorrect))}</ul></li>`,
        )}
      </ul>
      ${mayCorrect && wearing.people.length > 1 ? this.#exchange(wearing, timeZone) : nothing}
      <h3>${texts.corrected}</h3>
      ${this.done.length === 0 ? html`<p class="muted">${texts.correctedNone}</p>` : nothing}
      <ul class="corrected">
        ${this.done.map(
          (one) => html`<li><b>${timeOfDay(one.utc_ms, timeZone, false)} ${one.by}</b> ${one.why}
            <ul>${one.changes.map((change) => html`<li class="muted">${this.#sayChange(change, wearing, timeZone)}</li>`)}</ul></li>`,
        )}
      </ul>
    </div>`;
  }

  /**
   * @param {Wearer} person
   * @param {Worn} worn
   * @param {Wearing} wearing
   * @param {string} timeZone
   * @param {boolean} mayCorrect
   */
  #row(person, worn, wearing, timeZone, mayCorrect) {
    const key = `${worn.sensor} ${worn.from_utc_ms}`;
    const isOpen = this.#open === key;
    return html`<li class="worn-row">
      <span>${this.#name(worn)}</span>
      <span class="times">${timeOfDay(worn.from_utc_ms, timeZone, true)} - ${worn.to_utc_ms === null ? texts.wornStill : timeOfDay(worn.to_utc_ms, timeZone, true)}</span>
      ${mayCorrect
        ? html`<button type="button" aria-expanded=${isOpen} aria-label="${texts.wasOther}: ${this.#name(worn)}"
            @click=${() => {
              this.#open = isOpen ? "" : key;
              this.#draw();
            }}>${texts.wasOther}</button>`
        : nothing}
      ${isOpen ? this.#move(person, worn, wearing, timeZone) : nothing}
    </li>`;
  }

  /**
   * @param {Wearer} person
   * @param {Worn} worn
   * @param {Wearing} wearing
   * @param {string} timeZone
   */
  #move(person, worn, wearing, timeZone) {
    const from = timeOfDay(worn.from_utc_ms, timeZone, true);
    const to = worn.to_utc_ms === null ? "" : timeOfDay(worn.to_utc_ms, timeZone, true);
    return html`<form class="line" @submit=${(/** @type {SubmitEvent} */ event) => {
      const data = taken(event);
      const at = (/** @type {string} */ text) => utcOf(text, { startedUtcMs: wearing.started_utc_ms, timeZone });
      const [said, until, who] = [data("from"), data("to"), data("who")];
      const change = {
        sensor: worn.sensor,
        participant: who === "" ? null : who,
        from_utc_ms: said === from ? worn.from_utc_ms : at(said),
        to_utc_ms: until === to ? worn.to_utc_ms : until === "" ? null : at(until),
      };
      void this.#post("/corrections", { changes: [change], why: data("why") }, event);
    }}>
      <label>${texts.wasOn}<select name="who">
        ${wearing.people.filter(({ id }) => id !== person.id).map(({ id, seat, alias }) => html`<option value=${id}>${say({ seat, alias })}</option>`)}
        <option value="">${texts.wasNobody}</option></select></label>
      <label>${texts.wornFrom}<input type="time" step="1" name="from" required value=${from} /></label>
      <label>${texts.wornTo}<input type="time" step="1" name="to" ?required=${worn.to_utc_ms !== null} value=${to} /></label>
      <label class="grow">${texts.why}<input name="why" required minlength="3" maxlength="400" autocomplete="off" /></label>
      <button class="primary" ?disabled=${this.#isBusy}>${texts.putRight}</button>
    </form>`;
  }

  /**
   * @param {Wearing} wearing
   * @param {string} timeZone
   */
  #exchange(wearing, timeZone) {
    const start = timeOfDay(wearing.started_utc_ms, timeZone, true);
    const options = wearing.people.map(({ id, seat, alias }) => html`<option value=${id}>${say({ seat, alias })}</option>`);
    const second = wearing.people.map(({ id, seat, alias }, index) => html`<option value=${id} ?selected=${index === 1}>${say({ seat, alias })}</option>`);
    return html`<h3>${texts.exchange}</h3>
      <form class="line exchange" @submit=${(/** @type {SubmitEvent} */ event) => {
        const data = taken(event);
        const since = data("since");
        void this.#post("/exchanges", {
          one: data("one"),
          other: data("other"),
          kind: data("kind"),
          since_utc_ms: since === start ? wearing.started_utc_ms : utcOf(since, { startedUtcMs: wearing.started_utc_ms, timeZone }),
          why: data("why"),
        }, event);
      }}>
        <label>${texts.exchangeOne}<select name="one">${options}</select></label>
        <label>${texts.exchangeOther}<select name="other">${second}</select></label>
        <label>${texts.sensor}<select name="kind"><option value="strap">${texts.strap}</option><option value="oximeter">${texts.oximeter}</option></select></label>
        <label>${texts.mixedSince}<input type="time" step="1" name="since" required value=${start} /></label>
        <label class="grow">${texts.why}<input name="why" required minlength="3" maxlength="400" autocomplete="off" /></label>
        <button ?disabled=${this.#isBusy}>${texts.putRight}</button>
      </form>`;
  }

  /**
   * @param {Change} change
   * @param {Wearing} wearing
   * @param {string} timeZone
   */
  #sayChange({ sensor, participant, from_utc_ms: from, to_utc_ms: to }, wearing, timeZone) {
    const wearer = wearing.people.find(({ id }) => id === participant);
    const who = participant === null ? texts.wasNobody : wearer === undefined ? participant : say(wearer);
    const until = to === null ? texts.toTheEnd : timeOfDay(to, timeZone, true);
    return texts.changeSaid(this.#labels.get(sensor) ?? sensor, who, timeOfDay(from, timeZone, true), until);
  }

  /** @param {Worn} worn */
  #name({ sensor, kind }) {
    return `${kinds[kind] ?? kind} ${this.#labels.get(sensor) ?? sensor}`;
  }

  /**
   * @param {string} path
   * @param {unknown} body
   * @param {SubmitEvent} event of the form, which is empty again when it is done
   */
  async #post(path, body, { currentTarget: form }) {
    const session = this.#session;
    this.#isBusy = true;
    this.#problem = "";
    this.#draw();
    try {
      await post(`/api/v1/sessions/${encodeURIComponent(session)}${path}`, body);
      this.#open = "";
      if (form instanceof HTMLFormElement) form.reset();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#problem = error.message;
    }
    this.#isBusy = false;
    await this.read(session);
    if (this.#problem === "") void this.#awaitRecord(session);
  }

  /** @param {string} session */
  async #awaitRecord(session) {
    while (session === this.#session && this.wearing?.is_recorded === false) {
      await new Promise((resolve) => setTimeout(resolve, RECORD_MS));
      await this.read(session);
    }
    if (session === this.#session) this.#onRecorded();
  }
}

/**
 * What a form says, without sending it anywhere.
 * @param {SubmitEvent} event
 * @returns {(name: string) => string}
 */
function taken(event) {
  event.preventDefault();
  const data = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
  return (name) => String(data.get(name) ?? "").trim();
}

/** @param {{seat: number, alias: string}} person */
function say({ seat, alias }) {
  return alias === String(seat) ? alias : `${seat} ${alias}`;
}
