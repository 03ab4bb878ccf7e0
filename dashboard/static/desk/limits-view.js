/**
 * The limits that follow from a prescription: each with every candidate, which one applies, and why.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { sayRefusal } from "./refusal-words.js";
import { limits, rules, texts } from "./texts.js";

/** @typedef {{value: number, reason: string, applies: boolean}} Candidate */
/** @typedef {{rule: string, value: number | null, reason: string | null, is_default: boolean, candidates: Candidate[]}} RuleLimit */
/** @typedef {{refusals: {field: string, problem: string}[], limits: RuleLimit[], age_years: number | null, peak_hr_bpm: number | null, peak_formula: string | null, zone_low_bpm: number | null, zone_high_bpm: number | null}} Preview */

const SIGNS = /** @type {Readonly<Record<string, string>>} */ ({ HR_OVER: ">", HR_CRIT: ">", HR_LOW: "<", SPO2_LOW: "<", SPO2_CRIT: "<" });

/**
 * @param {Preview | null} preview null: not asked yet
 * @param {string} problem why nothing follows, in one line
 */
export function limitsView(preview, problem) {
  const refusals = problem === "" ? (preview?.refusals ?? []).map(sayRefusal) : [problem];
  return html`<section class="card limits" aria-live="polite" aria-label=${texts.limitsTitle}>
    <h2>${texts.limitsTitle}</h2>
    ${refusals.length === 0
      ? nothing
      : html`<div class="refusal"><p>${texts.mustChange}</p><ul>${refusals.map((line) => html`<li>${line}</li>`)}</ul></div>`}
    ${refusals.length === 0 && preview !== null ? html`${preview.limits.map(limitView)}${aboutView(preview)}` : nothing}
  </section>`;
}

/** @param {RuleLimit} limit */
function limitView(limit) {
  const unit = limit.rule.startsWith("SPO2") ? "%" : "bpm";
  return html`<article class="limit" data-rule=${limit.rule} data-default=${limit.is_default}>
    <h3>
      <span>${rules[limit.rule]}</span>
      <b>${limit.value === null ? "--" : `${SIGNS[limit.rule]} ${limit.value} ${unit}`}</b>
    </h3>
    ${limit.value === null && limit.rule === "HR_OVER" ? html`<p>${texts.noUpper}</p>` : nothing}
    <ul class="plain">
      ${limit.candidates.map(
        (one) => html`<li data-applies=${one.applies}>
          <span class="number">${one.value}</span>
          <span>${limits[one.reason] ?? one.reason}</span>
          <small>${one.applies ? texts.applies : texts.notLowest}</small>
        </li>`,
      )}
    </ul>
  </article>`;
}

/** @param {Preview} preview */
function aboutView({ peak_hr_bpm: peak, peak_formula: formula, zone_low_bpm: low, zone_high_bpm: high }) {
  return html`<p class="hint">
    ${peak === null ? nothing : html`${texts.peakUsed(peak)} (${(formula ?? "").replaceAll("_", " ")}).`}
    ${low === null && high === null ? nothing : texts.zoneUsed(String(low ?? "?"), String(high ?? "?"))}
  </p>`;
}
