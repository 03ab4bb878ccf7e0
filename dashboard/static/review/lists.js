/**
 * Alarms, entries and marks of one person's session, as lists.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { kinds, outcomes, priorities, rules, symptoms, texts, vitals, ways } from "./texts.js";
import { clock, length, number } from "./words.js";

/** @typedef {import("./record.js").Summary} Summary */

/**
 * The alarms, numbered as on the rail.
 * @param {Summary} summary
 * @param {string} zone
 */
export function alarmTable({ alarms }, zone) {
  if (alarms.length === 0) return html`<p>${texts.none}</p>`;
  return html`<div class="review-scroll"><table class="review-table">
    <thead><tr>${["", texts.at, texts.what, texts.priority, texts.lasted, texts.answeredAfter, texts.judge].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>
      ${alarms.map(
        (alarm, index) => html`<tr>
          <td>${index + 1}</td>
          <td>${clock(alarm.onset_utc_ms, zone)}</td>
          <td>${rules[alarm.rule] ?? alarm.rule}${alarm.peak === null || alarm.limit === null ? "" : ` (${number(alarm.peak)} / ${number(alarm.limit)})`}</td>
          <td>${priorities[alarm.priority]}</td>
          <td>${lasted(alarm)}</td>
          <td>${alarm.response_s === null ? texts.nobody : texts.answered(length(alarm.response_s), answeredBy(alarm))}${called(alarm, zone)}</td>
          <td>${alarm.outcome === null ? "--" : (outcomes[alarm.outcome] ?? alarm.outcome)}</td>
        </tr>`,
      )}
    </tbody>
  </table></div>`;
}

/**
 * How long an alarm was on; one that nothing ended is said to stand.
 * @param {import("./record.js").Alarm} alarm
 */
function lasted({ onset_utc_ms: onset, ended_utc_ms: ended, still_on: isStillOn }) {
  if (ended === null) return texts.stillOn;
  const time = length(Math.max(0, ended - onset) / 1000);
  return isStillOn ? `${time}, ${texts.stillOn}` : time;
}

/**
 * Who answered first, on a phone or on a screen.
 * @param {import("./record.js").Alarm} alarm
 */
function answeredBy({ calls, acknowledged_by: by, acknowledged_utc_ms: taken }) {
  const accepted = calls?.accepted_utc_ms ?? null;
  return calls !== undefined && accepted !== null && (taken === null || accepted <= taken) ? calls.accepted_by : by;
}

/**
 * Who was called when, by which ways, what the phone said of it, and who could not come.
 * @param {import("./record.js").Alarm} alarm
 * @param {string} zone
 */
function called({ calls }, zone) {
  if (calls === undefined) return nothing;
  const lines = calls.people.map(
    (one) => (one.reached ? texts.called : texts.calledInVain)(clock(one.at_utc_ms, zone), one.staff, one.ways.map((way) => ways[way] ?? way).join(", ")) + receipt(one),
  );
  if (!calls.people.some(({ reached }) => reached)) lines.push(texts.calledNobody);
  if (calls.cannot.length > 0) lines.push(texts.cannot(calls.cannot.join(", ")));
  return html`<ul class="calls">${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

/**
 * What a person's phone said of the message: no answer, and nobody need have looked.
 * @param {import("./record.js").Called} one
 */
function receipt({ receipt: said }) {
  if (said === undefined) return "";
  return ` - ${said === "seen" ? texts.opened : texts.shown}`;
}

/**
 * What staff entered.
 * @param {Summary} summary
 * @param {string} zone
 */
export function entryList({ entries }, zone) {
  if (entries.length === 0) return html`<p>${texts.none}</p>`;
  return html`<ul class="review-entries">
    ${entries.map((entry) => html`<li><time>${clock(entry.at_utc_ms, zone).slice(0, 5)}</time> <span>${say(entry.body)}</span> <span class="muted">${entry.by}</span></li>`)}
  </ul>`;
}

/** @param {Record<string, any>} body */
function say(body) {
  switch (body["kind"]) {
    case "rpe":
      return `${texts.rpe} ${body["rpe_borg"]}`;
    case "session_rpe":
      return `${texts.session} ${body["rpe_cr10"]}`;
    case "blood_pressure":
      return `${body["systolic_mmhg"]}/${body["diastolic_mmhg"]} mmHg`;
    case "dyspnoea":
      return `${symptoms["dyspnoea"]} ${body["dyspnoea_cr10"]}`;
    case "oxygen_flow":
      return `O2 ${body["oxygen_l_min"]} L/min`;
    case "weight":
      return `${body["mass_kg"]} kg`;
    case "six_minute_walk":
      return `${texts.sixMinuteWalk} ${number(body["distance_m"], 0, "m")}`;
    case "symptom":
      return [symptoms[body["symptom"]] ?? body["symptom"], body["text"] ?? ""].filter((piece) => piece !== "").join(": ");
    case "alarm_judged":
      return `${texts.judge}: ${outcomes[body["outcome"]] ?? body["outcome"]}`;
    case "note":
      return String(body["text"]);
    default:
      return [kinds[body["kind"]] ?? String(body["kind"]), body["step"] ?? body["why"] ?? ""].filter((piece) => piece !== "").join(": ");
  }
}

/**
 * The marks, each with who and why; one that counts can be taken back.
 * @param {Summary} summary
 * @param {string} zone
 * @param {(mark: import("./record.js").Mark, why: string) => void} withdraw
 */
export function markList({ marks, started_utc_ms: start }, zone, withdraw) {
  if (marks.length === 0) return nothing;
  const take = (/** @type {SubmitEvent} */ event, /** @type {import("./record.js").Mark} */ mark) => {
    event.preventDefault();
    if (event.currentTarget instanceof HTMLFormElement) withdraw(mark, String(new FormData(event.currentTarget).get("why")));
  };
  return html`<h3>${texts.marks}</h3>
    <ul class="review-marks">
      ${marks.map(
        (mark) => html`<li data-withdrawn=${mark.withdrawn_by === "" ? "no" : "yes"}>
          <span>${vitals[mark.vital]} ${clock(start + mark.from_ms, zone)} - ${clock(start + mark.to_ms, zone)}: ${mark.why} (${mark.by})</span>
          ${mark.withdrawn_by === ""
            ? html`<form class="review-form" @submit=${(/** @type {SubmitEvent} */ event) => take(event, mark)}>
                <input name="why" required minlength="3" maxlength="400" placeholder=${texts.withdrawWhy} aria-label=${texts.withdrawWhy} />
                <button>${texts.withdraw}</button>
              </form>`
            : html`<span>${texts.withdrawn(mark.withdrawn_by, mark.withdrawn_why)}</span>`}
        </li>`,
      )}
    </ul>`;
}
