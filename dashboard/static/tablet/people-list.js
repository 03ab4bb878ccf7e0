/**
 * The people on the left: seat, alias, numbers with their age, alarm mark; own first, all on a tap. Places never move.
 */

import { ageOf, inOrder, markOf } from "../alarms.js";
import { mark, put, writeLine } from "../line.js";
import { lookOfTile } from "../tile-look.js";
import { flows, texts as words } from "../texts.js";
import { texts } from "./texts.js";

/** @typedef {import("../frames.js").TileView} TileView */
/** @typedef {import("../frames.js").AlarmView} AlarmView */

export class PeopleList {
  #list;
  #empty;
  #mine;
  #all;
  #onChoose;
  /** @type {"mine" | "all" | ""} empty: nobody has chosen yet */
  #wanted = "";
  /** @type {Map<string, ReturnType<typeof build>>} */
  #lines = new Map();

  /**
   * @param {HTMLElement} node
   * @param {(id: string) => void} onChoose
   */
  constructor(node, onChoose) {
    this.#onChoose = onChoose;
    const row = put(node, "div", "whose");
    row.setAttribute("role", "group");
    this.#mine = this.#button(row, texts.mine, "mine");
    this.#all = this.#button(row, texts.all, "all");
    this.#list = put(node, "ul", "people");
    this.#empty = put(node, "p", "empty");
  }

  /**
   * @param {import("../room.js").Room} room
   * @param {import("../tile-look.js").Now} now
   * @param {{chosen: string | null, who: string}} state
   */
  show(room, now, { chosen, who }) {
    const own = new Set(room.duty.filter(({ staff }) => staff === who).flatMap(({ participants = [] }) => participants));
    const isMine = this.#wanted === "mine" || (this.#wanted === "" && own.size > 0);
    this.#mine.setAttribute("aria-pressed", String(isMine));
    this.#all.setAttribute("aria-pressed", String(!isMine));
    const tiles = [...room.tiles.values()].sort((one, two) => one.seat - two.seat);
    const shown = isMine ? tiles.filter(({ id }) => own.has(id)) : tiles;
    writeLine(this.#empty, shown.length > 0 ? "" : isMine && tiles.length > 0 ? texts.noneMine : "");
    this.#empty.hidden = shown.length > 0;
    const ids = new Set(shown.map(({ id }) => id));
    for (const [id, line] of this.#lines) {
      if (ids.has(id)) continue;
      line.item.remove();
      this.#lines.delete(id);
    }
    for (const [index, tile] of shown.entries()) {
      let line = this.#lines.get(tile.id);
      if (line === undefined) {
        line = build();
        line.node.addEventListener("click", () => this.#onChoose(tile.id));
        this.#lines.set(tile.id, line);
      }
      if (this.#list.children[index] !== line.item) this.#list.insertBefore(line.item, this.#list.children[index] ?? null);
      fill(line, tile, room.alarms.filter(({ participant }) => participant === tile.id), now);
      if (tile.id === chosen) line.node.setAttribute("aria-current", "true");
      else line.node.removeAttribute("aria-current");
    }
  }

  /**
   * @param {HTMLElement} row
   * @param {string} text
   * @param {"mine" | "all"} wanted
   */
  #button(row, text, wanted) {
    const button = put(row, "button", "");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", () => {
      this.#wanted = wanted;
    });
    return button;
  }
}

function build() {
  const item = document.createElement("li");
  const node = put(item, "button", "person");
  node.type = "button";
  return {
    item,
    node,
    seat: put(node, "b", "seat"),
    alias: put(node, "span", "alias"),
    hr: put(node, "span", "hr"),
    spo2: put(node, "span", "spo2"),
    label: put(node, "span", "label"),
    flow: put(node, "span", "flow"),
  };
}

/**
 * @param {ReturnType<typeof build>} line
 * @param {TileView} tile
 * @param {readonly AlarmView[]} alarms
 * @param {import("../tile-look.js").Now} now
 */
function fill(line, tile, alarms, now) {
  const look = lookOfTile(tile, alarms, now);
  const ordered = now.isFrozen ? [] : inOrder(alarms);
  // The same one that the look tells of: what is over hides nothing that is on.
  const top =
    ordered.find(({ family, signal }) => family === "physiological" && signal !== "latched") ??
    ordered.find(({ family }) => family === "physiological") ??
    ordered[0];
  writeLine(line.seat, String(tile.seat));
  writeLine(line.alias, tile.alias === String(tile.seat) ? "" : tile.alias);
  writeLine(line.hr, look.hr.state === "none" ? "" : look.hr.text);
  writeLine(line.spo2, look.spo2.state === "none" ? "" : look.spo2.text);
  mark(line.hr, "state", look.hr.state);
  mark(line.spo2, "state", look.spo2.state);
  mark(line.hr, "unit", look.hr.state === "lost" || look.hr.state === "none" ? "" : words.bpm);
  mark(line.spo2, "unit", look.spo2.state === "lost" || look.spo2.state === "none" ? "" : words.percent);
  // Where nobody judges there is no age that counts; the line above the list says since when.
  const age = top === undefined || !now.isWatched ? "" : ageOf(top, now);
  const since = age === "" ? "" : ` · ${age}`;
  writeLine(line.label, top === undefined ? [look.label, look.age].filter((word) => word !== "").join(" · ") : `${markOf(top)} ${look.label}${since} ${look.who}`.trim());
  // The label says it unless something more urgent stands there.
  const open = flows[tile.flow ?? ""] ?? "";
  writeLine(line.flow, look.label === open ? "" : open);
  line.flow.hidden = look.label === open || open === "";
  mark(line.node, "alarm", look.alarm);
  mark(line.node, "signal", look.signal);
  mark(line.node, "technical", look.technical);
}
