/**
 * Where the numbers of a screen come from, in words that stand on every screen and in its title; practice is told as what
 * it is, not as data of some kind. Nothing stands there for a class of real people with real numbers.
 */

import { mark, writeLine } from "./line.js";
import { badges, practice } from "./texts.js";

/**
 * @param {Pick<import("./room.js").Room, "mode" | "session">} room
 * @returns {string} empty: none
 */
export function badgeOf({ mode, session }) {
  return session?.is_practice === true ? practice : badges[mode];
}

/**
 * Writes it; returns it for the title.
 * @param {HTMLElement} node
 * @param {Pick<import("./room.js").Room, "mode" | "session">} room
 * @returns {string}
 */
export function showBadge(node, room) {
  const badge = badgeOf(room);
  writeLine(node, badge);
  mark(node, "practice", room.session?.is_practice === true ? "yes" : "");
  node.hidden = badge === "";
  return badge;
}
