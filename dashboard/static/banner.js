/**
 * The bars over the header: what is lost, since when, and what still works. They cover the header and move nothing.
 */

import { mark, put, writeLine } from "./line.js";

/** @typedef {import("./frames.js").PartView} PartView */

/** What matters most to the people in the room comes first. */
const RANK = ["analysis", "broker", "gateway", "ingest", "alerts", "dashboard"];

/**
 * What the bars say about the parts, most important first. The server finds the words, for what is worth a bar.
 * @param {readonly PartView[]} parts
 * @returns {string[]}
 */
export function lossesOf(parts) {
  return [...parts]
    .sort((one, two) => RANK.indexOf(one.part) - RANK.indexOf(two.part))
    .flatMap(({ text }) => (text === undefined || text === "" ? [] : [text]));
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
   * @param {readonly string[]} lines
   * @param {"connection" | "parts"} about
   */
  show(lines, about) {
    mark(this.#node, "about", lines.length === 0 ? "" : about);
    while (this.#node.children.length > lines.length) this.#node.lastElementChild?.remove();
    for (const [index, line] of lines.entries()) {
      writeLine(this.#node.children[index] ?? put(this.#node, "p", "bar-line"), line);
    }
    mark(this.#node, "count", lines.length === 0 ? "" : String(lines.length));
    this.#node.hidden = lines.length === 0;
  }
}
