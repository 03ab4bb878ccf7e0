/**
 * The tablet: left the people, right one of them with numbers, alarms, trend, limits and what is entered.
 *
 * Who is shown stands in the address (`#id`), so that an alarm, a reload and the browser's back button lead to a person.
 */

import { vitalOf } from "../alarms.js";
import { FlowClient } from "../class/flow.js";
import { must, put, writeLine } from "../line.js";
import { Refused, get, post } from "../shell/ask.js";
import { mountShell } from "../shell/shell.js";
import { WakeLock } from "../wake-lock.js";
import { AlarmsPanel } from "./alarms-panel.js";
import { CallDialog } from "./call-dialog.js";
import { Charts } from "./charts.js";
import { EntryPanel } from "./entry-panel.js";
import { LimitsPanel } from "./limits-panel.js";
import { PeopleList } from "./people-list.js";
import { PersonHead } from "./person-head.js";
import { PhaseDialog } from "./phase-dialog.js";
import { outcomes, texts } from "./texts.js";

/** @typedef {import("../frames.js").AlarmView} AlarmView */
/** @typedef {import("./chart-data.js").ChartEntry} ChartEntry */
/** @typedef {import("../shell/shell.js").Now} Now */

/** The record is asked again so often; what comes in between is drawn live. */
const HISTORY_MS = 60_000;
const RETRY_MS = 3_000;
/** @type {[string, number | null][]} */
const WINDOWS = [
  [texts.tenMinutes, 10],
  [texts.thirtyMinutes, 30],
  [texts.wholeClass, null],
];

class Tablet {
  #main = must("page");
  #shell = mountShell({ page: "tablet", main: this.#main });
  #people = put(this.#main, "nav", "people-side");
  #side = put(this.#main, "div", "person-side");
  #empty = put(this.#side, "p", "empty");
  #person = put(this.#side, "div", "person-whole");
  #list = new PeopleList(this.#people, (id) => this.#choose(id));
  #left = put(this.#person, "div", "person-column");
  #right = put(this.#person, "div", "person-column");
  #head = new PersonHead(put(this.#left, "section", "card head"), {
    onPhase: (phase) => this.#setPhase(phase),
    onBack: () => this.#choose(null),
  });
  #phases = new PhaseDialog(this.#shell, () => this.#head.forgetChoice());
  #quick = put(this.#left, "div", "quick");
  #calls = new CallDialog(this.#shell);
  #alarms = new AlarmsPanel(put(this.#left, "section", "alarms"), {
    onTake: (alarm, outcome) => this.#takeAlarm(alarm, outcome),
    onJudge: (id, outcome) => void this.#judge(id, outcome),
    onCallNobody: (alarm) => this.#calls.open(alarm),
    onCallAgain: (alarm) => void this.#calls.again(alarm),
  });
  #chartCard = put(this.#left, "section", "card trend");
  #windows = put(this.#chartCard, "div", "windows");
  #chartNote = put(this.#chartCard, "p", "muted");
  #chartPlace = put(this.#chartCard, "div", "charts");
  #charts = new Charts(this.#chartPlace);
  #limits = new LimitsPanel(put(this.#right, "section", "card limits-side"), this.#shell);
  #entries = new EntryPanel(put(this.#right, "section", "card entries"), this.#shell, (entry) => this.#waiting.push(entry), this.#quick);

  #flow = new FlowClient(() => this.#shell.paintSoon());

  /** @type {string | null} */
  #chosen = null;
  /** @type {number | null} minutes; null: the whole class */
  #minutes = 10;
  #historyOf = "";
  #historyAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  /** @type {ChartEntry[]} entered here and not in the record's answer yet */
  #waiting = [];

  start() {
    new WakeLock().start();
    this.#buildWindows();
    this.#chosen = decodeURIComponent(location.hash.slice(1)) || null;
    addEventListener("hashchange", () => this.#choose(decodeURIComponent(location.hash.slice(1)) || null));
    this.#shell.onAlarm(([first]) => {
      if (first?.participant != null) this.#choose(first.participant);
      else if (first !== undefined && this.#shell.may("respond")) this.#takeAlarm(first, null);
    });
    this.#shell.emergencyOf = () => (this.#tile() === undefined ? null : this.#chosen);
    this.#shell.onFrame((frame) => this.#append(frame));
    this.#shell.onPaint((now) => this.#paint(now));
  }

  #buildWindows() {
    this.#windows.setAttribute("role", "group");
    this.#windows.setAttribute("aria-label", texts.chart);
    for (const [text, minutes] of WINDOWS) {
      const button = put(this.#windows, "button", "");
      button.type = "button";
      button.textContent = text;
      button.setAttribute("aria-pressed", String(minutes === this.#minutes));
      button.addEventListener("click", () => {
        this.#minutes = minutes;
        for (const other of this.#windows.children) other.setAttribute("aria-pressed", String(other === button));
        this.#historyAt = Number.NEGATIVE_INFINITY;
        this.#charts.clear();
        this.#shell.paintSoon();
      });
    }
  }

  #tile() {
    return this.#chosen === null ? undefined : this.#shell.room.tiles.get(this.#chosen);
  }

  /** @param {string | null} id */
  #choose(id) {
    if (id === this.#chosen) return;
    this.#chosen = id;
    this.#waiting = [];
    this.#charts.clear();
    this.#historyAt = Number.NEGATIVE_INFINITY;
    const wanted = id === null ? "" : `#${encodeURIComponent(id)}`;
    if (location.hash !== wanted) history.pushState(null, "", `${location.pathname}${location.search}${wanted}`);
    scrollTo(0, 0);
    this.#shell.paintSoon();
  }

  /** @param {import("../frames.js").Frame} frame */
  #append(frame) {
    const tile = frame.tiles?.find(({ id }) => id === this.#chosen);
    if (tile === undefined) return;
    const toUtc = frame.utc_ms - frame.server_mono_ms;
    for (const vital of /** @type {const} */ (["hr", "spo2"])) {
      const view = tile[vital];
      if (view?.value != null && view.at_ms != null && view.quality !== "unusable") {
        this.#charts.append(vital, view.at_ms + toUtc, view.value);
      }
    }
  }

  /** @param {Now} now */
  #paint(now) {
    const { room } = this.#shell;
    const who = this.#shell.me?.who ?? "";
    const tile = this.#tile();
    this.#main.dataset["chosen"] = tile === undefined ? "no" : "yes";
    this.#flow.follow(this.#shell.may("see_class") ? (room.session?.id ?? null) : null);
    this.#list.show(room, now, { chosen: this.#chosen, who });
    this.#people.hidden = room.tiles.size === 0;
    this.#person.hidden = tile === undefined;
    this.#empty.hidden = tile !== undefined;
    if (tile === undefined) {
      const isGone = this.#chosen !== null && room.tiles.size > 0;
      writeLine(this.#empty, room.session === null ? `${texts.noClass} ${texts.noClassHow}` : room.tiles.size === 0 ? texts.nobodyHere : isGone ? texts.gone : texts.choose);
      return;
    }
    const alarms = room.alarms.filter(({ participant }) => participant === tile.id);
    const on = alarms.filter(({ signal, family }) => signal !== "latched" && family === "physiological");
    const alarmOf = (/** @type {string} */ vital) => on.find((alarm) => vitalOf(alarm) === vital)?.priority ?? "";
    this.#head.show(tile, now, {
      mayRun: this.#shell.may("run_class"),
      phase: this.#shell.room.session?.phase,
      alarm: now.isFrozen ? { hr: "", spo2: "" } : { hr: alarmOf("hr"), spo2: alarmOf("spo2") },
    });
    this.#alarms.show(alarms, this.#charts.body?.alarms ?? [], now, {
      calls: room.calls,
      who,
      mayRespond: this.#shell.may("respond"),
    });
    this.#limits.show(tile.id, now);
    const stored = this.#charts.body?.entries ?? [];
    const known = new Set(stored.map(({ id }) => id));
    this.#waiting = this.#waiting.filter(({ id }) => !known.has(id));
    this.#entries.show(tile.id, [...stored, ...this.#waiting], now, this.#flow.flow);
    this.#paintCharts(tile, alarms, now);
  }

  /**
   * @param {import("../frames.js").TileView} tile
   * @param {AlarmView[]} alarms
   * @param {Now} now
   */
  #paintCharts(tile, alarms, now) {
    const at = performance.now();
    const { session } = this.#shell.room;
    if (session === null) return;
    this.#chartPlace.setAttribute("role", "img");
    this.#chartPlace.setAttribute("aria-label", texts.chartOf(String(tile.seat)));
    const key = `${session.id} ${session.version} ${tile.id} ${this.#minutes}`;
    const isDue = key !== this.#historyOf || at - this.#historyAt > HISTORY_MS;
    if (isDue && !this.#isAsking && !now.isFrozen) void this.#loadHistory(session.id, tile.id, key);
    if (now.isFrozen || !Number.isFinite(now.utcMs)) return;
    this.#charts.show({
      at,
      utcMs: now.utcMs,
      minutes: this.#minutes,
      startedUtcMs: session.started_utc_ms,
      timeZone: now.timeZone,
      hasOximeter: tile.spo2 != null,
      alarms,
    });
  }

  /**
   * @param {string} session
   * @param {string} participant
   * @param {string} key
   */
  async #loadHistory(session, participant, key) {
    this.#isAsking = true;
    const minutes = this.#minutes === null ? "" : `&minutes=${this.#minutes}`;
    try {
      const body = await get(`/api/v1/sessions/${session}/participants/${encodeURIComponent(participant)}/chart?points=400${minutes}`);
      this.#historyOf = key;
      this.#historyAt = performance.now();
      if (participant === this.#chosen) this.#charts.replace(body);
      writeLine(this.#chartNote, "");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      writeLine(this.#chartNote, texts.chartMissing);
      this.#historyOf = key;
      this.#historyAt = performance.now() - HISTORY_MS + RETRY_MS;
    } finally {
      this.#isAsking = false;
    }
  }

  /**
   * @param {AlarmView} alarm
   * @param {string | null} outcome
   */
  #takeAlarm(alarm, outcome) {
    this.#shell.sent.request([alarm.id], this.#shell.by, performance.now());
    if (outcome !== null) void this.#judge(alarm.id, outcome);
    this.#shell.paintSoon();
  }

  /**
   * @param {string} alarmId
   * @param {string} outcome
   */
  async #judge(alarmId, outcome) {
    const session = this.#shell.room.session?.id ?? "";
    await this.#ask(async () => {
      await post(`/api/v1/sessions/${session}/participants/${this.#chosen}/alarms/${alarmId}/outcome`, { outcome });
      this.#alarms.judge(alarmId, outcome);
      this.#shell.say(`${texts.saved}: ${outcomes[outcome] ?? outcome}`);
    });
  }

  /** @param {import("../frames.js").Phase | null} phase */
  #setPhase(phase) {
    const tile = this.#tile();
    if (tile !== undefined) void this.#phases.begin(this.#shell.room.session?.id ?? "", tile, phase);
  }

  /** @param {() => Promise<unknown>} doing */
  async #ask(doing) {
    try {
      await doing();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#shell.say(`${texts.notSaved} ${error.message}`);
    }
  }
}

new Tablet().start();
