/**
 * The bars over the header: what is lost or in trouble, and what still works. They cover the header and move nothing.
 */

import { stopwatch } from "./format.js";
import { mark, put, writeLine } from "./line.js";
import { texts } from "./texts.js";

/** @typedef {import("./frames.js").PartView} PartView */

/** What matters most to the people in the room comes first. */
const RANK = ["analysis", "broker", "gateway", "ingest", "alerts", "dashboard"];

/** Bars that fit side by side and can still be read. */
const BARS_MAX = 3;

/** @typedef {"emergency" | "sound" | "loss" | "trouble" | "more"} Kind */
/** @typedef {{text: string, kind: Kind}} Bar */

/**
 * What the bars say about the parts: losses before troubles, then by part. The server finds the words.
 * @param {readonly PartView[]} parts
 * @param {readonly Bar[]} others that stand before them
 * @returns {Bar[]}
 */
export function barsOf(parts, others = []) {
  const told = parts.filter(({ text }) => text !== undefined && text !== "");
  const rank = (/** @type {PartView} */ { part, is_loss: isLoss }) => (isLoss === true ? 0 : RANK.length) + RANK.indexOf(part);
  const losses = told
    .sort((one, two) => rank(one) - rank(two))
    .map(({ text, is_loss: isLoss }) => bar(text ?? "", isLoss === true ? "loss" : "trouble"));
  const bars = [...others, ...losses];
  if (bars.length <= BARS_MAX) return bars;
  return [...bars.slice(0, BARS_MAX), bar(texts.more(bars.length - BARS_MAX), "more")];
}

/**
 * The emergencies that run: who, for how long, who leads.
 * @param {readonly import("./frames.js").EmergencyView[]} emergencies
 * @param {number} utcMs
 * @returns {Bar[]}
 */
export function emergencyBars(emergencies, utcMs) {
  return emergencies.map(({ seat, began_utc_ms: began, began_by: by, roles }) => {
    const time = stopwatch(utcMs - began);
    const who = roles?.["leader"] ?? by;
    return bar(seat == null ? texts.emergency(time, who) : texts.emergencyAt(seat, time, who), "emergency");
  });
}

/**
 * @param {string} text
 * @param {Kind} kind
 * @returns {Bar}
 */
export function bar(text, kind) {
  return { text, kind };
}

export class Banner {
  /** @type {HTMLElement} */
  #node;

  /** @param {HTMLElement} node */
  constructor(node) {
    this.#node = node;
  }

  /**
   * Shows bars, or none.
   * @param {readonly Bar[]} bars
   * @param {"connection" | "parts"} about
   */
  show(bars, about) {
    mark(this.#node, "about", bars.length === 0 ? "" : about);
    while (this.#node.children.length > bars.length) this.#node.lastElementChild?.remove();
    for (const [index, { text, kind }] of bars.entries()) {
      const before = this.#node.children[index];
      const line = before instanceof HTMLElement ? before : put(this.#node, "p", "bar-line");
      writeLine(line, text);
      if (!mark(line, "kind", kind)) continue;
      line.role = kind === "sound" ? "button" : null;
      line.tabIndex = kind === "sound" ? 0 : -1;
      // Its clock runs: a screen reader is not to say it each second.
      line.ariaLive = kind === "emergency" ? "off" : null;
    }
    mark(this.#node, "count", bars.length === 0 ? "" : String(bars.length));
    this.#node.hidden = bars.length === 0;
  }
}
