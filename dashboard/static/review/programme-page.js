/**
 * A person's programme: one small chart a figure over the sessions, and the figures as a table.
 */

import { get } from "../shell/ask.js";
import { html, nothing, render, svg } from "/static/vendor/lit-html.js";
import { modes, texts } from "./texts.js";
import { day, number } from "./words.js";

/** @typedef {{session: string, started_utc_ms: number, generation_mode: string, minutes: number} & Record<string, number | null>} Session */

const WIDTH = 360;
const HEIGHT = 110;
const EDGE = 12;

/** @type {readonly (readonly [string, string, number, string])[]} */
const FIGURES = [
  ["peak_hr_bpm", texts.peak, 0, "bpm"],
  ["recovery_1_min_bpm", texts.recovery, 0, "bpm"],
  ["banister", texts.loadLong, 1, ""],
  ["rpe_borg", texts.rpeAtWork, 1, ""],
  ["met", "METs", 1, ""],
  ["spo2_nadir_pct", texts.spo2Nadir, 0, "%"],
  ["six_minute_walk_m", texts.sixMinuteWalk, 0, "m"],
];

/** @param {import("./review.js").Place} place */
export async function showProgramme({ main, names }) {
  const person = names[1] ?? "";
  /** @type {{alias: string, sessions: any[], time_zone: string}} */
  const { alias, sessions, time_zone: zone } = await get(`/api/v1/people/${encodeURIComponent(person)}/programme`);
  if (sessions.length === 0) {
    render(html`<p class="empty">${texts.noProgramme}</p>`, main);
    return;
  }
  render(
    html`<h1>${texts.programmeOf(alias === "" ? person : alias)}</h1>
      <p class="shell-buttons"><a class="button" href=${`/review/what-if?participant=${encodeURIComponent(person)}`}>${texts.whatIf}</a></p>
      <div class="review-figures">${FIGURES.map(([key, name, digits, unit]) => figure(name, sessions, key, digits, unit))}</div>
      <div class="review-scroll"><table class="review-table">
        <thead><tr>${[texts.date, texts.duration, texts.counts, texts.rest, ...FIGURES.map(([, name]) => name), texts.session, texts.alarms].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${sessions.map(
          (one) => html`<tr>
            <td><a href=${`/review/${encodeURIComponent(one.session)}/${encodeURIComponent(person)}`}>${day(one.started_utc_ms, zone)}</a>
              ${modes[one.generation_mode] ? html`<span class="shell-badge">${modes[one.generation_mode]}</span>` : nothing}</td>
            <td>${number(one.minutes, 0, "min")}</td>
            <td>${number(one.hr_valid_pct, 0, "%")}</td>
            <td>${number(one.rest_hr_bpm)}</td>
            ${FIGURES.map(([key, , digits]) => html`<td>${number(one[key], digits)}</td>`)}
            <td>${number(one.session_rpe)}</td>
            <td>${one.alarms}</td>
          </tr>`,
        )}</tbody>
      </table></div>
      <p class="muted">${texts.honest}</p>`,
    main,
  );
  main.dataset["state"] = "done";
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
  const y = (/** @type {number} */ value) => HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * (value - low)) / (high - low || 1);
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
