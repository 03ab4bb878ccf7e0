/**
 * The figures of one person's session, and before them what is missing.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { missingOf } from "./record.js";
import { causes, deviations, phases, rules, texts, vitals } from "./texts.js";
import { BPM, length, number } from "./words.js";

/** @typedef {import("./record.js").Summary} Summary */

/**
 * What everybody must know before reading on.
 * @param {Summary} summary
 * @param {string} _zone
 */
export function firstLines(summary, _zone) {
  const missing = summary.coverage.map((one) => ({ vital: one.vital, ...missingOf(one) })).filter(({ ms }) => ms > 0);
  const marks = summary.marks.filter(({ withdrawn_by: by }) => by === "").length;
  const said = missing.map(({ vital, pct, ms }) => texts.missing(vitals[vital] ?? vital, number(pct, 1), length(ms / 1000)));
  return html`<p class="review-first" data-holes=${missing.length > 0 ? "yes" : "no"}>
    ${missing.length > 0 ? html`<b>${texts.holes}</b> ${said.join("; ")}.` : texts.noHoles} ${marks > 0 ? html`${texts.marked(marks)}.` : nothing}
  </p>`;
}

/**
 * @param {Summary} summary
 * @param {number | null} [chronotropic] the chronotropic index in %, where the age is known
 */
export function figures({ heart, saturation, work, load, beats, deviations: otherwise }, chronotropic = null) {
  const last = heart["recoveries"].at(-1);
  const zone = heart["zone_low_bpm"] === null ? texts.inZone : `${texts.inZone} ${heart["zone_low_bpm"]}-${heart["zone_high_bpm"]} ${BPM}`;
  return html`<div class="review-groups">
    ${group(texts.heart, [
      [texts.rest, number(heart["rest_bpm"], 0, BPM)],
      [texts.mean, number(heart["mean_bpm"], 0, BPM)],
      [texts.peak, number(heart["peak_bpm"], 0, BPM)],
      [texts.reserve, number(heart["peak_hrr_pct"], 0, "%")],
      [zone, length(heart["in_s"])],
      [texts.aboveLimit, length(heart["above_limit_s"])],
      [texts.recovery1, number(last?.after_1_min_bpm, 0, BPM)],
      [texts.recovery2, number(last?.after_2_min_bpm, 0, BPM)],
      .../** @type {[string, string][]} */ (chronotropic === null ? [] : [[texts.chronotropic, number(chronotropic, 0, "%")]]),
    ], chronotropic === null ? "" : texts.chronotropicNote)}
    ${saturation === null
      ? nothing
      : group(texts.saturation, [
          [texts.rest, number(saturation["rest_pct"], 0, "%")],
          [texts.mean, number(saturation["mean_pct"], 1, "%")],
          [texts.nadir, number(saturation["nadir_pct"], 0, "%")],
          [`${texts.belowLimit} ${number(saturation["limit_pct"], 0, "%")}`, length(saturation["below_limit_s"])],
        ])}
    ${work === null
      ? nothing
      : group(texts.work, [
          [texts.met, `${number(work["met_mean"], 1)} / ${number(work["met_peak"], 1)}`],
          [texts.power, `${number(work["power_mean_w"])} / ${number(work["power_peak_w"], 0, "W")}`],
          .../** @type {[string, string][]} */ (work["drift_pct"] == null ? [] : [[texts.drift, number(work["drift_pct"], 1, "%")]]),
        ])}
    ${group(texts.load, [
      ["Banister", number(load["banister"], 1)],
      ["Edwards", number(load["edwards"], 1)],
      [texts.session, number(load["session_rpe"])],
    ])}
    ${beats === null ? nothing : group(texts.beats, beatLines(beats))}
    <section class="card">
      <h2>${texts.deviations}</h2>
      ${otherwise.length === 0
        ? html`<p>${texts.none}</p>`
        : html`<ul>
            ${otherwise.map(
              (one) => html`<li>
                ${deviations[one.kind] ?? one.kind}${one.rule === undefined ? "" : `: ${rules[one.rule] ?? one.rule} ${number(one.value)}`}${one.seconds === undefined
                  ? ""
                  : `: ${length(one.seconds)}`}
                ${one.text ?? ""}
              </li>`,
            )}
          </ul>`}
    </section>
  </div>`;
}

/**
 * @param {Record<string, any>} beats
 * @returns {[string, string][]}
 */
function beatLines(beats) {
  const windows = /** @type {[string, string]} */ ([texts.usableWindows, `${beats["usable"]} / ${beats["windows"]}`]);
  const artefacts = /** @type {[string, string]} */ ([texts.artefacts, number(beats["artefact_pct"], 1, "%")]);
  if (beats["usable"] === 0) return [[texts.rmssd, texts.tooFewBeats], artefacts, windows];
  return [[texts.rmssdRest, number(beats["rmssd_rest_ms"], 0, "ms")], [texts.rmssd, number(beats["rmssd_ms"], 0, "ms")], artefacts, windows];
}

/**
 * @param {string} title
 * @param {[string, string][]} lines
 * @param {string} [note] what must be known to read them
 */
function group(title, lines, note = "") {
  return html`<section class="card">
    <h2>${title}</h2>
    <dl>${lines.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    ${note === "" ? nothing : html`<p class="muted">${note}</p>`}
  </section>`;
}

/** @param {Summary} summary */
export function coverage(summary) {
  return html`<h2>${texts.coverage}</h2>
    ${summary.coverage.map((one) => {
      const names = one.shares.map(({ what }) => what);
      return html`<div class="review-scroll"><table class="review-table">
        <thead><tr><th scope="col">${vitals[one.vital]}</th>${names.map((what) => html`<th scope="col">${causes[what] ?? what}</th>`)}</tr></thead>
        <tbody>
          ${one.phases.map((row) => line(phases[row.phase] ?? row.phase, row.shares, names))} ${line(texts.whole, one.shares, names)}
        </tbody>
      </table></div>`;
    })}`;
}

/**
 * @param {string} name
 * @param {import("./record.js").Share[]} shares
 * @param {string[]} names
 */
function line(name, shares, names) {
  return html`<tr>
    <th scope="row">${name}</th>
    ${names.map((what) => html`<td>${number(shares.find((share) => share.what === what)?.pct ?? 0, 1, "%")}</td>`)}
  </tr>`;
}
