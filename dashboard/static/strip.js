/**
 * The strip of alarms on top: who, what, since when, who is on it; most urgent first.
 *
 * Its height never changes on the wall, so that an alarm moves nothing. Each line is a button that opens the
 * acknowledgement.
 */

import { ageOf, fit, isOpen, itemsOf, markOf, sayingOf, whoOf } from "./alarms.js";
import { mark, put, writeLine } from "./line.js";
import { texts } from "./texts.js";

/** @typedef {import("./frames.js").AlarmView} AlarmView */
/** @typedef {import("./alarms.js").Item} Item */

const PLACES_WALL = 8;
const PLACES_LIST = 6;
/** "SpO2 100 < 88" has 13 characters; what is much longer is written smaller, in two lines if need be. */
const LONG_TEXT = 18;

export class Strip {
  /** @type {HTMLElement} */
  #node;
  /** @type {(alarms: AlarmView[]) => void} */
  #onTake;
  /** @type {HTMLElement} */
  #calm;
  /** @type {HTMLElement} */
  #more;
  /** @type {Map<string, ReturnType<typeof build>>} */
  #lines = new Map();
  #wall = matchMedia("(min-width: 1200px) and (min-height: 640px)");

  /**
   * @param {HTMLElement} node
   * @param {(alarms: AlarmView[]) => void} onTake
   */
  constructor(node, onTake) {
    this.#node = node;
    this.#onTake = onTake;
    this.#calm = put(node, "p", "calm");
    this.#more = put(node, "p", "more");
  }

  /**
   * Shows what is on.
   * @param {readonly AlarmView[]} alarms
   * @param {import("./tile-look.js").Now} now
   * @param {boolean} isWatched somebody would raise an alarm; else their absence means nothing
   */
  show(alarms, now, isWatched) {
    const items = itemsOf(alarms);
    const { shown, hidden } = fit(items, this.#wall.matches ? PLACES_WALL : PLACES_LIST);
    const cells = shown.length + (hidden > 0 ? 1 : 0);
    const rows = cells <= 4 ? 1 : cells <= 8 ? 2 : 3;
    mark(this.#node, "rows", String(rows));
    mark(this.#node, "columns", String(Math.max(3, Math.ceil(cells / rows))));
    this.#node.style.setProperty("--columns", String(Math.max(3, Math.ceil(cells / rows))));
    writeLine(this.#calm, now.isFrozen ? "" : isWatched ? texts.noAlarms : texts.alarmsNotLive);
    writeLine(this.#more, hidden > 0 ? texts.more(hidden) : "");
    this.#calm.hidden = items.length > 0;
    this.#more.hidden = hidden === 0;

    this.#place(shown);
    for (const item of shown) {
      const line = this.#lines.get(item.key);
      if (line !== undefined) fill(line, item, now);
    }
  }

  /**
   * Puts the lines in order, moving only what must move, so that a focused one keeps the focus.
   * @param {readonly Item[]} items
   */
  #place(items) {
    const keys = new Set(items.map((item) => item.key));
    for (const [key, line] of this.#lines) {
      if (keys.has(key)) continue;
      line.node.remove();
      this.#lines.delete(key);
    }
    const focused = document.activeElement;
    for (const [index, item] of items.entries()) {
      let line = this.#lines.get(item.key);
      if (line === undefined) {
        line = build();
        const made = line;
        made.node.addEventListener("click", () => this.#onTake(made.open));
        this.#lines.set(item.key, made);
      }
      if (this.#node.children[index] !== line.node) {
        this.#node.insertBefore(line.node, this.#node.children[index] ?? null);
      }
    }
    if (focused instanceof HTMLElement && focused !== document.activeElement && this.#node.contains(focused)) {
      focused.focus();
    }
  }
}

function build() {
  const node = document.createElement("button");
  node.type = "button";
  node.className = "alarm";
  /** @type {AlarmView[]} */
  const open = [];
  return {
    node,
    open,
    mark: put(node, "span", "mark"),
    seats: put(node, "b", "seats"),
    text: put(node, "span", "text"),
    age: put(node, "span", "age"),
    who: put(node, "span", "who"),
  };
}

/**
 * @param {ReturnType<typeof build>} line
 * @param {Item} item
 * @param {import("./tile-look.js").Now} now
 */
function fill(line, item, now) {
  const { first } = item;
  const seats = item.alarms
    .flatMap(({ seat }) => (seat == null ? [] : [seat]))
    .sort((one, two) => one - two)
    .join(", ");
  line.open.length = 0;
  if (!now.isFrozen) line.open.push(...item.alarms.filter(isOpen));
  line.node.disabled = line.open.length === 0;
  writeLine(line.mark, markOf(first));
  writeLine(line.seats, seats);
  const text = sayingOf(first, now.timeZone);
  writeLine(line.text, text);
  mark(line.node, "text", text.length > LONG_TEXT ? "long" : "");
  writeLine(line.age, now.isFrozen ? "" : ageOf(first, now.serverMs));
  writeLine(line.who, now.isFrozen ? "" : whoOf(first, now.sent, now.serverMs));
  mark(line.node, "priority", first.priority);
  mark(line.node, "family", first.family);
  mark(line.node, "signal", first.signal);
  mark(line.node, "frozen", now.isFrozen ? "yes" : "");
  mark(line.node, "alarm", first.id);
}
