/**
 * Who is called when about an alarm, as the part that calls people tells it: one time line a priority, and its steps in
 * words. What is in force is shown, never what somebody thinks is in force; it is changed in the site's file.
 */

import { html, svg } from "/static/vendor/lit-html.js";
import { callees, callPriorities, texts } from "./texts.js";

/** @typedef {{priority: string, after_s: number, called: string[], ways: string, every_s: number | null, again: boolean}} Row */
/** @typedef {{name: string, version: number, rows: Row[]}} Policy */

const WIDTH = 600;
const LEFT = 14;
const TICKS_MAX = 8;

/**
 * @param {Policy | null} policy null: nobody has told it
 */
export function policyView(policy) {
  if (policy === null) return html`<p class="empty">${texts.policyUnknown}</p>`;
  const ends = policy.rows.filter(({ again }) => !again).map(({ after_s, every_s }) => after_s + 2 * (every_s ?? 0));
  const endS = Math.max(60, ...ends) * 1.08;
  const priorities = [...new Set(policy.rows.map(({ priority }) => priority))];
  return html`<p class="hint">${texts.policyHow(policy.name, policy.version)}</p>
    ${priorities.map((priority) => lane(priority, policy.rows.filter((row) => row.priority === priority), endS))}`;
}

/**
 * @param {string} priority
 * @param {readonly Row[]} rows
 * @param {number} endS the end of all lines
 */
function lane(priority, rows, endS) {
  const calls = rows.filter(({ called }) => called.length > 0);
  const title = callPriorities[priority] ?? priority;
  return html`<section class="policy" data-priority=${priority}>
    <h3>${title}</h3>
    ${calls.length === 0
      ? html`<p>${texts.screensAlone}</p>`
      : html`${line(calls.filter(({ again }) => !again), endS, title)}
          <ol>${calls.filter(({ again }) => !again).map((row) => html`<li><b>${texts.afterOnset(row.after_s)}</b> ${words(row)}</li>`)}</ol>
          ${calls.filter(({ again }) => again).map((row) => html`<p>${texts.callsAgain(row.after_s)} ${words(row)}</p>`)}`}
  </section>`;
}

/**
 * The line: a numbered mark at each step, small ones where the last is repeated.
 * @param {readonly Row[]} rows
 * @param {number} endS
 * @param {string} title
 */
function line(rows, endS, title) {
  const x = (/** @type {number} */ atS) => LEFT + (atS / endS) * (WIDTH - 2 * LEFT);
  const tickS = [5, 10, 15, 30, 60, 120, 300, 600].find((step) => endS / step <= TICKS_MAX) ?? 900;
  const ticks = [];
  for (let atS = 0; atS <= endS; atS += tickS) ticks.push(atS);
  const repeats = rows.flatMap(({ after_s, every_s }) => {
    const found = [];
    for (let atS = after_s + (every_s ?? 0); every_s !== null && atS < endS; atS += every_s) found.push(atS);
    return found;
  });
  return html`<svg class="policy-line" viewBox="0 0 ${WIDTH} 56" role="img" aria-label=${title}>
    <line x1=${LEFT} x2=${WIDTH - LEFT} y1="18" y2="18"></line>
    ${ticks.map((atS) => svg`<g><line x1=${x(atS)} x2=${x(atS)} y1="18" y2="32"></line><text x=${x(atS)} y="50">${atS} s</text></g>`)}
    ${repeats.map((atS) => svg`<circle class="repeat" cx=${x(atS)} cy="18" r="5"></circle>`)}
    ${rows.map((row, place) => svg`<g class="step"><circle cx=${x(row.after_s)} cy="18" r="13"></circle><text x=${x(row.after_s)} y="23">${place + 1}</text></g>`)}
  </svg>`;
}

/** @param {Row} row */
function words({ called, ways, every_s: everyS }) {
  const who = called.map((one) => callees[one] ?? one).join(", ");
  return [who, ways === "all" ? texts.allWays : "", everyS === null ? "" : texts.callsEvery(everyS)].filter((piece) => piece !== "").join("; ");
}
