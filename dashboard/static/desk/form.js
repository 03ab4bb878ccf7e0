/**
 * Fields of forms, and what stands in them when they are sent. A field that holds nothing is null, never 0.
 *
 * What was saved stands in the attributes, what is typed in the fields: painting anew takes nothing away that somebody
 * types, and `Board.fresh` puts what was saved back.
 */

import { html, nothing } from "/static/vendor/lit-html.js";

/**
 * A field for a text.
 * @param {{name: string, label: string, value: string, hint?: string, max?: number, required?: boolean, readonly?: boolean, type?: string}} field
 */
export function textField({ name, label, value, hint = "", max = 120, required = false, readonly = false, type = "text" }) {
  return html`<div class="field">
    <label for="f-${name}">${label}</label>
    <input
      id="f-${name}"
      name=${name}
      type=${type}
      autocomplete="off"
      spellcheck="false"
      maxlength=${max}
      ?required=${required}
      ?readonly=${readonly}
      aria-describedby=${hint === "" ? nothing : `h-${name}`}
      value=${value}
    />
    ${hint === "" ? nothing : html`<p class="hint" id="h-${name}">${hint}</p>`}
  </div>`;
}

/** What somebody typed into a form. */
class Typed {
  #data;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#data = new FormData(form);
  }

  /** @param {string} name */
  text(name) {
    const value = this.#data.get(name);
    return typeof value === "string" ? value.trim() : "";
  }

  /**
   * A number; null: nothing or no number stands there. A comma counts as a point.
   * @param {string} name
   */
  number(name) {
    const text = this.text(name).replace(",", ".");
    const value = Number(text);
    return text === "" || !Number.isFinite(value) ? null : value;
  }

  /** @param {string} name */
  isOn(name) {
    return this.#data.has(name);
  }
}

/**
 * Takes a form that was sent, and keeps the browser from sending it.
 * @param {SubmitEvent} event
 */
export function formOf(event) {
  event.preventDefault();
  return new Typed(/** @type {HTMLFormElement} */ (event.currentTarget ?? event.target));
}

/**
 * A choice of one.
 * @param {{name: string, label: string, value: string, options: [string, string][], hidden?: boolean, disabled?: boolean, onChange?: (value: string) => void}} field options: value and words
 */
export function choiceField({ name, label, value, options, hidden = false, disabled = false, onChange = () => {} }) {
  return html`<div class="field">
    <label for="f-${name}" class=${hidden ? "unseen" : nothing}>${label}</label>
    <select
      id="f-${name}"
      name=${name}
      ?disabled=${disabled}
      @change=${(/** @type {Event} */ event) => onChange(/** @type {HTMLSelectElement} */ (event.target).value)}
    >
      ${options.map(([option, words]) => html`<option value=${option} ?selected=${option === value}>${words}</option>`)}
    </select>
  </div>`;
}

/**
 * A field to tick.
 * @param {{name: string, label: string, isOn: boolean, disabled?: boolean}} field
 */
export function tickField({ name, label, isOn, disabled = false }) {
  return html`<label class="check"><input type="checkbox" name=${name} ?checked=${isOn} ?disabled=${disabled} />${label}</label>`;
}
