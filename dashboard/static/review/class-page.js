/**
 * A class: one line a person, what is missing before what was measured. Summaries that are being made come one by one.
 */

import { Corrections } from "../class/corrections.js";
import { texts as classTexts } from "../class/texts.js";
import { get } from "../shell/ask.js";
import { html, nothing, render } from "/static/vendor/lit-html.js";
import { sessionPath, validPct } from "./record.js";
import { exports, texts } from "./texts.js";
import { BPM, clock, day, length, modeOf, number } from "./words.js";

/** @typedef {{session: import("./record.js").SessionListed, people: import("./record.js").Person[], pending: number}} ClassAnswer */

/** @param {import("./review.js").Place} place */
export async function showClass({ main, names, shell }) {
  const session = names[0] ?? "";
  /** @type {string} */
  let zone = "UTC";
  const corrections = new Corrections({
    onDraw: () => {
      const node = main.querySelector(".review-wearing");
      if (node instanceof HTMLElement) render(corrections.view({ timeZone: zone, mayCorrect: shell.may("review") }), node);
    },
    onRecorded: () => void show(),
  });
  const show = async () => {
    for (;;) {
      /** @type {ClassAnswer} */
      const answer = await get(`${sessionPath(session)}/summary`);
      zone = answer.session.time_zone;
      paint(main, answer, shell.may("see_past"), () => void corrections.read(session));
      if (answer.pending === 0) return;
    }
  };
  await show();
}

/**
 * @param {HTMLElement} main
 * @param {ClassAnswer} answer
 * @param {boolean} maySeePast
 * @param {() => void} onWearing who wore what is asked for
 */
function paint(main, { session, people, pending }, maySeePast, onWearing) {
  const api = sessionPath(session.id);
  const here = `/review/${encodeURIComponent(session.id)}`;
  const minutes = Math.round(((session.ended_utc_ms ?? Date.now()) - session.started_utc_ms) / 60_000);
  render(
    html`<h1>${session.name === "" ? session.id : session.name}</h1>
      <p class="muted">
        ${day(session.started_utc_ms, session.time_zone)}, ${session.ended_utc_ms === null ? texts.running : texts.minutes(minutes)},
        ${session.room}
        ${modeOf(session) === "" ? nothing : html`<span class="shell-badge" data-practice=${session.is_practice ? "yes" : nothing}>${modeOf(session)}</span>`}
      </p>
      <p class="shell-buttons">
        <a class="button" href=${`${here}/replay`}>${texts.replay}</a>
        <a class="button" href=${`${api}/report`} target="_blank" rel="noopener">${texts.report}</a>
        <a class="button" href=${`${api}/report?form=pdf`} target="_blank" rel="noopener">${texts.pdf}</a>
        ${maySeePast ? html`<a class="button" href=${`/review/what-if?session=${encodeURIComponent(session.id)}`}>${texts.whatIf}</a>` : nothing}
      </p>
      ${maySeePast && session.ended_utc_ms !== null ? exportsOf(api) : nothing}
      <div class="review-scroll">
        <table class="review-table">
          <thead>
            <tr>
              ${[texts.seat, texts.who, texts.counts, texts.spo2Counts, texts.meanPeak, texts.inZone, texts.nadir, texts.load, texts.alarms, texts.signed].map(
                (name) => html`<th scope="col">${name}</th>`,
              )}
            </tr>
          </thead>
          <tbody>
            ${people.map((person) => line(person, here, session.time_zone))}
          </tbody>
        </table>
      </div>
      <p class="muted" role="status">${pending > 0 ? texts.pending(pending) : texts.honest}</p>
      <details class="wearing-card" @toggle=${(/** @type {Event} */ event) => {
        if (/** @type {HTMLDetailsElement} */ (event.currentTarget).open) onWearing();
      }}>
        <summary>${classTexts.wearing}</summary>
        <div class="review-wearing"></div>
      </details>`,
    main,
  );
  main.dataset["state"] = pending > 0 ? "pending" : "done";
}

/**
 * The class as a file, in each form.
 * @param {string} api
 */
function exportsOf(api) {
  return html`<details class="exports"><summary>${texts.exportTitle}</summary>
    <ul class="exports-list">
      ${Object.entries(exports).map(
        ([format, words]) => html`<li><a class="button" href=${`${api}/export?format=${format}`} download>${words.name}</a> <span class="muted">${words.what}</span></li>`,
      )}
    </ul>
    <p class="muted">${texts.exportHow}</p>
  </details>`;
}

/**
 * @param {import("./record.js").Person} person
 * @param {string} here
 * @param {string} zone
 */
function line({ participant, alias, summary, signatures }, here, zone) {
  const name = html`<a href=${`${here}/${encodeURIComponent(participant)}`}>${alias === "" ? participant : alias}</a>`;
  if (summary === null) return html`<tr><td></td><td>${name}</td><td colspan="8"></td></tr>`;
  const last = signatures.at(-1);
  const heart = summary.heart;
  const signed = last === undefined ? texts.notSigned : last.is_same ? `${last.by}, ${clock(last.at_utc_ms, zone)}` : texts.changedSince;
  return html`<tr>
    <td>${summary.seat ?? "--"}</td>
    <td>${name}</td>
    <td>${share(validPct(summary, "hr"))}</td>
    <td>${share(validPct(summary, "spo2"))}</td>
    <td>${number(heart["mean_bpm"])} / ${number(heart["peak_bpm"], 0, BPM)}</td>
    <td>${length(heart["in_s"])}</td>
    <td>${number(summary.saturation?.["nadir_pct"], 0, "%")}</td>
    <td>${number(summary.load["banister"], 1)}</td>
    <td>${summary.alarms.length}</td>
    <td class=${last !== undefined && !last.is_same ? "warning" : ""}>${signed}</td>
  </tr>`;
}

/** @param {number | null} pct */
function share(pct) {
  return html`<span class="share"><meter min="0" max="100" .value=${pct ?? 0} aria-hidden="true"></meter> ${number(pct, 1, "%")}</span>`;
}
