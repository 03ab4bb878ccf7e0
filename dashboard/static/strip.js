/**
 * The strip of alarms on top: who, what, since when, who is on it; most urgent first.
 *
 * Its height never changes on the wall, so that an alarm moves nothing. Each line is a button that opens the
 * acknowledgement.
 */

import { ageOf, fit, itemsOf, markOf, sayingOf, whoOf } from "./alarms.js";
import { buildAlarmLine, mark, put, writeLine } from "./line.js";
import { texts } from "./texts.js";

/** @typedef {import("./frames.js").AlarmView} AlarmView */
/** @typedef {import("./alarms.js").Item} Item */

const PLACES_WALL = 8;
const PLACES_LIST = 6;
/** Up to so many lines, rows. */
const ROWS = /** @type {const} */ ([
  [3, 1],
  [8, 2],
  [18, 3],
]);
/** The same on a small screen, whose lines are shorter. */
const ROWS_SMALL = /** @type {const} */ ([
  [3, 1],
  [6, 2],
  [18, 3],
]);
/** "SpO2 84.5 < 88.5" has 16 characters; what is longer is written smaller where there is one row. */
const LONG_TEXT = 18;
/** More seats than this are counted. */
const SEATS_MAX = 3;
/** What a line gives up until it fits: size, words about who, both, who, both, and at last the end of its text. */
const FITS = /** @type {const} */ (["", "tight", "brief", "brief-tight", "bare", "bare-tight", "cut"]);

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
  /** Counts what changes the size of the same words: the window's, and the font that comes late. */
  #sizes = 0;
  #wall = matchMedia("(min-width: 1000px) and (min-height: 560px)");
  #small = matchMedia("(max-width: 1199.98px)");

  /**
   * @param {HTMLElement} node
   * @param {(alarms: AlarmView[]) => void} onTake
   */
  constructor(node, onTake) {
    this.#node = node;
    this.#onTake = onTake;
    this.#calm = put(node, "p", "calm");
    this.#more = put(node, "p", "more");
    const resize = () => {
      this.#sizes += 1;
    };
    addEventListener("resize", resize);
    void document.fonts.ready.then(resize);
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
    const rows = (this.#small.matches ? ROWS_SMALL : ROWS).find(([most]) => cells <= most)?.[1] ?? 4;
    mark(this.#node, "rows", String(rows));
    mark(this.#node, "columns", String(Math.max(3, Math.ceil(cells / rows))));
    this.#node.style.setProperty("--columns", String(Math.max(3, Math.ceil(cells / rows))));
    writeLine(this.#calm, now.isFrozen ? "" : isWatched ? texts.noAlarms : texts.alarmsNotLive);
    writeLine(this.#more, hidden > 0 ? texts.more(hidden) : "");
    this.#calm.hidden = items.length > 0;
    this.#more.hidden = hidden === 0;

    this.#place(shown);
    const lines = shown.flatMap((item) => {
      const line = this.#lines.get(item.key);
      if (line !== undefined) fill(line, item, now);
      return line === undefined ? [] : [line];
    });
    this.#fit(lines, `${rows} ${cells} ${this.#sizes}`);
  }

  /**
   * Finds what must give way in each line for the rest to be whole. All figures are equally wide, so a line is measured
   * only when its words or its place change, not with each second.
   * @param {ReturnType<typeof build>[]} lines
   * @param {string} place
   */
  #fit(lines, place) {
    let open = lines.filter((line) => {
      const shape = `${place} ${Object.values(line.says).join(" ")}`.replaceAll(/\d/g, "0");
      if (shape === line.shape) {
        say(line);
        return false;
      }
      line.shape = shape;
      return true;
    });
    for (const step of FITS) {
      for (const line of open) {
        line.fit = step;
        mark(line.node, "fit", step);
        say(line);
      }
      if (!this.#wall.matches) return;
      open = open.filter((line) => overflows(line.node));
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
        made.node.addEventListener("click", () => this.#onTake(made.told));
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
  return {
    ...buildAlarmLine("alarm"),
    says: { seats: "", text: "", briefText: "", age: "", who: "", briefWho: "" },
    shape: "",
    fit: /** @type {typeof FITS[number]} */ (""),
  };
}

/**
 * @param {ReturnType<typeof build>} line
 * @param {Item} item
 * @param {import("./tile-look.js").Now} now
 */
function fill(line, item, now) {
  const { first } = item;
  line.told.length = 0;
  if (!now.isFrozen) line.told.push(...item.alarms);
  line.node.disabled = now.isFrozen;
  const text = sayingOf(first, now.timeZone);
  const who = now.isFrozen ? { full: "", brief: "" } : whoOf(first, now);
  line.says = {
    seats: seatsOf(item),
    text,
    // What comes behind the colon of a lost part is told by its bar.
    briefText: first.subject_kind === "part" ? (text.split(": ")[0] ?? text) : text,
    age: now.isFrozen ? "" : ageOf(first, now),
    who: who.full,
    briefWho: who.brief,
  };
  writeLine(line.mark, markOf(first));
  mark(line.node, "text", text.length > LONG_TEXT ? "long" : "");
  mark(line.node, "seats", item.alarms.length > 1 ? "many" : "");
  mark(line.node, "priority", first.priority);
  mark(line.node, "family", first.family);
  mark(line.node, "signal", first.signal);
  mark(line.node, "frozen", now.isFrozen ? "yes" : "");
  mark(line.node, "alarm", first.id);
}

/**
 * Whom a line is about; more than fit are counted.
 * @param {Item} item
 */
function seatsOf({ alarms }) {
  const seats = alarms.flatMap(({ seat }) => (seat == null ? [] : [seat])).sort((one, two) => one - two);
  const told = seats.length > SEATS_MAX ? SEATS_MAX - 1 : seats.length;
  return seats.slice(0, told).join(", ") + (told < seats.length ? ` +${seats.length - told}` : "");
}

/** @param {ReturnType<typeof build>} line */
function say({ seats, text, age, who, says, fit }) {
  writeLine(seats, says.seats);
  const isFull = fit === "" || fit === "tight";
  writeLine(text, isFull ? says.text : says.briefText);
  writeLine(age, says.age);
  writeLine(who, isFull ? says.who : fit.startsWith("brief") ? says.briefWho : "");
}

/**
 * Whether something in a line is cut.
 * @param {HTMLElement} node
 */
function overflows(node) {
  const { clientWidth, clientHeight, children } = node;
  const [first] = children;
  const padding = first instanceof HTMLElement ? first.offsetLeft : 0;
  return [...children].some((child) => {
    if (!(child instanceof HTMLElement)) return false;
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = child;
    const isWide = offsetLeft + offsetWidth > clientWidth - padding + 1;
    return isWide || offsetTop < 0 || offsetTop + offsetHeight > clientHeight || child.scrollWidth > child.clientWidth + 1;
  });
}
