/**
 * One person's session: what is missing first, then the course, the figures, and what staff add: notes, marks, signature.
 */

import { get, post } from "../shell/ask.js";
import { html, nothing, render } from "/static/vendor/lit-html.js";
import { Course } from "./course.js";
import { coverage, figures, firstLines } from "./figures.js";
import { alarmTable, entryList, markList } from "./lists.js";
import { personPath, sessionPath } from "./record.js";
import { texts, vitals } from "./texts.js";
import { clock, day, modeOf } from "./words.js";

const POINTS = 1_200;
const MARK_MS_MAX = 1_800_000;
const LOOK_MS = 700;
const LOOKS_MAX = 20;

/** @typedef {import("./record.js").PersonAnswer} PersonAnswer */

/** @param {import("./review.js").Place} place */
export async function showPerson({ main, names, shell }) {
  const [session = "", participant = ""] = names;
  await new PersonPage(main, shell, session, participant).start();
}

class PersonPage {
  #main;
  #shell;
  #session;
  #api;
  #participant;
  /** @type {PersonAnswer | null} */
  #answer = null;
  /** @type {Course | null} */
  #course = null;
  #asked = 0;
  #problem = "";
  #waiting = 0;

  /**
   * @param {HTMLElement} main
   * @param {import("../shell/shell.js").Shell} shell
   * @param {string} session
   * @param {string} participant
   */
  constructor(main, shell, session, participant) {
    this.#main = main;
    this.#shell = shell;
    this.#session = session;
    this.#participant = participant;
    this.#api = personPath(session, participant);
  }

  /** Shows the whole session. */
  async start() {
    await this.#load();
    const answer = this.#answer;
    if (answer === null) return;
    this.#paint();
    const node = this.#main.querySelector("#course");
    if (!(node instanceof HTMLElement)) return;
    this.#course = new Course(node, answer.summary, answer.session.time_zone, (from, to) => void this.#zoom(from, to));
    this.#course.whole();
    this.#shell.onMe(() => this.#paint());
  }

  async #load() {
    this.#answer = await get(`${this.#api}/summary`);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  async #zoom(from, to) {
    const asked = ++this.#asked;
    this.#main.dataset["chart"] = "loading";
    try {
      const query = `from_utc_ms=${Math.round(from)}&to_utc_ms=${Math.round(to)}&points=${POINTS}`;
      const timeline = await get(`${this.#api}/timeline?${query}`);
      if (asked !== this.#asked || this.#answer === null) return;
      this.#course?.show(timeline, this.#answer.summary);
      this.#main.dataset["chart"] = timeline.bucket_ms === 0 ? "raw" : String(timeline.bucket_ms);
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    }
    this.#paint();
  }

  /**
   * Sends something to the record and waits until the summary has it.
   * @param {string} path
   * @param {unknown} body
   */
  async #send(path, body) {
    this.#problem = "";
    const before = JSON.stringify([this.#answer?.digest, this.#answer?.signatures]);
    this.#waiting += 1;
    this.#paint();
    try {
      await post(path, body);
      for (let look = 0; look < LOOKS_MAX; look++) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        await this.#load();
        if (JSON.stringify([this.#answer?.digest, this.#answer?.signatures]) !== before) break;
      }
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    }
    this.#waiting -= 1;
    const [from, to] = this.#course?.stretch ?? [0, 0];
    await this.#zoom(from, to);
  }

  /** @param {unknown} body */
  #enter(body) {
    return this.#send(`${sessionPath(this.#session)}/entries`, { by: this.#shell.by || "staff", participant: this.#participant, body });
  }

  #paint() {
    const answer = this.#answer;
    if (answer === null) return;
    const { summary, session, alias } = answer;
    const here = `/review/${encodeURIComponent(this.#session)}`;
    const zone = session.time_zone;
    render(
      html`<div class="review-title">
          <h1>${alias === "" ? this.#participant : alias}</h1>
          ${modeOf(session) === "" ? nothing : html`<span class="shell-badge" data-practice=${session.is_practice ? "yes" : nothing}>${modeOf(session)}</span>`}
        </div>
        <p class="muted"><a href=${here}>${session.name === "" ? session.id : session.name}</a>, ${day(summary.started_utc_ms, zone)}, ${texts.seat} ${summary.seat ?? "--"}</p>
        <p class="shell-buttons">
          <a class="button" href=${`${this.#api}/report`} target="_blank" rel="noopener">${texts.report}</a>
          <a class="button" href=${`${this.#api}/report?form=pdf`} target="_blank" rel="noopener">${texts.pdf}</a>
          ${this.#shell.may("see_past") ? html`<a class="button" href=${`/review/people/${encodeURIComponent(this.#participant)}`}>${texts.programme}</a>` : nothing}
          <a class="button" href=${`${here}/replay`}>${texts.replay}</a>
        </p>
        ${firstLines(summary, zone)}
        <p class="shell-refusal" role="alert">${this.#problem}</p>
        <section class="card">
          <div class="course-tools">
            ${this.#tool(texts.whole, () => this.#course?.whole())} ${this.#tool(texts.closer, () => this.#course?.scale(0.5))}
            ${this.#tool(texts.wider, () => this.#course?.scale(2))} ${this.#tool(texts.earlier, () => this.#course?.move(-0.5))}
            ${this.#tool(texts.later, () => this.#course?.move(0.5))}
            <span class="muted">${texts.zoomHint}</span>
          </div>
          <div id="course"></div>
        </section>
        ${figures(summary, answer.chronotropic_pct ?? null)}
        <section class="card review-alarms"><h2>${texts.alarms}</h2>${alarmTable(summary, zone)}</section>
        <div class="review-columns">
          <section class="card">${this.#entries(summary, zone)}</section>
          <section class="card">${this.#marks(summary, zone)}</section>
          <section class="card">${coverage(summary)}</section>
          <section class="card" id="signature">${this.#signature(answer)}</section>
        </div>
        <p class="muted">${texts.rulesHash}: ${summary.rules.join(", ") || "--"}. ${texts.digest}: <code>${answer.digest.slice(0, 16)}</code>. ${texts.honest}</p>`,
      this.#main,
    );
    this.#main.dataset["state"] = this.#waiting > 0 ? "sending" : "done";
  }

  /**
   * @param {string} name
   * @param {() => void} act
   */
  #tool(name, act) {
    return html`<button type="button" @click=${act}>${name}</button>`;
  }

  /**
   * @param {import("./record.js").Summary} summary
   * @param {string} zone
   */
  #entries(summary, zone) {
    return html`<h2>${texts.entries}</h2>
      ${entryList(summary, zone)}
      <form class="review-form" @submit=${this.#submit((form) => this.#enter({ kind: "note", text: String(form.get("text")) }))}>
        <label>${texts.addNote}<input name="text" required maxlength="1000" /></label>
        <button ?disabled=${this.#waiting > 0}>${texts.save}</button>
      </form>
      <form class="review-form" @submit=${this.#submit((form) => this.#enter({ kind: "six_minute_walk", distance_m: Number(form.get("distance_m")) }))}>
        <label>${texts.walk}<input name="distance_m" type="number" min="0" max="1500" step="1" required /></label>
        <button ?disabled=${this.#waiting > 0}>${texts.save}</button>
      </form>`;
  }

  /**
   * @param {import("./record.js").Summary} summary
   * @param {string} zone
   */
  #marks(summary, zone) {
    const [from, to] = this.#course?.stretch ?? [0, 0];
    const isShort = from > 0 && to - from <= MARK_MS_MAX;
    const mark = (/** @type {FormData} */ form) =>
      this.#enter({ kind: "artefact", signal: String(form.get("signal")), from_utc_ms: Math.round(from), to_utc_ms: Math.round(to), why: String(form.get("why")) });
    const withdraw = (/** @type {import("./record.js").Mark} */ one, /** @type {string} */ why) =>
      void this.#enter({
        kind: "artefact",
        signal: one.vital,
        from_utc_ms: summary.started_utc_ms + one.from_ms,
        to_utc_ms: summary.started_utc_ms + one.to_ms,
        why,
        is_withdrawn: true,
      });
    return html`<h2>${texts.mark}</h2>
      <p class="muted">${isShort ? texts.markHint : texts.tooWide}</p>
      <form class="review-form" id="mark" @submit=${this.#submit(mark)}>
        <label>${texts.signal}<select name="signal"><option value="hr">${vitals["hr"]}</option><option value="spo2">${vitals["spo2"]}</option></select></label>
        <label>${texts.why}<input name="why" required minlength="3" maxlength="400" /></label>
        <button ?disabled=${!isShort || this.#waiting > 0}>${isShort ? texts.markStretch(clock(from, zone), clock(to, zone)) : texts.mark}</button>
      </form>
      ${markList(summary, zone, withdraw)}`;
  }

  /** @param {PersonAnswer} answer */
  #signature({ summary, session, digest, signatures }) {
    const zone = session.time_zone;
    const sign = () => void this.#send(`${this.#api}/sign`, { by: this.#shell.by || "staff", digest });
    return html`<h2>${texts.signature}</h2>
      ${signatures.map((one) => html`<p class=${one.is_same ? "" : "warning"}>${(one.is_same ? texts.signedBy : texts.signedOther)(one.by, day(one.at_utc_ms, zone))}</p>`)}
      <p class="muted">${summary.is_over ? texts.signHint : texts.signStill}</p>
      <button type="button" class="primary" ?disabled=${!summary.is_over || this.#waiting > 0} @click=${sign}>${this.#waiting > 0 ? texts.sending : texts.sign}</button>`;
  }

  /** @param {(form: FormData) => Promise<void>} act */
  #submit(act) {
    return (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const form = event.currentTarget;
      if (!(form instanceof HTMLFormElement)) return;
      void act(new FormData(form)).then(() => form.reset());
    };
  }
}
