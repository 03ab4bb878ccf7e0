/**
 * Why somebody does it: usual reasons to tap, and a field for any other.
 */

import { html } from "/static/vendor/lit-html.js";

/**
 * @param {object} field
 * @param {string} field.id of the input, for its label
 * @param {readonly string[]} field.usual
 * @param {string} field.why what is said so far
 * @param {(why: string) => void} field.onTap one of the usual ones was chosen: paint again
 * @param {(why: string) => void} field.onType
 */
export function whyField({ id, usual, why, onTap, onType }) {
  return html`<div class="shell-buttons">
      ${usual.map((one) => html`<button type="button" aria-pressed=${String(why === one)} @click=${() => onTap(one)}>${one}</button>`)}
    </div>
    <input id=${id} type="text" minlength="3" maxlength="400" required .value=${why}
      @input=${(/** @type {Event} */ event) => onType(/** @type {HTMLInputElement} */ (event.target).value)} />`;
}
