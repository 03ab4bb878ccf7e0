/**
 * The alarm load of the site: how many, how fast answered, how many worth the walk.
 */

import { html, nothing, render } from "/static/vendor/lit-html.js";
import { cancel, follow } from "./job.js";
import { priorities, rules, texts } from "./texts.js";
import { length, number } from "./words.js";

const DAY_MS = 86_400_000;

/** @param {import("./review.js").Place} place */
export async function showSite({ main }) {
  const today = new Date();
  let from = iso(new Date(today.getTime() - 30 * DAY_MS));
  let to = iso(today);
  /** @type {import("./job.js").Job | null} */
  let job = null;
  let problem = "";

  const ask = async () => {
    const body = { from_utc_ms: Date.parse(`${from}T00:00`), to_utc_ms: Date.parse(`${to}T00:00`) + DAY_MS };
    problem = "";
    try {
      job = await follow("/api/v1/review/site", body, (now) => {
        job = now;
        paint();
      });
    } catch (error) {
      job = null;
      problem = error instanceof Error ? error.message : String(error);
    }
    paint();
  };

  const paint = () => {
    const isWorking = job !== null && (job.state === "waiting" || job.state === "running");
    render(
      html`<h1>${texts.site}</h1>
        <p class="muted">${texts.siteIntro}</p>
        <form class="review-form" @submit=${(/** @type {Event} */ event) => (event.preventDefault(), void ask())}>
          <label>${texts.from}<input type="date" required .value=${from} @change=${(/** @type {any} */ event) => (from = event.target.value)} /></label>
          <label>${texts.to}<input type="date" required .value=${to} @change=${(/** @type {any} */ event) => (to = event.target.value)} /></label>
          <button class="primary" ?disabled=${isWorking}>${texts.ask}</button>
          ${isWorking ? html`<button type="button" @click=${() => job !== null && void cancel(job)}>${texts.cancel}</button>` : nothing}
        </form>
        <p role="status">${said(job, problem)}</p>
        ${job?.state === "done" ? answer(job.answer) : nothing}`,
      main,
    );
    main.dataset["state"] = job?.state ?? "idle";
  };
  paint();
  await ask();
}

/**
 * @param {import("./job.js").Job | null} job
 * @param {string} problem
 */
export function said(job, problem) {
  if (problem !== "") return problem;
  if (job === null) return "";
  if (job.state === "failed") return job.problem;
  if (job.state === "cancelled") return texts.cancelled;
  return job.state === "done" ? "" : texts.working(Math.round(job.progress * 100));
}

/** @param {any} report */
function answer(report) {
  const heads = [texts.alarms, texts.perParticipantHour, texts.taken, texts.median, texts.p90, texts.judged, texts.useful];
  /** @param {any} load @param {string} name */
  const row = (load, name) => html`<tr>
    <th scope="row">${name}</th>
    <td>${load.alarms}</td>
    <td>${number(load.per_participant_hour, 2)}</td>
    <td>${load.taken}</td>
    <td>${length(load.response_median_s)}</td>
    <td>${length(load.response_p90_s)}</td>
    <td>${load.judged}</td>
    <td>${number(load.ppv_pct, 0, "%")} (${load.real}/${load.real + load.artefact})</td>
  </tr>`;
  /** @param {string} title @param {any[]} loads @param {Readonly<Record<string, string>>} words */
  const table = (title, loads, words) => html`<div class="review-scroll"><table class="review-table">
    <thead><tr><th scope="col">${title}</th>${heads.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${loads.map((load) => row(load, words[load.name] ?? load.name))}</tbody>
  </table></div>`;
  return html`<p><b>${texts.siteTotal(report.sessions, report.participants, number(report.participant_hours, 1))}</b>
      ${report.found_afterwards > 0 ? html` - ${texts.afterwards(report.found_afterwards)}` : nothing}</p>
    ${table(texts.priority, report.priorities, priorities)} ${table(texts.rule, report.rules, rules)}`;
}

/** @param {Date} date */
function iso(date) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
