/**
 * One alarm, one big button: where a tap on a message leads. Works with the token of the message, without a login.
 *
 * The token stands behind the # of the address, which no server and no log ever sees; it is taken out of the address at
 * once and kept for this tab alone, so that a reload can still answer.
 */

import { sayAlarm } from "../alarm-words.js";
import { markOf } from "../alarms.js";
import { duration, timeOfDay } from "../format.js";
import { mark, must, put, writeLine } from "../line.js";
import { Refused, get, post } from "../shell/ask.js";
import { priorities, texts as words } from "../texts.js";
import { Answering } from "./answering.js";
import { texts } from "./texts.js";
import { wordsOfCall } from "./who-is-on-it.js";

/** @typedef {import("../frames.js").AlarmView} AlarmView */
/** @typedef {import("../frames.js").Response} Response */

/**
 * The server's answer: NewsBody of dashboard/api/pushes.py.
 * @typedef {object} News
 * @property {AlarmView | null} alarm
 * @property {import("../frames.js").CallView | null} call
 * @property {boolean} is_test
 * @property {string} staff
 * @property {boolean} may_answer
 * @property {number} server_mono_ms
 * @property {number} utc_ms
 * @property {string} time_zone
 */

const LOOK_EVERY_MS = 2_000;
const OLD_MS = 6_000;

const id = decodeURIComponent(location.pathname.split("/").at(-1) ?? "");
let token = takeToken();
/** @type {News | null} */
let news = null;
let heardAt = Number.NaN;
let isOver = false;
let needsLogin = "";
let saidOpened = "";

const page = must("page");
const bar = must("bar");
const head = put(page, "p", "head");
const title = put(page, "h1", "title");
const text = put(page, "p", "text");
const since = put(page, "p", "since");
const who = put(page, "p", "who");
const state = put(page, "p", "state");
state.setAttribute("role", "status");
const accept = choice("accept", "big", texts.accept);
const others = put(page, "div", "others");
accept.hidden = others.hidden = true;
choice("on_my_way", "", texts.onMyWay, others);
choice("cannot", "", texts.cannot, others);
const logIn = put(page, "a", "link log-in");
logIn.hidden = true;
logIn.href = `/login?next=${encodeURIComponent(location.pathname)}`;
logIn.textContent = texts.logIn;
const all = put(page, "a", "link");
all.href = "/phone";
all.textContent = texts.allAlarms;
put(page, "p", "foot").textContent = words.notMedical;

const answering = new Answering(show, (alarm, response) =>
  token === "" ? post(`/api/v1/alarms/${encodeURIComponent(alarm)}/respond`, { response }) : answerByToken(response),
);

void look();
setInterval(() => void look(), LOOK_EVERY_MS);
setInterval(show, 500);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void look();
});
// A message may have led this page to another alarm.
addEventListener("hashchange", () => {
  token = takeToken() || token;
  void look();
});

function takeToken() {
  const given = location.hash.slice(1);
  const place = `token ${id}`;
  if (given !== "") {
    sessionStorage.setItem(place, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(place) ?? "";
}

/** @param {Response} response */
async function answerByToken(response) {
  try {
    return await post("/api/v1/push/respond", { token, response });
  } catch (error) {
    // It has arrived before: this phone did not hear the server say so.
    if (error instanceof Refused && error.status === 409) return null;
    throw error;
  }
}

async function look() {
  try {
    news = token === "" ? await get(`/api/v1/alarms/${encodeURIComponent(id)}`) : await post("/api/v1/push/look", { token });
    heardAt = performance.now();
    needsLogin = "";
    isOver = news?.alarm === null && !news.is_test;
    void sayOpened();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    refuse(error);
  }
  show();
}

/** Somebody has this message before their eyes: said once, and nothing depends on it. */
async function sayOpened() {
  if (token === "" || token === saidOpened || document.hidden) return;
  saidOpened = token;
  await post("/api/v1/push/receipt", { token, seen: true }).catch(() => null);
}

/** @param {Refused} refused */
function refuse(refused) {
  if (refused.status === 0 || refused.status >= 500) return;
  heardAt = performance.now();
  if (refused.status === 403 && token !== "") {
    // Too old or not ours: whoever is logged in may still answer.
    token = "";
    sessionStorage.removeItem(`token ${id}`);
    needsLogin = texts.tooOld;
    void look();
  } else if (refused.status === 401 || refused.status === 403) {
    needsLogin = needsLogin === "" ? texts.notYours : needsLogin;
  } else if (refused.status === 404) {
    isOver = true;
    needsLogin = "";
  }
}

function show() {
  const isCut = Number.isNaN(heardAt) ? performance.now() > OLD_MS : performance.now() - heardAt > OLD_MS;
  const given = answering.of(id);
  const isLost = given?.state === "waiting";
  writeLine(bar, isLost ? texts.notArrived : texts.cutOff);
  bar.hidden = !isCut && !isLost;
  mark(document.body, "cut", isCut ? "yes" : "");
  const alarm = isOver ? null : (news?.alarm ?? null);
  showAlarm(alarm, isCut);
  const mine = news?.call?.answers?.filter(({ staff }) => staff === news?.staff).at(-1)?.response ?? null;
  const response = given !== null && given.state !== "refused" ? given.response : mine;
  const isTaken = alarm?.signal === "acknowledged";
  writeLine(state, stateOf(given, response, isTaken));
  state.hidden = state.textContent === "";
  mark(state, "trouble", given?.state === "refused" ? "yes" : "");
  const isAsking = (alarm !== null || news?.is_test === true) && needsLogin === "" && !isTaken;
  const isFree = isAsking && (news?.may_answer === true || isLost) && (given === null || given.state === "refused" || isLost);
  writeLine(accept, alarm?.signal === "latched" ? texts.seen : texts.accept);
  accept.hidden = !isFree;
  others.hidden = !isFree || alarm === null || alarm.signal === "latched";
  logIn.hidden = needsLogin === "";
  document.title = alarm === null ? texts.alarm : `${priorities[alarm.priority]} ${title.textContent}`;
}

/**
 * @param {AlarmView | null} alarm
 * @param {boolean} isCut
 */
function showAlarm(alarm, isCut) {
  mark(document.body, "priority", alarm?.priority ?? "");
  mark(document.body, "family", alarm?.family ?? "");
  mark(document.body, "signal", alarm?.signal ?? "");
  if (alarm === null || news === null) {
    writeLine(head, "");
    title.hidden = false;
    const isTest = news?.is_test === true;
    writeLine(title, needsLogin !== "" ? texts.alarm : isTest ? texts.test : isOver ? texts.isOver : news === null ? texts.loading : texts.isOver);
    writeLine(text, needsLogin !== "" ? needsLogin : isTest ? texts.testHow : isOver ? texts.isOverHow : "");
    writeLine(since, "");
    writeLine(who, "");
    return;
  }
  const passedMs = performance.now() - heardAt;
  const serverMs = news.server_mono_ms + passedMs;
  const utcMs = news.utc_ms + passedMs;
  writeLine(head, `${markOf(alarm)} ${priorities[alarm.priority]}`);
  writeLine(title, alarm.seat == null ? "" : words.seat(alarm.seat));
  title.hidden = alarm.seat == null;
  const saying = sayAlarm(alarm, { hasLimits: true });
  const time = timeOfDay(alarm.onset_utc_ms, news.time_zone, true);
  writeLine(text, alarm.signal === "latched" ? words.was(saying, time) : saying);
  const isStanding = alarm.signal !== "latched" && !isCut;
  writeLine(since, isStanding ? texts.since(time, duration(serverMs - alarm.breach_at_ms)) : "");
  const isTaken = alarm.signal === "acknowledged";
  const people = wordsOfCall(news.call ?? undefined, { who: news.staff, utcMs, timeZone: news.time_zone, isTaken });
  const taker = isTaken && alarm.acknowledged != null ? words.acknowledgedAt(alarm.acknowledged.by, timeOfDay(alarm.acknowledged.at_utc_ms, news.time_zone, false)) : "";
  writeLine(who, [taker, ...people].filter((line) => line !== "").join(" · "));
}

/**
 * @param {{response: Response, state: string, line: string} | null} given
 * @param {Response | null} response
 * @param {boolean} isTaken
 */
function stateOf(given, response, isTaken) {
  if (given?.state === "refused") return texts.refused(given.line);
  if (given?.state === "sending") return texts.sending;
  if (given?.state === "waiting") return ""; // the bar says it
  if (response === "cannot") return texts.youCannot;
  if (response === "on_my_way") return texts.youAreComing;
  if (response === "accept") return texts.youHaveIt;
  if (isTaken) return texts.somebodyHasIt;
  return news !== null && !news.may_answer && news.alarm !== null ? texts.answered : "";
}

/**
 * @param {Response} response
 * @param {string} look
 * @param {string} name
 * @param {Element} [parent]
 */
function choice(response, look, name, parent = page) {
  const button = put(parent, "button", look);
  button.type = "button";
  button.textContent = name;
  button.addEventListener("click", () => void answering.give(id, response));
  return button;
}
