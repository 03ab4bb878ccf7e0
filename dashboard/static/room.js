/**
 * The state of the room, put together from frames: a snapshot replaces all, a delta what changed.
 *
 * It judges no age and paints nothing.
 */

import { tellAlarm, tellPart } from "./alarm-words.js";
import { Trace } from "./trace.js";

/** @typedef {import("./frames.js").Frame} Frame */
/** @typedef {import("./frames.js").TileView} TileView */
/** @typedef {import("./frames.js").AlarmView} AlarmView */
/** @typedef {import("./frames.js").PartView} PartView */
/** @typedef {import("./frames.js").Silence} Silence */

export class Room {
  epoch = "";
  seq = -1;
  serverMs = 0;
  /** @type {import("./frames.js").GenerationMode} */
  mode = "real";
  timeZone = "UTC";
  /** @type {Silence} */
  hrSilence = { stale_ms: 3_000, lost_ms: 10_000 };
  /** @type {Silence} */
  spo2Silence = { stale_ms: 5_000, lost_ms: 15_000 };
  /** @type {import("./frames.js").SessionView | null} */
  session = null;
  /** @type {Map<string, TileView>} */
  tiles = new Map();
  /** @type {Map<string, Trace>} */
  traces = new Map();
  /** @type {AlarmView[]} */
  alarms = [];
  /** @type {PartView[]} */
  parts = [];
  /** @type {import("./frames.js").AudioView} */
  audio = {};
  /** @type {import("./frames.js").CountsView | null} */
  counts = null;
  /** @type {import("./frames.js").ScreenView[]} */
  screens = [];
  /** @type {import("./frames.js").DutyView[]} who is on duty in this class */
  duty = [];
  /** @type {Map<string, import("./frames.js").CallView>} who is on an alarm, by its id */
  calls = new Map();
  /** @type {import("./frames.js").EmergencyView[]} those that run now */
  emergencies = [];
  /** @type {number | undefined} server time of the last heartbeat of analysis */
  analysisHeardMs;
  /** @type {number | undefined} server time of the last test that went the whole way of an alarm */
  alarmPathMs;
  #hasLimits;

  /** @param {{hasLimits: boolean}} display */
  constructor({ hasLimits }) {
    this.#hasLimits = hasLimits;
  }

  /**
   * Whether alarms are live: without analysis or broker, that there is none means nothing.
   * @returns {boolean}
   */
  get isWatched() {
    return this.parts.every(({ part, state }) => state === "up" || (part !== "analysis" && part !== "broker"));
  }

  /**
   * Takes a frame. Returns false for a delta that does not follow: then only a new snapshot helps.
   * @param {Frame} frame
   * @returns {boolean}
   */
  apply(frame) {
    if (frame.t === "d") {
      if (frame.epoch !== this.epoch || frame.seq > this.seq + 1) return false;
      if (frame.seq <= this.seq) return true;
    }
    this.epoch = frame.epoch;
    this.seq = frame.seq;
    this.serverMs = frame.server_mono_ms;
    if (frame.mode !== undefined) this.mode = frame.mode;
    if (frame.time_zone !== undefined) this.timeZone = frame.time_zone;
    if (frame.hr_silence !== undefined) this.hrSilence = frame.hr_silence;
    if (frame.spo2_silence !== undefined) this.spo2Silence = frame.spo2_silence;
    if (frame.alarms !== undefined) {
      this.alarms = frame.alarms.map((alarm) => tellAlarm(alarm, { hasLimits: this.#hasLimits }));
    }
    if (frame.parts !== undefined) this.parts = frame.parts.map((part) => tellPart(part, this.timeZone));
    if (frame.screens !== undefined) this.screens = frame.screens;
    if (frame.t === "s" || frame.analysis_heard_ms !== undefined) this.analysisHeardMs = frame.analysis_heard_ms;
    if (frame.duty !== undefined) this.duty = frame.duty;
    if (frame.emergencies !== undefined) this.emergencies = frame.emergencies;
    if (frame.calls !== undefined) this.calls = new Map(frame.calls.map((call) => [call.alarm, call]));
    if (frame.t === "s" || frame.alarm_path_ms !== undefined) this.alarmPathMs = frame.alarm_path_ms;
    if (frame.audio !== undefined) this.audio = frame.audio;
    if (frame.counts !== undefined) this.counts = frame.counts;
    this.#takePeople(frame);
    return true;
  }

  /** @param {Frame} frame */
  #takePeople(frame) {
    const another = frame.session !== undefined && frame.session?.id !== this.session?.id;
    if (frame.session !== undefined) this.session = frame.session;
    if (another) this.traces.clear();
    // A delta takes nobody away: when people come or go, the server sends a snapshot.
    if (frame.t === "s") this.tiles.clear();
    for (const tile of frame.tiles ?? []) {
      this.tiles.set(tile.id, tile);
      this.#takeTrace(tile);
    }
    for (const id of this.traces.keys()) if (!this.tiles.has(id)) this.traces.delete(id);
  }

  /** @param {TileView} tile */
  #takeTrace(tile) {
    let trace = this.traces.get(tile.id);
    if (trace === undefined) {
      trace = new Trace();
      this.traces.set(tile.id, trace);
    }
    if (tile.trace !== undefined && tile.trace.length > 0) trace.replace(tile.trace);
    trace.add(tile.hr);
  }
}
