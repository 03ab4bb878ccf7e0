/**
 * The alarms of one person: what, since when, who is on it, why; taken with what it was found to be, also afterwards;
 * and calling nobody for one of them for a while.
 */

import { html, nothing, render } from "/static/vendor/lit-html.js";

import { ageOf, inOrder, isExplained, isOpen, markOf, sayingOf, whoOf } from "../alarms.js";
import { sayAlarm } from "../alarm-words.js";
import { timeOfDay } from "../format.js";
import { wordsOfCall } from "../phone/who-is-on-it.js";
import { calledNow, calledThen } from "./call-lines.js";
import { outcomes, texts } from "./texts.js";

/** @typedef {import("../frames.js").AlarmView} AlarmView */
/** @typedef {import("./chart-data.js").AlarmSpan} AlarmSpan */

/** Critical values are called for each time; the server refuses it too. */
const NEVER_OFF = new Set(["HR_CRIT", "SPO2_CRIT"]);
const EARLIER_MAX = 8;

/**
 * @typedef {object} Doing
 * @property {(alarm: AlarmView, outcome: string | null) => void} onTake null: taken, not judged yet
 * @property {(alarmId: string, outcome: string) => void} onJudge
 * @property {(alarm: AlarmView) => void} onCallNobody
 * @property {(alarm: AlarmView) => void} onCallAgain
 */

export class AlarmsPanel {
  #node;
  #doing;
  /** @type {Set<string>} whose explanation is open */
  #open = new Set();
  /** @type {Map<string, string>} what was said here and may not be in the record yet */
  #judged = new Map();

  /**
   * @param {HTMLElement} node
   * @param {Doing} doing
   */
  constructor(node, doing) {
    this.#node = node;
    this.#doing = doing;
  }

  /**
   * Remembers what somebody here has found, until the record says it.
   * @param {string} alarmId
   * @param {string} outcome
   */
  judge(alarmId, outcome) {
    this.#judged.set(alarmId, outcome);
  }

  /**
   * @param {readonly AlarmView[]} alarms of the person
   * @param {readonly AlarmSpan[]} spans of the record
   * @param {import("../shell/shell.js").Now} now
   * @param {{calls: Map<string, import("../frames.js").CallView>, who: string, mayRespond: boolean}} state
   */
  show(alarms, spans, now, state) {
    const on = inOrder(alarms);
    const ids = new Set(on.map(({ id }) => id));
    const earlier = spans.filter(({ id, family }) => !ids.has(id) && family === "physiological").slice(-EARLIER_MAX).reverse();
    render(
      html`${on.filter((alarm) => !isExplained(alarm, alarms)).map((alarm) => this.#card(alarm, spans.find(({ id }) => id === alarm.id), now, state))}
        ${earlier.length === 0 ? nothing : this.#earlier(earlier, now, state.mayRespond)}`,
      this.#node,
    );
  }

  /**
   * @param {AlarmView} alarm
   * @param {AlarmSpan | undefined} span
   * @param {import("../shell/shell.js").Now} now
   * @param {{calls: Map<string, import("../frames.js").CallView>, who: string, mayRespond: boolean}} state
   */
  #card(alarm, span, now, { calls, who, mayRespond }) {
    const call = calls.get(alarm.id);
    const isTaken = alarm.signal === "acknowledged";
    const offUtcMs = call?.off_until_utc_ms;
    const on = [...calledNow(call), ...wordsOfCall(call, { who, utcMs: now.utcMs, timeZone: now.timeZone, isTaken })];
    const isOff = offUtcMs != null && offUtcMs > now.utcMs;
    const canAct = mayRespond && !now.isFrozen;
    return html`<article class="alarm-card" data-family=${alarm.family} data-priority=${alarm.priority} data-signal=${alarm.signal}
        ?data-frozen=${now.isFrozen}>
      <p class="alarm-line"><span class="mark">${markOf(alarm)}</span> <b>${low(sayingOf(alarm, now.timeZone))}</b>
        <span>${now.isFrozen ? "" : ageOf(alarm, now)}</span>
        <span class="who">${now.isFrozen ? "" : whoOf(alarm, now).full}</span></p>
      ${on.length === 0 ? nothing : html`<p class="on-it">${on.join(" · ")}</p>`}
      <div class="alarm-do">
        ${isOpen(alarm) && alarm.family === "technical"
          ? html`<button type="button" class="primary" ?disabled=${!canAct} @click=${() => this.#doing.onTake(alarm, null)}>${texts.acknowledge}</button>`
          : nothing}
        ${alarm.family === "physiological" ? this.#judging(alarm, span, canAct) : nothing}
        <button type="button" aria-expanded=${String(this.#open.has(alarm.id))} @click=${() => this.#toggle(alarm.id)}>${texts.why}</button>
        ${NEVER_OFF.has(alarm.rule)
          ? nothing
          : isOff
            ? html`<button type="button" ?disabled=${!canAct} @click=${() => this.#doing.onCallAgain(alarm)}>${texts.callAgain}</button>`
            : html`<button type="button" ?disabled=${!canAct} @click=${() => this.#doing.onCallNobody(alarm)}>${texts.callNobody}</button>`}
      </div>
      ${this.#open.has(alarm.id) ? html`<p class="explanation">${low(alarm.explanation ?? "")}</p>` : nothing}
    </article>`;
  }

  /**
   * Acknowledging says what it was in the same tap; who does not know yet just takes it.
   * @param {AlarmView} alarm
   * @param {AlarmSpan | undefined} span
   * @param {boolean} canAct
   */
  #judging(alarm, span, canAct) {
    const outcome = this.#judged.get(alarm.id) ?? span?.outcome ?? "";
    return html`${isOpen(alarm)
        ? html`<button type="button" class="primary" ?disabled=${!canAct} @click=${() => this.#doing.onTake(alarm, null)}>${texts.acknowledge}</button>`
        : nothing}
      <span class="outcomes" role="group" aria-label=${texts.whatWasIt}>
        ${Object.entries(outcomes).map(
          ([key, name]) => html`<button type="button" ?disabled=${!canAct} aria-pressed=${String(outcome === key)}
            @click=${() => (isOpen(alarm) ? this.#doing.onTake(alarm, key) : this.#doing.onJudge(alarm.id, key))}>${name}</button>`,
        )}
      </span>`;
  }

  /**
   * @param {readonly AlarmSpan[]} spans
   * @param {import("../shell/shell.js").Now} now
   * @param {boolean} mayRespond
   */
  #earlier(spans, now, mayRespond) {
    return html`<details class="earlier"><summary>${texts.earlier} (${spans.length})</summary>
      <ul class="rows">
        ${spans.map((span) => {
          const outcome = this.#judged.get(span.id) ?? span.outcome ?? "";
          return html`<li><span>${timeOfDay(span.onset_utc_ms, now.timeZone, false)} ${low(sayAlarm(/** @type {any} */ (span), { hasLimits: true }))}
              ${span.acknowledged_by === null ? nothing : html`<small>✓ ${span.acknowledged_by}</small>`}
              ${calledThen(span.calls, now.timeZone).map((line) => html`<small class="calls">${line}</small>`)}</span>
            <span class="outcomes" role="group" aria-label=${texts.whatWasIt}>
              ${Object.entries(outcomes).map(
                ([key, name]) => html`<button type="button" ?disabled=${!mayRespond || now.isFrozen} aria-pressed=${String(outcome === key)}
                  @click=${() => this.#doing.onJudge(span.id, key)}>${name}</button>`,
              )}
            </span></li>`;
        })}
      </ul></details>`;
  }

  /** @param {string} id */
  #toggle(id) {
    if (this.#open.has(id)) this.#open.delete(id);
    else this.#open.add(id);
  }
}

/**
 * The 2 of SpO2 set low.
 * @param {string} text
 */
export function low(text) {
  const pieces = text.split("SpO2");
  return pieces.map((piece, index) => (index === 0 ? piece : html`SpO<sub>2</sub>${piece}`));
}
