/**
 * The alarms of the room above every staff page: who, what, since when, who is on it; most urgent first.
 *
 * Each is a button; what it does is the page's. It is there on every page and in every state of a login, so that nobody
 * who plans, counts or logs in loses sight of an alarm.
 */

import { ageOf, fit, itemsOf, markOf, sayingOf, whoOf } from "../alarms.js";
import { buildAlarmLine, mark, put, writeLine } from "../line.js";
import { texts as words } from "../texts.js";
import { texts } from "./texts.js";

/** @typedef {import("../frames.js").AlarmView} AlarmView */
/** @typedef {ReturnType<typeof import("../line.js").buildAlarmLine>} Line */

const PLACES_WIDE = 6;
const PLACES_TABLET = 4;
const PLACES_NARROW = 2;
/** More than stand in one row of a tablet. */
const MANY = 3;

export class AlarmLine {
  /** @type {HTMLElement} */
  #node;
  /** @type {HTMLElement} */
  #calm;
  /** @type {(alarms: AlarmView[]) => void} */
  #onOpen;
  /** @type {Map<string, Line>} */
  #lines = new Map();
  #narrow = matchMedia("(max-width: 699.98px)");
  #tablet = matchMedia("(max-width: 1199.98px)");

  /**
   * @param {HTMLElement} node
   * @param {(alarms: AlarmView[]) => void} onOpen somebody wants to know more, or to take it
   */
  constructor(node, onOpen) {
    this.#node = node;
    this.#onOpen = onOpen;
    node.setAttribute("aria-label", texts.alarms);
    this.#calm = put(node, "p", "shell-calm");
  }

  /**
   * @param {readonly AlarmView[]} alarms
   * @param {import("../tile-look.js").Now} now
   * @param {boolean} isWatched somebody would raise an alarm; else that there is none means nothing
   */
  show(alarms, now, isWatched) {
    const places = this.#narrow.matches ? PLACES_NARROW : this.#tablet.matches ? PLACES_TABLET : PLACES_WIDE;
    const { shown, hidden } = fit(itemsOf(alarms), places);
    const isMany = shown.length > MANY;
    const keys = new Set(shown.map(({ key }) => key));
    for (const [key, line] of this.#lines) {
      if (keys.has(key)) continue;
      line.node.remove();
      this.#lines.delete(key);
    }
    for (const [index, item] of shown.entries()) {
      let line = this.#lines.get(item.key);
      if (line === undefined) {
        const made = (line = buildAlarmLine("shell-alarm"));
        made.node.addEventListener("click", () => this.#onOpen(made.told));
        this.#lines.set(item.key, made);
      }
      if (this.#node.children[index] !== line.node) this.#node.insertBefore(line.node, this.#node.children[index] ?? null);
      fill(line, item, now, this.#narrow.matches || isMany);
    }
    mark(this.#node, "many", isMany ? "yes" : "");
    const more = hidden > 0 ? words.more(hidden) : "";
    const calm = now.isFrozen ? "" : isWatched ? words.noAlarms : words.alarmsNotLive;
    writeLine(this.#calm, shown.length > 0 ? more : calm);
    this.#calm.hidden = shown.length > 0 && hidden === 0;
  }
}

/**
 * @param {Line} line
 * @param {import("../alarms.js").Item} item
 * @param {import("../tile-look.js").Now} now
 * @param {boolean} isBrief
 */
function fill(line, { alarms, first }, now, isBrief) {
  line.told.splice(0, line.told.length, ...alarms);
  const seats = alarms.flatMap(({ seat }) => (seat == null ? [] : [seat])).sort((one, two) => one - two);
  writeLine(line.mark, markOf(first));
  writeLine(line.seats, seats.length > 3 ? `${seats.slice(0, 2).join(", ")} +${seats.length - 2}` : seats.join(", "));
  writeLine(line.text, sayingOf(first, now.timeZone));
  writeLine(line.age, now.isFrozen ? "" : ageOf(first, now));
  const who = whoOf(first, now);
  writeLine(line.who, now.isFrozen ? "" : isBrief ? who.brief : who.full);
  mark(line.node, "priority", first.priority);
  mark(line.node, "family", first.family);
  mark(line.node, "signal", first.signal);
  mark(line.node, "frozen", now.isFrozen ? "yes" : "");
}
