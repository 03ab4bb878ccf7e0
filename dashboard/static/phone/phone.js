/**
 * The phone: alarms that call its owner on top, one card each; then the own people with their numbers; then itself.
 *
 * It sounds and shakes while it is open, which needs no service outside the house: the way that is left without Internet.
 */

import { isOpen } from "../alarms.js";
import { mark, must, put, writeLine } from "../line.js";
import { mountShell } from "../shell/shell.js";
import { ScreenSound } from "../sound/screen-sound.js";
import { WakeLock } from "../wake-lock.js";
import { AlarmCard } from "./alarm-card.js";
import { Answering } from "./answering.js";
import { PeopleList } from "./people-list.js";
import { PushSwitch } from "./push-switch.js";
import { ownerOf, rings, sorted, testsFor } from "./ringing.js";
import { texts } from "./texts.js";
import { Vibration } from "./vibration.js";

/** @typedef {import("../frames.js").AlarmView} AlarmView */

const RANK = { high: 3, medium: 2, low: 1, info: 0 };
const TICK_MS = 250;
const REPORT_EVERY_MS = 30_000;

const page = must("page");
const cut = put(page, "p", "cut");
cut.textContent = texts.cutOff;
cut.hidden = true;
const soundOff = put(page, "button", "sound-off");
soundOff.type = "button";
soundOff.textContent = texts.soundOff;
soundOff.hidden = true;

const tests = put(page, "ul", "cards");
const mine = section(texts.myAlarms);
const calm = put(mine, "p", "calm");
const mineCards = put(mine, "ul", "cards");
const others = section(texts.others);
const otherCards = put(others, "ul", "cards");
const peopleSection = section(texts.myPeople);
const notOnDuty = put(peopleSection, "p", "calm");
notOnDuty.textContent = texts.notOnDuty;
const people = new PeopleList(peopleSection);
const itself = section(texts.thisPhone);
const soundLine = put(itself, "p", "sound-line");

const shell = mountShell({ page: "phone", main: page });
const pushes = new PushSwitch(itself, (line) => shell.say(line));
const answering = new Answering(() => shell.paintSoon());
const sound = new ScreenSound({ isSilent: false });
const vibration = new Vibration();
/** @type {Map<string, AlarmCard>} */
const cards = new Map();
/** @type {Map<string, ReturnType<typeof testCard>>} */
const testCards = new Map();

let reported = "";
let reportedAt = Number.NEGATIVE_INFINITY;
shell.onFrame(({ t }) => {
  if (t === "s") reported = "";
});

shell.onPaint((now) => {
  const { room } = shell;
  const owner = ownerOf(shell.me?.who ?? "", room.duty);
  const told = sorted(room.alarms, room.calls, owner, now.serverMs);
  document.body.classList.toggle("cut-off", now.isFrozen);
  cut.hidden = !now.isFrozen;
  showTests(owner.who, now.isFrozen);
  showCards(mineCards, told.mine, now, owner.who);
  showCards(otherCards, told.others, now, owner.who);
  writeLine(calm, now.isFrozen || told.mine.length > 0 ? "" : texts.noneCall);
  calm.hidden = calm.textContent === "";
  others.hidden = told.others.length === 0;
  const tiles = [...room.tiles.values()];
  const own = owner.people.size === 0 ? tiles : tiles.filter(({ id }) => owner.people.has(id));
  writeLine(must("page").querySelector(".my-people h2") ?? calm, owner.people.size === 0 ? texts.everybody : texts.myPeople);
  notOnDuty.hidden = !owner.isAnybodyOnDuty || owner.isOnDuty;
  people.show(own, alarmed(room.alarms), now);
  peopleSection.hidden = tiles.length === 0;
  pushes.timeZone = room.timeZone;
  const known = new Set([...room.alarms.map(({ id }) => id), ...room.calls.keys()]);
  if (!now.isFrozen) answering.keepOnly(known);
});

// The sound follows by its own clock: a page in the background is painted by nobody.
setInterval(() => {
  const at = performance.now();
  const now = shell.now(at);
  const isDeaf = now.isFrozen && !document.hidden;
  const { room } = shell;
  const owner = ownerOf(shell.me?.who ?? "", room.duty);
  const ringing = room.alarms.filter((alarm) => rings(alarm, room.calls.get(alarm.id), owner, now.serverMs));
  // The pause of the room's sound is for loudspeakers: who is called on a phone is called.
  sound.sounder.follow({ alarms: ringing, hasClass: room.session !== null, isDeaf, isWatched: room.isWatched, isPaused: false }, at);
  const level = ringing.some(({ priority }) => priority === "high") ? "high" : "medium";
  vibration.follow(ringing.map(({ id, priority }) => `${id} ${priority}`).join(" "), level, at);
  const isOff = sound.isOff(at);
  soundOff.hidden = !isOff;
  writeLine(soundLine, isOff ? texts.soundOff : texts.soundOn);
  mark(soundLine, "on", isOff ? "no" : "yes");
  report(isOff ? "off" : "on", at);
}, TICK_MS);

new WakeLock().start();
pushes.start();

/**
 * Tells the server that this phone is there: with each change, and now and then, for a new connection does not know it.
 * @param {"on" | "off"} state
 * @param {number} at performance.now()
 */
function report(state, at) {
  if (state === reported && at - reportedAt < REPORT_EVERY_MS) return;
  if (!shell.send({ t: "phone", sound: state })) return;
  reported = state;
  reportedAt = at;
}

/** @param {string} title */
function section(title) {
  const made = put(page, "section", title === texts.myPeople ? "my-people" : "");
  put(made, "h2", "").textContent = title;
  return made;
}

/**
 * @param {Element} list
 * @param {readonly AlarmView[]} alarms
 * @param {import("../shell/shell.js").Now} now
 * @param {string} who
 */
function showCards(list, alarms, now, who) {
  const ids = new Set(shell.room.alarms.map(({ id }) => id));
  for (const [id, card] of cards) {
    if (ids.has(id)) continue;
    card.node.remove();
    cards.delete(id);
  }
  for (const [index, alarm] of alarms.entries()) {
    let card = cards.get(alarm.id);
    if (card === undefined) {
      card = new AlarmCard((response) => void answering.give(alarm.id, response));
      cards.set(alarm.id, card);
    }
    if (list.children[index] !== card.node) list.insertBefore(card.node, list.children[index] ?? null);
    card.show(alarm, shell.room.calls.get(alarm.id), answering.of(alarm.id), now, { who, mayAnswer: shell.may("respond") });
  }
  while (list.children.length > alarms.length) list.lastElementChild?.remove();
}

/**
 * @param {string} who
 * @param {boolean} isFrozen
 */
function showTests(who, isFrozen) {
  const waiting = isFrozen ? [] : testsFor(shell.room.calls, who).map(({ alarm }) => alarm);
  for (const [id, card] of testCards) {
    if (waiting.includes(id)) continue;
    card.remove();
    testCards.delete(id);
  }
  for (const id of waiting) {
    if (!testCards.has(id)) testCards.set(id, testCard(id));
  }
}

/** @param {string} id */
function testCard(id) {
  const node = put(tests, "li", "card-alarm card-test");
  put(node, "h3", "head").textContent = texts.test;
  put(node, "p", "text").textContent = texts.testHow;
  const choices = put(node, "div", "choices");
  const accept = put(choices, "button", "primary");
  accept.type = "button";
  accept.textContent = texts.accept;
  accept.addEventListener("click", () => void answering.give(id, "accept"));
  return node;
}

/**
 * The most urgent alarm of each person that still stands.
 * @param {readonly AlarmView[]} alarms
 * @returns {Map<string, string>}
 */
function alarmed(alarms) {
  /** @type {Map<string, AlarmView["priority"]>} */
  const found = new Map();
  for (const alarm of alarms) {
    if (alarm.participant == null || !(isOpen(alarm) || alarm.signal === "acknowledged")) continue;
    const before = found.get(alarm.participant);
    if (before === undefined || RANK[alarm.priority] > RANK[before]) found.set(alarm.participant, alarm.priority);
  }
  return found;
}
