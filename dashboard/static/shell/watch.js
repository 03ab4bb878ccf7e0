/**
 * What a page shows when its login has run out: the people with their numbers, aged as on the wall, and nothing to do.
 */

import { mark, put, writeLine } from "../line.js";
import { besideVital, frozenVital, lookOfVital } from "../vital.js";
import { texts as words } from "../texts.js";
import { texts } from "./texts.js";

/** @typedef {import("../frames.js").TileView} TileView */

export class Watch {
  /** @type {HTMLElement} */
  #list;
  /** @type {Map<string, ReturnType<typeof build>>} */
  #lines = new Map();

  /** @param {HTMLElement} node */
  constructor(node) {
    put(node, "h2", "").textContent = texts.people;
    this.#list = put(node, "ul", "shell-people");
  }

  /**
   * @param {Iterable<TileView>} tiles
   * @param {import("../tile-look.js").Now} now
   */
  show(tiles, now) {
    const ordered = [...tiles].sort((one, two) => one.seat - two.seat);
    const ids = new Set(ordered.map(({ id }) => id));
    for (const [id, line] of this.#lines) {
      if (ids.has(id)) continue;
      line.node.remove();
      this.#lines.delete(id);
    }
    for (const tile of ordered) {
      let line = this.#lines.get(tile.id);
      if (line === undefined) {
        line = build(this.#list);
        this.#lines.set(tile.id, line);
      }
      const hr = now.isFrozen ? frozenVital(tile.hr, "strap") : lookOfVital(tile.hr, now.hrSilence, "strap", now.serverMs);
      const spo2 = now.isFrozen
        ? frozenVital(tile.spo2, "oximeter")
        : lookOfVital(tile.spo2, now.spo2Silence, "oximeter", now.serverMs);
      writeLine(line.seat, String(tile.seat));
      writeLine(line.alias, tile.alias);
      writeLine(line.hr, hr.text);
      writeLine(line.spo2, spo2.text);
      mark(line.hr, "unit", besideVital(hr, words.bpm));
      mark(line.spo2, "unit", besideVital(spo2, words.percent));
      mark(line.hr, "state", hr.state);
      mark(line.spo2, "state", spo2.state);
    }
  }
}

/** @param {HTMLElement} list */
function build(list) {
  const node = put(list, "li", "shell-person");
  return { node, seat: put(node, "b", "seat"), alias: put(node, "span", "alias"), hr: put(node, "span", "hr"), spo2: put(node, "span", "spo2") };
}
