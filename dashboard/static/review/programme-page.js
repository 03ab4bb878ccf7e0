/**
 * A person's programme: one small chart a figure over the sessions, and the figures as a table.
 */

import { get, post } from "../shell/ask.js";
import { html, nothing, render, svg } from "/static/vendor/lit-html.js";
import { sessionPath } from "./record.js";
import { texts } from "./texts.js";
import { BPM, day, modeOf, number } from "./words.js";

/** @typedef {{session: string, started_utc_ms: number, generation_mode: string, minutes: number} & Record<string, number | null>} Session */

const WIDTH = 360;
const HEIGHT = 110;
const EDGE = 12;
const LOOK_MS = 700;
const LOOKS_MAX = 20;

/** @type {readonly (readonly [string, string, number, string])[]} */
const FIGURES = [
  ["peak_hr_bpm", texts.peak, 0, BPM],
  ["recovery_1_min_bpm", texts.recovery, 0, BPM],
  ["banister", texts.loadLong, 1, ""],
  ["rpe_borg", texts.rpeMean, 1, ""],
  ["met", "METs", 1, ""],
  ["spo2_nadir_pct", texts.spo2Nadir, 0, "%"],
  ["six_minute_walk_m", texts.sixMinuteWalk, 0, "m"],
];

/** @typedef {{basis: string, machine: string | null, low: number, high: number, points: {session: string, rpe_borg: number, work: number}[]}} SameWork */
/** @typedef {{alias: string, sessions: any[], time_zone: string, same_work: SameWork | null}} Programme */

/** @param {import("./review.js").Place} place */
export async function showProgramme({ main, names, shell }) {
  const person = names[1] ?? "";
  const load = async () => {
    /** @type {Programme} */
    const programme = await get(`/api/v1/people/${encodeURIComponent(person)}/programme`);
    return programme;
  };
  let programme = await load();
  if (programme.sessions.length === 0) {
    render(html`<p class="empty">${texts.noProgramme}</p>`, main);
    return;
  }
  const paint = (/** @type {string} */ problem, isSending = false) => {
    render(page(person, programme, problem, isSending, enter), main);
    main.dataset["state"] = isSending ? "sending" : "done";
  };
  const enter = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    const last = programme.sessions.at(-1);
    const distance = Number(new FormData(form).get("distance_m"));
    const entries = last.entries_n;
    paint("", true);
    try {
      await post(`${sessionPath(last.session)}/entries`, { by: shell.by || "staff", participant: person, body: { kind: "six_minute_walk", distance_m: distance } });
      form.reset();
      // The record has it when the figures have it.
      for (let look = 0; look < LOOKS_MAX && programme.sessions.at(-1)?.entries_n === entries; look++) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        programme = await load();
      }
      paint("");
    } catch (error) {
      paint(error instanceof Error ? error.message : String(error));
    }
  };
  paint("");
}

/**
 * @param {string} person
 * @param {Programme} programme
 * @param {string} problem
 * @param {boolean} isSending
 * @param {(event: SubmitEvent) => void} enter
 */
function page(person, { alias, sessions, time_zone: zone, same_work: same }, problem, isSending, enter) {
  return html`<h1>${texts.programmeOf(alias === "" ? person : alias)}</h1>
    <p class="shell-buttons"><a class="button" href=${`/review/what-if?participant=${encodeURIComponent(person)}`}>${texts.whatIf}</a></p>
    <p class="shell-refusal" role="alert">${problem}</p>
    <div class="review-figures">${FIGURES.map(([key, name, digits, unit]) => figure(name, sessions, key, digits, unit))}</div>
    <div class="review-columns">
      ${sameWork(same, sessions)}
      <section class="card"><h2>${texts.sixMinuteWalk}</h2>
        <form class="review-form" id="walk" @submit=${enter}>
          <label>${texts.walk}<input name="distance_m" type="number" min="0" max="1500" step="1" required /></label>
          <button ?disabled=${isSending}>${isSending ? texts.sending : texts.save}</button>
        </form>
        <p class="muted">${texts.walkInto(day(sessions.at(-1).started_utc_ms, zone))}</p>
      </section>
    </div>
    <div class="review-scroll"><table class="review-table">
      <thead><tr>${[texts.date, texts.duration, texts.counts, texts.rest, ...FIGURES.map(([, name]) => name), texts.session, texts.alarms].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${sessions.map(
        (one) => html`<tr>
          <td><a href=${`/review/${encodeURIComponent(one.session)}/${encodeURIComponent(person)}`}>${day(one.started_utc_ms, zone)}</a>
            ${modeOf(one) === "" ? nothing : html`<span class="shell-badge">${modeOf(one)}</span>`}</td>
          <td>${number(one.minutes, 0, "min")}</td>
          <td>${number(one.hr_valid_pct, 0, "%")}</td>
          <td>${number(one.rest_hr_bpm, 0, BPM)}</td>
          ${FIGURES.map(([key, , digits, unit]) => html`<td>${number(one[key], digits, unit)}</td>`)}
          <td>${number(one.session_rpe)}</td>
          <td>${one.alarms}</td>
        </tr>`,
      )}</tbody>
    </table></div>
    <p class="muted">${texts.honest}</p>`;
}

/**
 * What was said of one work in several sessions; or that nothing can be compared.
 * @param {SameWork | null} same
 * @param {any[]} sessions
 */
function sameWork(same, sessions) {
  if (same === null) return html`<section class="card" id="same-work"><h2>${texts.sameWork}</h2><p>${texts.sameWorkNone}</p></section>`;
  const said = new Map(same.points.map((one) => [one.session, one.rpe_borg]));
  const drawn = sessions.map(({ session }) => ({ rpe: said.get(session) ?? null }));
  const digits = same.basis === "met" ? 1 : 0;
  return html`<section class="card" id="same-work" data-basis=${same.basis}>
    ${figure(texts.sameWork, drawn, "rpe", 1, "")}
    <p class="muted">${texts.sameWorkHint(number(same.low, digits), number(same.high, digits), texts.sameWorkBy[same.basis] ?? same.basis, same.points.length)}
      ${same.basis === "hrr_pct" ? texts.sameWorkByHeart : nothing}</p>
  </section>`;
}

/**
 * @param {string} name
 * @param {any[]} sessions
 * @param {string} key
 * @param {number} digits
 * @param {string} unit
 */
function figure(name, sessions, key, digits, unit) {
  /** @type {{place: number, value: number}[]} */
  const known = sessions.flatMap((one, place) => (one[key] === null ? [] : [{ place, value: one[key] }]));
  if (known.length === 0) return nothing;
  const values = known.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (/** @type {number} */ place) => EDGE + ((WIDTH - 2 * EDGE) * place) / Math.max(1, sessions.length - 1);
  const y = (/** @type {number} */ value) => (low === high ? HEIGHT / 2 : HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * (value - low)) / (high - low));
  const points = known.map(({ place, value }) => `${x(place)},${y(value)}`).join(" ");
  const last = known.at(-1)?.value ?? null;
  return html`<figure class="card">
    <figcaption>${name} <b>${number(last, digits, unit)}</b></figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${`${name}: ${number(known[0]?.value, digits)} - ${number(last, digits)}`}>
      <polyline points=${points} />
      ${known.map(({ place, value }) => svg`<circle cx=${x(place)} cy=${y(value)} r="3.5"><title>${number(value, digits, unit)}</title></circle>`)}
    </svg>
    <small>${number(low, digits)} - ${number(high, digits, unit)}</small>
  </figure>`;
}
