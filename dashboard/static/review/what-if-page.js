/**
 * What if: other limits or rules over stored classes, and which alarms they would have had. Asking changes nothing.
 */

import { get } from "../shell/ask.js";
import { html, nothing, render } from "/static/vendor/lit-html.js";
import { cancel, follow } from "./job.js";
import { said } from "./site-page.js";
import { priorities, rules, texts } from "./texts.js";
import { BPM, clock, day, length, modeOf, number } from "./words.js";

const ASKED = ["HR_OVER", "HR_CRIT", "HR_LOW", "SPO2_LOW", "SPO2_CRIT", "SPO2_FALL", "ZONE_HIGH", "ZONE_LOW"];

/** @param {import("./review.js").Place} place */
export async function showWhatIf({ main }) {
  /** @type {import("./record.js").SessionListed[]} */
  const sessions = await get("/api/v1/review/sessions?limit=1000");
  const zone = sessions[0]?.time_zone ?? "UTC";
  const query = new URLSearchParams(location.search);
  /** @type {import("./job.js").Job | null} */
  let job = null;
  let problem = "";

  const ask = async (/** @type {HTMLFormElement} */ form) => {
    problem = "";
    try {
      job = await follow("/api/v1/review/what-if", bodyOf(new FormData(form)), (now) => {
        job = now;
        paint();
      });
    } catch (error) {
      job = null;
      problem = error instanceof Error ? error.message : String(error);
    }
    paint();
    main.querySelector("#what-if-answer")?.scrollIntoView({ block: "start" });
  };

  const paint = () => {
    const isWorking = job !== null && (job.state === "waiting" || job.state === "running");
    render(
      html`<h1>${texts.whatIf}</h1>
        <p class="muted">${texts.whatIfIntro}</p>
        <form
          class="review-what-if"
          @submit=${(/** @type {SubmitEvent} */ event) => {
            event.preventDefault();
            void ask(/** @type {HTMLFormElement} */ (event.currentTarget));
          }}
        >
          <div class="review-form">
            <label
              >${texts.where}<select name="session">
                <option value="">${texts.allClasses}</option>
                ${sessions.map(
                  (one) => html`<option value=${one.id} ?selected=${one.id === query.get("session")}>${day(one.started_utc_ms, one.time_zone)} ${one.name}${modeOf(one) === "" ? "" : ` (${modeOf(one)})`}</option>`,
                )}
              </select></label
            >
            <label>${texts.onePerson}<input name="participant" maxlength="64" value=${query.get("participant") ?? ""} /></label>
          </div>
          <div class="review-scroll">
            <table class="review-table">
              <thead>
                <tr>${[texts.rule, texts.newLimit, texts.shift, texts.hold].map((name) => html`<th scope="col">${name}</th>`)}</tr>
              </thead>
              <tbody>
                ${ASKED.map(
                  (rule) => html`<tr>
                    <th scope="row">${rules[rule]} <small class="muted">${unitOf(rule)}</small></th>
                    <td><input type="number" step="any" min="0" max="300" name=${`value ${rule}`} aria-label=${`${rules[rule]}: ${texts.newLimit}`} /></td>
                    <td><input type="number" step="any" min="-100" max="100" name=${`shift ${rule}`} aria-label=${`${rules[rule]}: ${texts.shift}`} /></td>
                    <td><input type="number" step="any" min="0" max="600" name=${`hold_s ${rule}`} aria-label=${`${rules[rule]}: ${texts.hold}`} /></td>
                  </tr>`,
                )}
              </tbody>
            </table>
          </div>
          <details>
            <summary>${texts.rulesFile}</summary>
            <textarea name="rules_toml" rows="8" spellcheck="false" aria-label=${texts.rulesFile}></textarea>
          </details>
          <p class="shell-buttons">
            <button class="primary" ?disabled=${isWorking}>${texts.ask}</button>
            ${isWorking ? html`<button type="button" @click=${() => job !== null && void cancel(job)}>${texts.cancel}</button>` : nothing}
          </p>
        </form>
        <p role="status">${said(job, problem)}</p>
        ${job?.state === "done" ? answer(job.answer, zone) : nothing}`,
      main,
    );
    main.dataset["state"] = job?.state ?? "idle";
  };
  paint();
}

/** @param {FormData} form */
function bodyOf(form) {
  /** @type {Record<string, Record<string, number>>} */
  const limits = {};
  for (const [name, value] of form) {
    const [field, rule] = name.split(" ");
    if (rule === undefined || field === undefined || value === "") continue;
    (limits[rule] ??= {})[field] = Number(value);
  }
  const session = String(form.get("session") ?? "");
  const participant = String(form.get("participant") ?? "").trim();
  return {
    sessions: session === "" ? null : [session],
    participant: participant === "" ? null : participant,
    limits,
    rules_toml: String(form.get("rules_toml") ?? ""),
  };
}

/**
 * @param {any} found
 * @param {string} zone
 */
function answer(found, zone) {
  return html`<h2 id="what-if-answer">${texts.perHour(number(found.participant_hours, 1))}</h2>
    <div class="review-scroll"><table class="review-table" id="what-if-rules">
      <thead><tr>${[texts.rule, texts.priority, texts.before, texts.after, texts.timeInAlarm].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${found.rules.map(
        (/** @type {any} */ one) => html`<tr data-rule=${one.rule}>
          <th scope="row">${rules[one.rule]}</th><td>${priorities[one.priority]}</td><td>${one.before}</td><td><b>${one.after}</b></td>
          <td>${length(one.before_s)} / ${length(one.after_s)}</td>
        </tr>`,
      )}</tbody>
    </table></div>
    ${found.added_n + found.removed_n === 0 ? html`<p>${texts.noChange}</p>` : nothing}
    <div class="review-columns">${list(texts.added, found.added, found.added_n, zone)} ${list(texts.removed, found.removed, found.removed_n, zone)}</div>
    <div class="review-scroll"><table class="review-table">
      <thead><tr>${[texts.who, texts.classes, texts.before, texts.after].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${found.people.map(
        (/** @type {any} */ one) => html`<tr><td><a href=${`/review/people/${encodeURIComponent(one.participant)}`}>${one.participant}</a></td><td>${one.sessions}</td><td>${one.before}</td><td><b>${one.after}</b></td></tr>`,
      )}</tbody>
    </table></div>
    <p class="muted">${texts.rulesHash}: ${found.rules_before} / ${found.rules_after}. ${texts.honest}</p>`;
}

/**
 * @param {string} title
 * @param {any[]} alarms
 * @param {number} count
 * @param {string} zone
 */
function list(title, alarms, count, zone) {
  if (count === 0) return nothing;
  return html`<section>
    <h3>${title}: ${count}</h3>
    <ul>${alarms.slice(0, 100).map(
      (one) => html`<li>
        <a href=${`/review/${encodeURIComponent(one.session)}/${encodeURIComponent(one.participant)}`}>${day(one.onset_utc_ms, zone).split(",")[0]} ${clock(one.onset_utc_ms, zone)}</a>
        ${rules[one.rule]} ${number(one.limit, 0, unitOf(one.rule))}, ${length(one.seconds)}
      </li>`,
    )}</ul>
  </section>`;
}

/** @param {string} rule */
function unitOf(rule) {
  return rule.startsWith("SPO2") ? "%" : BPM;
}
