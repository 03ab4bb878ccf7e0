/**
 * Taking an alarm: one big button, and initials (remembered on this screen) where nobody is logged in.
 */

import { isOpen, markOf, takenOf } from "./alarms.js";
import { INITIALS_MAX, isSigned, rememberedInitials, rememberInitials } from "./initials.js";
import { must, writeLine } from "./line.js";
import { priorities, texts } from "./texts.js";

/** @typedef {import("./frames.js").AlarmView} AlarmView */

/** A dialog that somebody has left open must not cover people for long. */
const LEFT_OPEN_MS = 30_000;
const WHYS_MAX = 3;

export class AcknowledgeDialog {
  /** @type {HTMLDialogElement} */
  #dialog;
  /** @type {HTMLInputElement} */
  #initials;
  /** @type {HTMLButtonElement} */
  #take;
  /** @type {string[]} */
  #ids = [];
  #isTaking = true;
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
      rememberInitials(by);
      this.#dialog.close();
      onTake(this.#ids, by);
    });
  }

  /**
   * Asks about alarms, or tells of those that somebody has taken already; nothing happens for none.
   * @param {readonly AlarmView[]} all most urgent first
   * @param {string} timeZone
   */
  open(all, timeZone) {
    const open = all.filter(isOpen);
    this.#isTaking = open.length > 0;
    const alarms = this.#isTaking ? open : all;
    const [first] = alarms;
    if (first === undefined || this.#dialog.open) return;
    this.#ids = alarms.map((alarm) => alarm.id);
    const seats = [...new Set(alarms.flatMap(({ seat }) => (seat == null ? [] : [seat])))];
    writeLine(must("acknowledge-who"), seats.length === 0 ? "" : seats.join(", "));
    writeLine(must("acknowledge-mark"), `${markOf(first)} ${priorities[first.priority]}`);
    const sayings = [...new Set(alarms.map((alarm) => alarm.text))];
    writeLine(must("acknowledge-what"), sayings.join(" · "));
    const whys = [...new Set(alarms.flatMap(({ explanation }) => (explanation ? [explanation] : [])))];
    writeLine(must("acknowledge-why"), whys.slice(0, WHYS_MAX).join("\n"));
    writeLine(must("acknowledge-taken"), this.#isTaking ? "" : takenOf(first, timeZone));
    must("take").hidden = !this.#isTaking;
    for (const id of ["initials-label", "initials"]) must(id).hidden = !this.#isTaking || isSigned();
    writeLine(must("leave"), this.#isTaking ? texts.cancel : texts.close);
    this.#dialog.dataset["priority"] = first.priority;
    this.#dialog.dataset["family"] = first.family;
    const isOver = alarms.every((alarm) => alarm.signal === "latched");
    writeLine(this.#take, isOver ? texts.markSeen : texts.acknowledge);
    this.#initials.value = rememberedInitials();
    this.#dialog.showModal();
    this.#stay();
    if (!this.#isTaking) must("leave").focus();
    else if (this.#initials.value === "") this.#initials.focus();
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
    const shown = new Set(alarms.filter((alarm) => !this.#isTaking || isOpen(alarm)).map((alarm) => alarm.id));
    if (isFrozen || !this.#ids.some((id) => shown.has(id))) this.#dialog.close();
  }
}
