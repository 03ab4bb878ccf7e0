/**
 * Another user on a paired tablet: name and PIN, and the page stays where it is.
 */

import { put } from "../line.js";
import { Refused, post } from "./ask.js";
import { loginPath } from "./me.js";
import { texts } from "./texts.js";

const LEFT_OPEN_MS = 60_000;

export class SwitchDialog {
  #dialog = document.createElement("dialog");
  /** @type {HTMLInputElement} */
  #user;
  /** @type {HTMLInputElement} */
  #pin;
  /** @type {HTMLElement} */
  #refusal;
  /** @type {number | undefined} */
  #timer;

  /** @param {() => void} onDone somebody else is logged in now */
  constructor(onDone) {
    const dialog = this.#dialog;
    dialog.className = "shell-dialog";
    dialog.setAttribute("aria-labelledby", "switch-title");
    const form = put(dialog, "form", "shell-form");
    const title = put(form, "h2", "");
    title.id = "switch-title";
    title.textContent = texts.switchUser;
    this.#user = field(form, "switch-user", texts.user, "username");
    this.#user.autocapitalize = "none";
    this.#pin = field(form, "switch-pin", texts.pin, "off");
    this.#pin.type = "password";
    this.#pin.inputMode = "numeric";
    this.#pin.pattern = "[0-9]{4,6}";
    this.#refusal = put(form, "p", "shell-refusal");
    this.#refusal.setAttribute("role", "alert");
    const buttons = put(form, "div", "shell-buttons");
    const go = put(buttons, "button", "primary");
    go.type = "submit";
    go.textContent = texts.logIn;
    const leave = put(buttons, "button", "");
    leave.type = "button";
    leave.textContent = texts.cancel;
    leave.addEventListener("click", () => dialog.close());
    const other = put(form, "a", "");
    other.href = loginPath();
    other.textContent = texts.usePassword;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#logIn(onDone);
    });
    dialog.addEventListener("close", () => clearTimeout(this.#timer));
    dialog.addEventListener("input", () => this.#stay());
    document.body.append(dialog);
  }

  /** Asks who. */
  open() {
    this.#user.value = this.#pin.value = this.#refusal.textContent = "";
    this.#dialog.showModal();
    this.#user.focus();
    this.#stay();
  }

  #stay() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#dialog.close(), LEFT_OPEN_MS);
  }

  /** @param {() => void} onDone */
  async #logIn(onDone) {
    try {
      await post("/api/v1/login", { user: this.#user.value, pin: this.#pin.value });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#pin.value = "";
      this.#refusal.textContent = error.status === 401 ? texts.wrongPin : error.status === 429 ? texts.tooMany : error.message;
      return;
    }
    this.#dialog.close();
    onDone();
  }
}

/**
 * @param {HTMLElement} form
 * @param {string} id
 * @param {string} text
 * @param {AutoFill} fill
 * @returns {HTMLInputElement}
 */
function field(form, id, text, fill) {
  const label = put(form, "label", "");
  label.htmlFor = id;
  label.textContent = text;
  const input = put(form, "input", "");
  input.id = id;
  input.autocomplete = fill;
  input.required = true;
  return input;
}
