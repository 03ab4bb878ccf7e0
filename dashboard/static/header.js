/**
 * The lines above and below the tiles: class, phase, sensors, clock; where the data comes from, and that this is no
 * medical device.
 */

import { showBadge } from "./badge.js";
import { duration, stopwatch, timeOfDay } from "./format.js";
import { must, writeLine } from "./line.js";
import { phases, texts } from "./texts.js";

/** @typedef {import("./room.js").Room} Room */

export class Header {
  #name = must("class-name");
  #phase = must("phase");
  #counts = must("counts");
  #clock = must("clock");
  #badge = must("badge");
  #audio = must("audio");
  #title = "";

  /**
   * @param {Room} room
   * @param {{serverMs: number, utcMs: number, isFrozen: boolean, hushedMs: number}} now
   */
  show(room, { serverMs, utcMs, isFrozen, hushedMs }) {
    const { session, counts, audio } = room;
    writeLine(this.#name, session?.name ?? "");
    const since = session === null ? 0 : utcMs - session.phase_since_utc_ms;
    const phase = session === null ? "" : (phases[session.phase] ?? session.phase);
    writeLine(this.#phase, phase === "" || isFrozen ? phase : `${phase} · ${stopwatch(since)}`);
    writeLine(this.#counts, counts === null || isFrozen ? "" : countsLine(counts));
    writeLine(this.#clock, timeOfDay(utcMs, room.timeZone, true));

    const badge = showBadge(this.#badge, room);
    const pausedMs = isFrozen ? 0 : (audio.paused_until_ms ?? 0) - serverMs;
    const paused = pausedMs > 0 ? texts.soundPaused(duration(pausedMs), audio.by ?? "") : "";
    writeLine(this.#audio, hushedMs > 0 ? texts.hushed(duration(hushedMs)) : paused);
    this.#showTitle([badge, session?.name ?? "", texts.wall].filter((word) => word !== "").join(" · "));
  }

  /** @param {string} title */
  #showTitle(title) {
    if (this.#title === title) return;
    this.#title = title;
    document.title = title;
  }
}

/** @param {import("./frames.js").CountsView} counts */
function countsLine(counts) {
  const lines = [];
  if (counts.straps > 0) lines.push(texts.straps(counts.straps_live, counts.straps));
  if (counts.oximeters > 0) lines.push(texts.oximeters(counts.oximeters_live, counts.oximeters));
  if (counts.gateways > 0) lines.push(texts.gateways(counts.gateways_live, counts.gateways));
  return lines.join(" · ");
}
