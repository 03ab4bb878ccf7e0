/**
 * Taking an alarm: initials (remembered on this screen) and one big button.
 */

import { isOpen, markOf } from "./alarms.js";
import { must, writeLine } from "./line.js";
import { texts } from "./texts.js";

/** @typedef {import("./frames.js").AlarmView} AlarmView */

const REMEMBERED = "vitals.initials";
const INITIALS_MAX = 16;
/** A dialog that somebody has left open must not cover people for long. */
const LEFT_OPEN_MS = 30_000;

export class AcknowledgeDialog {
  /** @type {HTMLDialogElement} */
  #dialog;
  /** @type {HTMLInputElement} */
  #initials;
  /** @type {HTMLButtonElement} */
  #take;
  /** @type {string[]} */
  #ids = [];
  /** @type {number | undefined} */
  #timer;

  /** @param {(ids: string[], by: string) => void} onTake */
  constructor(onTake) {
    this.#dialog = /** @type {HTMLDialogElement} */ (must("acknowledge"));
    this.#initials = /** @type {HTMLInputElement} */ (must("initials"));
    this.#take = /** @type {HTMLButtonElement} */ (must("take"));
    this.#initials.maxLength = INITIALS_MAX;
    this.#initials.addEventListener("input", () => this.#stay());
    this.#dialog.addEventListener("close", () => clearTimeout(this.#timer));
    must("leave").addEventListener("click", () => this.#dialog.close());
    must("acknowledge-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const by = this.#initials.value.trim();
      if (by === "") {
        this.#initials.value = "";
        this.#initials.focus();
        return;
      }
      remember(by);
      this.#dialog.close();
      onTake(this.#ids, by);
    });
  }

  /**
   * Asks about alarms; nothing happens for none.
   * @param {readonly AlarmView[]} alarms most urgent first
   */
  open(alarms) {
    const [first] = alarms;
    if (first === undefined || this.#dialog.open) return;
    this.#ids = alarms.map((alarm) => alarm.id);
    const seats = [...new Set(alarms.flatMap(({ seat }) => (seat == null ? [] : [seat])))];
    writeLine(must("acknowledge-who"), seats.length === 0 ? "" : seats.join(", "));
    writeLine(must("acknowledge-mark"), markOf(first));
    const sayings = [...new Set(alarms.map((alarm) => alarm.text))];
    writeLine(must("acknowledge-what"), sayings.join(" · "));
    writeLine(must("acknowledge-why"), first.explanation ?? "");
    this.#dialog.dataset["priority"] = first.priority;
    this.#dialog.dataset["family"] = first.family;
    const isOver = alarms.every((alarm) => alarm.signal === "latched");
    writeLine(this.#take, isOver ? texts.markSeen : texts.acknowledge);
    this.#initials.value = remembered();
    this.#dialog.showModal();
    this.#stay();
    if (this.#initials.value === "") this.#initials.focus();
    else this.#take.focus();
  }

  #stay() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#dialog.close(), LEFT_OPEN_MS);
  }

  /**
   * Closes when there is nothing left to take: somebody else did, or it is over, or the page hears nothing.
   * @param {readonly AlarmView[]} alarms
   * @param {boolean} isFrozen
   */
  follow(alarms, isFrozen) {
    if (!this.#dialog.open) return;
    const open = new Set(alarms.filter(isOpen).map((alarm) => alarm.id));
    if (isFrozen || !this.#ids.some((id) => open.has(id))) this.#dialog.close();
  }
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} by */
function remember(by) {
  try {
    localStorage.setItem(REMEMBERED, by);
  } catch {
    // A browser without storage asks each time.
  }
}
