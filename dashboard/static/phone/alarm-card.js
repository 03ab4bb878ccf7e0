/**
 * One alarm on the phone: who, what, since when, who is on it, and three buttons as wide as the thumb needs.
 */

import { ageOf, isOpen, markOf, sayingOf, whoOf } from "../alarms.js";
import { mark, put, writeLine } from "../line.js";
import { priorities, texts as words } from "../texts.js";
import { texts } from "./texts.js";
import { wordsOfCall } from "./who-is-on-it.js";

/** @typedef {import("../frames.js").AlarmView} AlarmView */
/** @typedef {import("../frames.js").CallView} CallView */
/** @typedef {import("../frames.js").Response} Response */

/** @type {readonly [Response, string][]} */
const CHOICES = [
  ["accept", texts.accept],
  ["on_my_way", texts.onMyWay],
  ["cannot", texts.cannot],
];

export class AlarmCard {
  node = document.createElement("li");
  #head;
  #mark;
  #seat;
  #alias;
  #age;
  #text;
  #who;
  #state;
  /** @type {Map<Response, HTMLButtonElement>} */
  #buttons = new Map();
  #choices;

  /** @param {(response: Response) => void} onAnswer */
  constructor(onAnswer) {
    this.node.className = "card-alarm";
    this.#head = put(this.node, "h3", "head");
    this.#mark = put(this.#head, "span", "mark");
    this.#seat = put(this.#head, "span", "seat");
    this.#alias = put(this.#head, "span", "alias");
    this.#age = put(this.#head, "span", "age");
    this.#text = put(this.node, "p", "text");
    this.#who = put(this.node, "p", "on-it");
    this.#state = put(this.node, "p", "state");
    this.#choices = put(this.node, "div", "choices");
    for (const [response, text] of CHOICES) {
      const button = put(this.#choices, "button", response === "accept" ? "primary" : "");
      button.type = "button";
      button.textContent = text;
      button.dataset["response"] = response;
      button.addEventListener("click", () => onAnswer(response));
      this.#buttons.set(response, button);
    }
  }

  /**
   * @param {AlarmView} alarm
   * @param {CallView | undefined} call
   * @param {{response: Response, state: string, line: string} | null} given what this phone has answered
   * @param {import("../tile-look.js").Now & {utcMs: number}} now
   * @param {{who: string, mayAnswer: boolean}} owner
   */
  show(alarm, call, given, now, { who, mayAnswer }) {
    const isTaken = alarm.signal === "acknowledged";
    writeLine(this.#mark, `${markOf(alarm)} ${priorities[alarm.priority]}`);
    writeLine(this.#seat, alarm.seat == null ? "" : words.seat(alarm.seat));
    writeLine(this.#alias, alarm.alias == null || alarm.alias === String(alarm.seat) ? "" : alarm.alias);
    writeLine(this.#age, now.isFrozen ? "" : ageOf(alarm, now));
    writeLine(this.#text, sayingOf(alarm, now.timeZone));
    const people = wordsOfCall(call, { who, utcMs: now.utcMs, timeZone: now.timeZone, isTaken });
    writeLine(this.#who, now.isFrozen ? "" : [whoOf(alarm, now).full, ...people].join(" · "));
    writeLine(this.#state, stateOf(given, isTaken));
    this.#state.hidden = this.#state.textContent === "";
    mark(this.node, "priority", alarm.priority);
    mark(this.node, "family", alarm.family);
    mark(this.node, "signal", alarm.signal);
    mark(this.node, "frozen", now.isFrozen ? "yes" : "");
    mark(this.node, "trouble", given?.state === "waiting" || given?.state === "refused" ? "yes" : "");
    const accept = this.#buttons.get("accept");
    if (accept !== undefined) writeLine(accept, alarm.signal === "latched" ? texts.seen : texts.accept);
    for (const [response, button] of this.#buttons) {
      button.hidden = !isOffered(response, alarm);
      button.setAttribute("aria-pressed", String(given?.response === response && given.state !== "refused"));
      button.disabled = !mayAnswer;
    }
    this.#choices.hidden = !isOpen(alarm);
  }
}

/**
 * @param {Response} response
 * @param {AlarmView} alarm
 */
function isOffered(response, { signal }) {
  // What is over has nobody to go to: it only must have been seen.
  return response === "accept" || signal !== "latched";
}

/**
 * @param {{response: Response, state: string, line: string} | null} given
 * @param {boolean} isTaken
 */
function stateOf(given, isTaken) {
  if (given === null || (isTaken && given.state === "arrived")) return "";
  if (given.state === "waiting") return texts.notArrived;
  if (given.state === "refused") return texts.refused(given.line);
  return given.state === "arrived" ? texts.sent : texts.sending;
}
