/**
 * How the tiles of a wall share a window, so that everybody is in sight at once: what is left out first is the trace,
 * then the bar, never a person. Pure: no page here.
 */

/**
 * How much one tile shows, and its measures on a screen of 1920 x 1080; `text` is the size of its top line.
 * Its name is the most people it is meant for.
 */
const DESIGNS = /** @type {const} */ ([
  { size: 4, columns: 2, rows: 2, width: 935, height: 403, text: 28 },
  { size: 6, columns: 3, rows: 2, width: 618, height: 403, text: 28 },
  { size: 12, columns: 4, rows: 3, width: 460, height: 264, text: 21 },
  { size: 20, columns: 5, rows: 4, width: 365, height: 194, text: 21 },
  { size: 30, columns: 6, rows: 5, width: 302, height: 152, text: 17 },
]);

/** Smaller text than this is no text: then the tile says less in larger letters. */
const TEXT_MIN_PX = 13;
/** Between two tiles, in units of a tile. */
const GAP = 14;

/**
 * @typedef {object} Layout
 * @property {number} size how much a tile shows: 4, 6, 12, 20 or 30
 * @property {number} columns
 * @property {number} rows
 * @property {number} unitPx one pixel of a tile as it is drawn for 1920 x 1080
 */

/**
 * The grid for so many cells; above 30 it grows downwards.
 * @param {number} cells
 * @returns {{size: number, columns: number, rows: number}}
 */
export function gridFor(cells) {
  for (const { size, columns, rows } of DESIGNS) if (cells <= size) return { size, columns, rows };
  return { size: 30, columns: 6, rows: Math.ceil(cells / 6) };
}

/**
 * The grid for so many cells in so much room: the richest tile whose text can still be read.
 * @param {number} cells
 * @param {{width: number, height: number}} room in px; what is not known yet is 0
 * @returns {Layout}
 */
export function layoutFor(cells, { width, height }) {
  const grid = gridFor(cells);
  if (width <= 0 || height <= 0) return { ...grid, unitPx: 1 };
  const places = Math.max(grid.size, cells);
  let best = /** @type {Layout | null} */ (null);
  for (const design of DESIGNS) {
    if (design.size < grid.size) continue;
    best = largest(design, places, { width, height });
    if (best.unitPx * design.text >= TEXT_MIN_PX) break;
  }
  return best ?? { ...grid, unitPx: 1 };
}

/**
 * The columns that make a tile of this design largest.
 * @param {typeof DESIGNS[number]} design
 * @param {number} places
 * @param {{width: number, height: number}} room
 * @returns {Layout}
 */
function largest(design, places, { width, height }) {
  /** @type {Layout} */
  let best = { size: design.size, columns: 1, rows: places, unitPx: 0 };
  for (let columns = 1; columns <= places; columns += 1) {
    const rows = Math.ceil(places / columns);
    const unitPx = Math.min(
      width / (columns * design.width + (columns - 1) * GAP),
      height / (rows * design.height + (rows - 1) * GAP),
    );
    if (unitPx > best.unitPx) best = { size: design.size, columns, rows, unitPx };
  }
  return best;
}
