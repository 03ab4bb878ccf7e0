/**
 * The next class right after this one: which of those planned, and which sensors stay connected. No state of its own.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { nameOf, whyForm } from "./pads.js";
import { kinds, texts } from "./texts.js";

/** @typedef {import("/static/vendor/lit-html.js").TemplateResult} View */
/** @typedef {{sensor: string, kind: string, seat: number, alias: string, next_seat: number, next_alias: string}} Staying */
/** @typedef {{plan: string, name: string, people: number, staying: Staying[], freed: number}} NextClass */
/** @typedef {{id: string, name: string}} PlanNamed */

/**
 * @param {{plans: readonly PlanNamed[], chosen: string, next: NextClass | null, isRefused: boolean, line: string, labelOf: (sensor: string) => string,
 *   onChoose: (plan: string) => void, onBegin: (why: string) => void}} part
 * @returns {View}
 */
export function nextClass({ plans, chosen, next, isRefused, line, labelOf, onChoose, onBegin }) {
  if (plans.length === 0) return html`<h3>${texts.nextClass}</h3><p class="muted">${texts.nextNone}</p>`;
  return html`<h3>${texts.nextClass}</h3>
    <form class="line"><label class="grow">${texts.nextPlan}
      <select .value=${chosen} @change=${(/** @type {Event} */ event) => onChoose(/** @type {HTMLSelectElement} */ (event.target).value)}>
        <option value="">--</option>
        ${plans.map(({ id, name }) => html`<option value=${id} ?selected=${id === chosen}>${name}</option>`)}
      </select></label></form>
    ${next === null ? nothing : stays(next, labelOf)}
    ${next === null
      ? nothing
      : isRefused
        ? whyForm({ line, label: texts.beginNextAnyway, onWhy: onBegin })
        : html`<button type="button" class="danger next" @click=${() => onBegin("")}>${texts.beginNext}</button>`}`;
}

/**
 * @param {NextClass} next
 * @param {(sensor: string) => string} labelOf
 */
function stays({ name, people, staying, freed }, labelOf) {
  return html`<p><b>${texts.nextWhat(name, people)}</b></p>
    <p>${staying.length === 0 ? texts.nextStaysNone : texts.nextStays} ${freed === 0 ? "" : texts.nextFreed(freed)}</p>
    <ul class="staying">
      ${staying.map((one) => {
        const isSame = one.alias === one.next_alias;
        return html`<li>${kinds[one.kind] ?? one.kind} ${labelOf(one.sensor)}
          <span class="muted">${isSame ? texts.sameHands : html`${nameOf(one)} ${texts.otherHands}`}</span> ${nameOf({ seat: one.next_seat, alias: one.next_alias })}</li>`;
      })}
    </ul>`;
}
