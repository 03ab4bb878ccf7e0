/**
 * My people as a compact list: seat, alias, heart rate, oxygen, each as old as it is.
 */

import { duration } from "../format.js";
import { mark, put, writeLine } from "../line.js";
import { texts as words } from "../texts.js";
import { besideVital, frozenVital, lookOfVital } from "../vital.js";

/** @typedef {import("../frames.js").TileView} TileView */

export class PeopleList {
  #list;
  /** @type {Map<string, ReturnType<typeof build>>} */
  #lines = new Map();

  /** @param {Element} parent */
  constructor(parent) {
    this.#list = put(parent, "ul", "people");
  }

  /**
   * @param {readonly TileView[]} tiles
   * @param {ReadonlyMap<string, string>} alarmed priority of the most urgent alarm, by person
   * @param {import("../tile-look.js").Now} now
   */
  show(tiles, alarmed, now) {
    const ids = new Set(tiles.map(({ id }) => id));
    for (const [id, line] of this.#lines) {
      if (ids.has(id)) continue;
      line.node.remove();
      this.#lines.delete(id);
    }
    const ordered = [...tiles].sort((one, two) => one.seat - two.seat);
    for (const [index, tile] of ordered.entries()) {
      let line = this.#lines.get(tile.id);
      if (line === undefined) this.#lines.set(tile.id, (line = build()));
      if (this.#list.children[index] !== line.node) this.#list.insertBefore(line.node, this.#list.children[index] ?? null);
      writeLine(line.seat, String(tile.seat));
      writeLine(line.alias, tile.alias === String(tile.seat) ? "" : tile.alias);
      mark(line.node, "alarm", alarmed.get(tile.id) ?? "");
      fill(line.hr, now.isFrozen ? frozenVital(tile.hr, "strap") : lookOfVital(tile.hr, now.hrSilence, "strap", now.serverMs), words.bpm);
      fill(line.spo2, now.isFrozen ? frozenVital(tile.spo2, "oximeter") : lookOfVital(tile.spo2, now.spo2Silence, "oximeter", now.serverMs), words.percent);
    }
  }
}

function build() {
  const node = document.createElement("li");
  node.className = "person";
  const seat = put(node, "b", "seat");
  const alias = put(node, "span", "alias");
  return { node, seat, alias, hr: vital(node, "hr"), spo2: vital(node, "spo2") };
}

/**
 * @param {Element} node
 * @param {string} name
 */
function vital(node, name) {
  const place = put(node, "span", name);
  return { place, value: put(place, "b", "value"), note: put(place, "small", "note") };
}

/**
 * @param {ReturnType<typeof vital>} at
 * @param {import("../vital.js").VitalLook} look
 * @param {string} unit
 */
function fill({ place, value, note }, look, unit) {
  writeLine(value, look.text);
  const lostFor = look.state === "lost" && look.why === "" && Number.isFinite(look.ageMs) ? duration(look.ageMs) : "";
  writeLine(note, [besideVital(look, unit), look.why, lostFor].filter((word) => word !== "").join(" · "));
  mark(place, "state", look.state);
}
