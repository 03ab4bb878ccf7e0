/**
 * The recovery watch: each person with what is still to be seen to before they leave the list.
 */

import { html } from "/static/vendor/lit-html.js";
import { duration } from "../format.js";
import { nameOf, pressurePad, whyForm } from "./pads.js";
import { liveValue } from "./roll-call.js";
import { recoveries, texts } from "./texts.js";

/** @typedef {import("/static/vendor/lit-html.js").TemplateResult} View */
/** @typedef {import("./flow.js").Person} Person */
/** @typedef {{systolic?: number | undefined, diastolic?: number | undefined}} PressureDraft */

/**
 * @param {{people: readonly Person[], needs: readonly string[], tiles: ReadonlyMap<string, import("../frames.js").TileView>, now: import("../tile-look.js").Now, utcMs: number,
 *   drafts: (person: Person) => PressureDraft, refusals: ReadonlySet<string>, onChange: () => void,
 *   onEntry: (person: Person, body: Record<string, unknown>) => void, onLeave: (person: Person, why: string) => void}} list
 * @returns {View}
 */
export function recoveryList({ people, needs, tiles, now, utcMs, drafts, refusals, onChange, onEntry, onLeave }) {
  const here = people.filter(({ state, recovery }) => state === "here" && recovery.is_needed);
  if (here.length === 0) return html`<p class="muted">${texts.recoveryNobody}</p>`;
  return html`<ul class="recovering">
    ${here.map((person) => {
      const { recovery } = person;
      const isRefused = refusals.has(person.id);
      const draft = drafts(person);
      const isOver = recovery.since_utc_ms !== null;
      return html`<li class="recovery" data-missing=${recovery.missing.length}>
        <div class="person-row"><span class="who">${nameOf(person)}</span> ${liveValue(tiles.get(person.id), now)}
          <span class="muted">${recovery.since_utc_ms === null ? texts.stillExercising : duration(utcMs - recovery.since_utc_ms)}</span></div>
        <ul class="needs">
          ${needs.map(
            (item) => html`<li data-done=${recovery.missing.includes(item) ? "no" : "yes"}>
              ${recovery.missing.includes(item) ? "○" : "✓"} ${recoveries[item]}
              ${item === "heart" ? html`<span class="muted">${heartSaid(person)}</span>` : ""}
            </li>`,
          )}
        </ul>
        ${isOver && recovery.missing.includes("blood_pressure")
          ? pressurePad({
              draft,
              onChange,
              onKeep: () => onEntry(person, { kind: "blood_pressure", systolic_mmhg: draft.systolic, diastolic_mmhg: draft.diastolic }),
            })
          : ""}
        <div class="taps">
          ${isOver && recovery.missing.includes("symptoms")
            ? html`<button type="button" @click=${() => onEntry(person, { kind: "symptoms_asked" })}>${texts.noSymptoms}</button>`
            : ""}
          ${!isRefused
            ? html`<button type="button" class=${recovery.missing.length === 0 ? "primary" : ""} @click=${() => onLeave(person, "")}>${texts.release}</button>`
            : ""}
        </div>
        ${!isRefused ? "" : whyForm({ line: sayOpen(person), label: texts.releaseAnyway, onWhy: (why) => onLeave(person, why) })}
      </li>`;
    })}
  </ul>`;
}

/**
 * What is not seen to yet, in one line.
 * @param {Person} person
 * @returns {string}
 */
export function sayOpen({ recovery }) {
  return texts.openStill(recovery.missing.map((item) => recoveries[item] ?? item).join(", "));
}

/** @param {Person} person */
function heartSaid({ recovery }) {
  const said = [];
  if (recovery.after_1_min_bpm !== null) said.push(texts.oneMinute(Math.round(recovery.after_1_min_bpm)));
  if (recovery.after_2_min_bpm !== null) said.push(texts.twoMinutes(Math.round(recovery.after_2_min_bpm)));
  if (said.length === 0 && recovery.since_utc_ms !== null && recovery.missing.includes("heart")) return texts.waitsForHeart;
  return said.join(", ");
}
