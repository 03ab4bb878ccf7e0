/**
 * Where everybody sits. Seats never move: a person keeps the cell, one who leaves leaves it empty.
 */

import { TileElement } from "./tile.js";
import { gridFor, layoutFor } from "./wall-layout.js";

/** @typedef {import("./frames.js").TileView} TileView */

/**
 * Gives each seat its cell. With seats 1 to n (and a few empty ones) the cell is the seat; otherwise the cells fill up in
 * the order of seats, later comers behind the others.
 * @param {readonly {id: string, seat: number}[]} people
 * @param {ReadonlyMap<string, number>} before cells so far in this class
 * @returns {Map<string, number>} cell by person, from 0
 */
export function seatPeople(people, before) {
  const cells = new Map(before);
  const used = new Set(before.values());
  const most = Math.max(0, ...people.map(({ seat }) => seat));
  const bySeat = new Set(people.map(({ seat }) => seat)).size === people.length;
  const isDirect = bySeat && most <= 30 && gridFor(most).size === gridFor(people.length).size;
  for (const { id, seat } of [...people].sort((one, two) => one.seat - two.seat || (one.id < two.id ? -1 : 1))) {
    if (cells.has(id)) continue;
    let cell = isDirect && !used.has(seat - 1) ? seat - 1 : 0;
    while (used.has(cell)) cell += 1;
    cells.set(id, cell);
    used.add(cell);
  }
  return cells;
}

export class Grid {
  /** @type {HTMLElement} */
  #node;
  #session = "";
  /** @type {Map<string, number>} */
  #cells = new Map();
  /** @type {Map<string, TileElement>} */
  tiles = new Map();
  /** The room for the tiles, in px. */
  #room = { width: 0, height: 0 };

  /**
   * @param {HTMLElement} node
   * @param {Element} frame whose size is the room for the tiles
   */
  constructor(node, frame) {
    this.#node = node;
    new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      this.#room = { width, height };
      this.#arrange();
    }).observe(frame);
  }

  /**
   * Makes sure that everybody has a tile, and nobody else.
   * @param {string} session id of the class
   * @param {ReadonlyMap<string, TileView>} people
   */
  seat(session, people) {
    if (session !== this.#session) {
      this.#session = session;
      this.#cells.clear();
      this.tiles.clear();
      this.#node.replaceChildren();
    }
    if (people.size === this.tiles.size && [...people.keys()].every((id) => this.tiles.has(id))) return;
    for (const [id, tile] of this.tiles) {
      if (people.has(id)) continue;
      tile.remove();
      this.tiles.delete(id);
    }
    this.#cells = seatPeople([...people.values()], this.#cells);
    for (const [id] of [...this.#cells].sort(([, one], [, two]) => one - two)) if (people.has(id)) this.#place(id);
    this.#arrange();
  }

  /** Gives each tile its place and all of them their size, so that everybody is in sight in any window. */
  #arrange() {
    if (this.#cells.size === 0) return;
    const { size, columns, rows, unitPx } = layoutFor(Math.max(...this.#cells.values()) + 1, this.#room);
    this.#node.dataset["size"] = String(size);
    this.#node.style.setProperty("--columns", String(columns));
    this.#node.style.setProperty("--rows", String(rows));
    this.#node.style.setProperty("--tile-u", `${unitPx.toFixed(4)}px`);
    for (const [id, tile] of this.tiles) {
      const cell = this.#cells.get(id) ?? 0;
      tile.style.setProperty("--column", String((cell % columns) + 1));
      tile.style.setProperty("--row", String(Math.floor(cell / columns) + 1));
    }
  }

  /** @param {string} id */
  #place(id) {
    if (this.tiles.has(id)) return;
    const tile = /** @type {TileElement} */ (document.createElement("vitals-tile"));
    tile.className = "tile";
    tile.dataset["id"] = id;
    this.tiles.set(id, tile);
    this.#node.append(tile);
  }
}
