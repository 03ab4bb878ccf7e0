/**
 * Where everybody sits. Seats never move: a person keeps the cell, one who leaves leaves it empty.
 */

import { TileElement } from "./tile.js";

/** @typedef {import("./frames.js").TileView} TileView */

/** The grids of the wall: up to so many people, columns, rows. */
const GRIDS = /** @type {const} */ ([
  [4, 2, 2],
  [6, 3, 2],
  [12, 4, 3],
  [20, 5, 4],
  [30, 6, 5],
]);

/**
 * The grid for so many cells; above 30 it grows downwards.
 * @param {number} cells
 * @returns {{size: number, columns: number, rows: number}}
 */
export function gridFor(cells) {
  for (const [size, columns, rows] of GRIDS) if (cells <= size) return { size, columns, rows };
  return { size: 30, columns: 6, rows: Math.ceil(cells / 6) };
}

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

  /** @param {HTMLElement} node */
  constructor(node) {
    this.#node = node;
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
    const grid = gridFor(Math.max(0, ...this.#cells.values()) + 1);
    this.#node.dataset["size"] = String(grid.size);
    this.#node.style.setProperty("--columns", String(grid.columns));
    this.#node.style.setProperty("--rows", String(grid.rows));
    for (const [id, cell] of [...this.#cells].sort(([, one], [, two]) => one - two)) {
      if (people.has(id)) this.#place(id, cell, grid.columns);
    }
  }

  /**
   * @param {string} id
   * @param {number} cell
   * @param {number} columns
   */
  #place(id, cell, columns) {
    let tile = this.tiles.get(id);
    if (tile === undefined) {
      tile = /** @type {TileElement} */ (document.createElement("vitals-tile"));
      tile.className = "tile";
      tile.dataset["id"] = id;
      this.tiles.set(id, tile);
      this.#node.append(tile);
    }
    tile.style.setProperty("--column", String((cell % columns) + 1));
    tile.style.setProperty("--row", String(Math.floor(cell / columns) + 1));
  }
}
