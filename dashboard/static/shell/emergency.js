/**
 * An emergency on any staff page: a line on top of every screen, and the panel with roles, script and timeline.
 *
 * Each tap is a step that the server keeps; what is shown is what the server says, the same on every screen.
 */

import { html, nothing, render } from "/static/vendor/lit-html.js";

import { stopwatch, timeOfDay } from "../format.js";
import { put } from "../line.js";
import { language } from "../texts.js";
import { Refused, get, post } from "./ask.js";
import { holdToDo } from "./hold.js";
import { emergencyRoles, texts } from "./texts.js";

/** @typedef {import("../frames.js").EmergencyView} EmergencyView */
/** @typedef {import("./shell.js").Now} Now */
/** @typedef {{id: string, en: string, de: string}} ScriptLine */

export class Emergencies {
  #shell;
  #strip;
  #panel;
  #end;
  /** @type {string | null} id of the emergency whose panel is open */
  #openId = null;
  /** @type {ScriptLine[]} */
  #script = [];
  #isDefault = false;
  #scriptOf = "";
  #note = "";

  /**
   * @param {import("./shell.js").Shell} shell
   * @param {{top: HTMLElement, main: HTMLElement}} places
   */
  constructor(shell, { top, main }) {
    this.#shell = shell;
    this.#strip = put(top, "div", "shell-emergencies");
    this.#strip.setAttribute("role", "status");
    this.#panel = document.createElement("section");
    this.#panel.className = "shell-panel";
    this.#panel.hidden = true;
    main.after(this.#panel);
    this.#end = document.createElement("button");
    this.#end.type = "button";
    this.#end.className = "hold danger";
    put(this.#end, "span", "").textContent = `${texts.emergencyEnd} · ${texts.emergencyEndHow}`;
    holdToDo(this.#end, () => void this.#finish());
  }

  /** @returns {boolean} whether the panel stands in the place of the page */
  get isOpen() {
    return !this.#panel.hidden;
  }

  /**
   * Begins an emergency and opens its panel.
   * @param {string | null} participant null: nobody has said who it is
   */
  async begin(participant) {
    const { session } = this.#shell.room;
    if (session === null) {
      this.#shell.say(texts.emergencyNoClass);
      return;
    }
    await this.#ask(async () => {
      const begun = await post(`/api/v1/sessions/${session.id}/emergencies`, { participant });
      this.open(begun.id);
    });
  }

  /**
   * Opens the panel of one.
   * @param {string} id
   */
  open(id) {
    this.#openId = id;
    this.#note = "";
    this.#shell.paintSoon();
  }

  /** Goes back to the page. */
  close() {
    this.#openId = null;
    this.#shell.paintSoon();
  }

  /**
   * @param {Now} now
   * @param {boolean} mayAct
   */
  show(now, mayAct) {
    const { emergencies, session } = this.#shell.room;
    if (session !== null && emergencies.length > 0 && this.#scriptOf !== session.id) void this.#load(session.id);
    this.#strip.hidden = emergencies.length === 0;
    render(emergencies.map((one) => this.#line(one, now, mayAct)), this.#strip);
    const open = emergencies.find(({ id }) => id === this.#openId);
    // Ended on another screen: this one goes back to its page. One that was just begun may not be in a frame yet.
    if (open === undefined && !this.#panel.hidden) this.#openId = null;
    this.#panel.hidden = open === undefined || !mayAct;
    if (open !== undefined && mayAct) render(this.#whole(open, now), this.#panel);
  }

  /** @param {string} sessionId */
  async #load(sessionId) {
    this.#scriptOf = sessionId;
    try {
      const told = await get(`/api/v1/sessions/${sessionId}/emergencies`);
      this.#script = told.script;
      this.#isDefault = told.is_default;
      this.#shell.paintSoon();
    } catch {
      setTimeout(() => {
        this.#scriptOf = "";
      }, 2_000);
    }
  }

  /**
   * @param {EmergencyView} one
   * @param {Now} now
   * @param {boolean} mayAct
   */
  #line(one, now, mayAct) {
    const leader = one.roles?.["leader"];
    return html`<button
      type="button"
      class="shell-emergency-line"
      ?disabled=${!mayAct}
      @click=${() => (this.#openId === one.id ? this.close() : this.open(one.id))}
    >
      <b>${titleOf(one)}</b>
      <span class="elapsed">${stopwatch(now.utcMs - one.began_utc_ms)}</span>
      <span>${leader === undefined ? one.began_by : texts.emergencyRole(emergencyRoles["leader"] ?? "", leader)}</span>
      <span class="open">${this.#openId === one.id ? texts.emergencyBack : texts.emergencyOpen}</span>
    </button>`;
  }

  /**
   * @param {EmergencyView} one
   * @param {Now} now
   */
  #whole(one, now) {
    const { room } = this.#shell;
    const session = room.session?.id ?? "";
    const card = one.participant == null ? "" : `/handover/${session}/${one.participant}?lang=${language}`;
    return html`
      <div class="panel-head">
        <h2>${titleOf(one)}</h2>
        <p class="elapsed" aria-live="off">${stopwatch(now.utcMs - one.began_utc_ms)}</p>
        <div class="shell-buttons">
          ${card === "" ? nothing : html`<a class="button" href=${card} target="_blank" rel="noopener">${texts.handover}</a>`}
          <button type="button" @click=${() => this.close()}>${texts.emergencyBack}</button>
          ${this.#end}
        </div>
      </div>
      ${one.participant == null ? this.#seats() : nothing}
      <div class="panel-columns">
        <div>
          <h3>${texts.emergencyRolesTitle}</h3>
          <ul class="rows">
            ${Object.entries(emergencyRoles).map(([role, name]) => this.#role(one, role, name))}
          </ul>
          <h3>${texts.emergencyTimeline}</h3>
          ${this.#noting(one)}
          <ol class="panel-lines">
            ${[...(one.lines ?? [])].reverse().map((line) => this.#told(one, line))}
          </ol>
        </div>
        <div>
          <h3>${texts.emergencyScript}${this.#isDefault ? html` <small>(${texts.emergencyDefault})</small>` : nothing}</h3>
          <ol class="rows panel-script">
            ${this.#script.map((line) => this.#step(one, line))}
          </ol>
        </div>
      </div>
    `;
  }

  #seats() {
    const tiles = [...this.#shell.room.tiles.values()].sort((a, b) => a.seat - b.seat);
    return html`<div class="panel-seats">
      <h3>${texts.emergencyWho}</h3>
      <div class="shell-buttons" role="group" aria-label=${texts.seatsTitle}>
        ${tiles.map((tile) => html`<button type="button" @click=${() => this.#name(tile.id, tile.seat)}>${tile.seat}</button>`)}
      </div>
    </div>`;
  }

  /**
   * @param {EmergencyView} one
   * @param {string} role
   * @param {string} name
   */
  #role(one, role, name) {
    const has = one.roles?.[role];
    return html`<li class="panel-role">
      <span><b>${name}</b> <span class=${has === undefined ? "muted" : ""}>${has ?? texts.emergencyNobody}</span></span>
      <span class="shell-buttons">
        ${this.#names().map(
          (who) => html`<button type="button" aria-pressed=${String(has === who)} aria-label=${texts.emergencyRole(name, who)}
            @click=${() => this.#write(one, { step: "role", role, text: who })}>${who}</button>`,
        )}
      </span>
    </li>`;
  }

  /** Who may have a role: who is logged in here, then who is on duty. */
  #names() {
    const me = this.#shell.me?.who ?? "";
    return [...new Set([me, ...this.#shell.room.duty.map(({ staff }) => staff)])].filter((who) => who !== "");
  }

  /**
   * @param {EmergencyView} one
   * @param {ScriptLine} line
   */
  #step(one, line) {
    const isDone = one.done?.includes(line.id) ?? false;
    const at = [...(one.lines ?? [])].reverse().find(({ step }) => step === line.id)?.at_utc_ms;
    const text = language === "de" ? line.de : line.en;
    return html`<li>
      <button type="button" class="panel-step" aria-pressed=${String(isDone)}
        @click=${() => this.#write(one, isDone ? { step: "undone", text: line.id } : { step: line.id })}>
        <span class="tick" aria-hidden="true">${isDone ? "✓" : ""}</span>
        <span>${text}</span>
        <span class="since">${isDone && at !== undefined ? stopwatch(at - one.began_utc_ms) : ""}</span>
      </button>
    </li>`;
  }

  /** @param {EmergencyView} one */
  #noting(one) {
    const write = (/** @type {Event} */ event) => {
      event.preventDefault();
      const form = /** @type {HTMLFormElement} */ (event.currentTarget);
      if (this.#note.trim() === "") return;
      void this.#write(one, { step: "note", text: this.#note.trim() }).then(() => form.reset());
      this.#note = "";
    };
    return html`<form class="panel-note" @submit=${write}>
      <input type="text" maxlength="400" aria-label=${texts.emergencyNote} placeholder=${texts.emergencyNote}
        @input=${(/** @type {Event} */ event) => {
          this.#note = /** @type {HTMLInputElement} */ (event.target).value;
        }} />
      <button type="submit">${texts.emergencyWrite}</button>
    </form>`;
  }

  /**
   * @param {EmergencyView} one
   * @param {import("../frames.js").EmergencyLineView} line
   */
  #told(one, line) {
    const time = timeOfDay(line.at_utc_ms, this.#shell.room.timeZone, true);
    return html`<li><span class="since">${stopwatch(line.at_utc_ms - one.began_utc_ms)}</span> <span class="time">${time}</span>
      <span>${this.#words(line)}</span> <span class="by">${line.by}</span></li>`;
  }

  /** @param {import("../frames.js").EmergencyLineView} line */
  #words({ step, role = "", text = "" }) {
    const of = (/** @type {string} */ id) => {
      const line = this.#script.find((one) => one.id === id);
      return line === undefined ? "" : language === "de" ? line.de : line.en;
    };
    if (step === "began") return texts.emergencyBegan;
    if (step === "ended") return texts.emergencyEnded;
    if (step === "note") return text;
    if (step === "role") return texts.emergencyRole(emergencyRoles[role] ?? role, text);
    if (step === "undone") return `${texts.emergencyUndone}: ${of(text) || text}`;
    return of(step) || text || step;
  }

  /**
   * Somebody says who it is: the emergency goes on as that person's.
   * @param {string} participant
   * @param {number} seat
   */
  async #name(participant, seat) {
    const before = this.#shell.room.emergencies.find(({ id }) => id === this.#openId);
    await this.begin(participant);
    if (before !== undefined) await this.#write(before, { step: "ended", text: texts.emergencyIsSeat(seat) });
  }

  async #finish() {
    const one = this.#shell.room.emergencies.find(({ id }) => id === this.#openId);
    if (one === undefined) return;
    await this.#write(one, { step: "ended" });
    this.close();
  }

  /**
   * @param {EmergencyView} one
   * @param {{step: string, role?: string, text?: string}} step
   */
  #write(one, step) {
    const session = this.#shell.room.session?.id ?? "";
    return this.#ask(() =>
      post(`/api/v1/sessions/${session}/emergencies/steps`, { participant: one.participant ?? null, ...step }),
    );
  }

  /** @param {() => Promise<unknown>} doing */
  async #ask(doing) {
    try {
      await doing();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#shell.say(error.message);
    }
  }
}

/** @param {EmergencyView} one */
function titleOf({ seat }) {
  return seat == null ? texts.emergencyOfClass : texts.emergencyOf(seat);
}
