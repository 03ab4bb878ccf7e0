/**
 * One stretch of a replayed class: what each tile showed at a moment, aged as the wall ages it.
 */

import { html, nothing } from "/static/vendor/lit-html.js";
import { rules, texts } from "./texts.js";
import { BPM, number } from "./words.js";

/** @typedef {{at_ms: number[], age_ms: number[], value: (number | null)[], quality: number[]}} Track */
/** @typedef {{participant: string, seat: number, has_oximeter: boolean, hr: Track, spo2: Track}} Seat */
/** @typedef {{at_ms: number, alarm_id: string, participant: string | null, change: string, rule: string, priority: string, signal: string, text: string, by: string}} Moment */
/** @typedef {{replay: {from_utc_ms: number, to_utc_ms: number, seats: Seat[], alarms: Moment[]}, aliases: Record<string, string>}} Answer */

/** As on the wall (docs/wall.md): grey, then no number. */
const STALE_MS = { hr: 3_000, spo2: 5_000 };
const LOST_MS = { hr: 10_000, spo2: 15_000 };
const ORDER = ["high", "medium", "low", "info"];
const MARKS = /** @type {Readonly<Record<string, string>>} */ ({ high: "▲▲▲", medium: "▲▲", low: "▲", info: "" });

export class Scene {
  #answer;

  /** @param {Answer} answer */
  constructor(answer) {
    this.#answer = answer;
  }

  /**
   * The tiles at a moment.
   * @param {number} utcMs
   */
  view(utcMs) {
    const { replay, aliases } = this.#answer;
    const at = utcMs - replay.from_utc_ms;
    const alarms = this.#alarmsAt(at);
    return html`<ul class="replay-strip">
        ${alarms.map((alarm) => html`<li data-priority=${alarm.priority} data-signal=${alarm.signal}>${MARKS[alarm.priority]} ${this.#seatOf(alarm)} ${alarm.text}${alarm.by === "" ? "" : ` ✓ ${alarm.by}`}</li>`)}
      </ul>
      <div class="replay-grid">
        ${replay.seats.map((seat) => {
          const mine = alarms.find(({ participant }) => participant === seat.participant);
          return html`<article class="replay-tile" data-seat=${seat.seat} data-priority=${mine?.priority ?? ""} data-signal=${mine?.signal ?? ""}>
            <header><b>${seat.seat}</b> <span>${aliases[seat.participant] ?? ""}</span> <em>${mine === undefined ? "" : (rules[mine.rule] ?? mine.rule)}</em></header>
            <div class="replay-values">
              ${value(seat.hr, at, "hr", texts.noStrap)}
              ${seat.has_oximeter ? value(seat.spo2, at, "spo2", texts.noOximeter) : html`<p class="spo2" data-state="none">${texts.noOximeter}</p>`}
            </div>
          </article>`;
        })}
      </div>`;
  }

  /** @param {number} at */
  #alarmsAt(at) {
    /** @type {Map<string, Moment>} */
    const on = new Map();
    for (const moment of this.#answer.replay.alarms) {
      if (moment.at_ms > at) continue;
      if (moment.signal === "off" || moment.change === "found_afterwards") on.delete(moment.alarm_id);
      else on.set(moment.alarm_id, moment);
    }
    return [...on.values()].sort((one, two) => ORDER.indexOf(one.priority) - ORDER.indexOf(two.priority));
  }

  /** @param {Moment} alarm */
  #seatOf({ participant }) {
    return this.#answer.replay.seats.find((seat) => seat.participant === participant)?.seat ?? "";
  }
}

/**
 * @param {Track} track
 * @param {number} at
 * @param {"hr" | "spo2"} vital
 * @param {string} missing
 */
function value(track, at, vital, missing) {
  let place = lastBefore(track.at_ms, at);
  // A reading without a value takes the number off the wall only when it is old.
  while (place >= 0 && (track.value[place] == null || track.quality[place] === 2)) place -= 1;
  const age = place < 0 ? Number.POSITIVE_INFINITY : at - (track.at_ms[place] ?? 0) + (track.age_ms[place] ?? 0);
  if (age > LOST_MS[vital]) return html`<p class=${vital} data-state="lost"><b>--</b> <small>${missing}</small></p>`;
  const state = age > STALE_MS[vital] ? "stale" : track.quality[place] === 1 ? "questionable" : "live";
  return html`<p class=${vital} data-state=${state}><b>${number(track.value[place])}</b>${vital === "spo2" ? " %" : ` ${BPM}`} ${state === "stale" ? html`<small>${Math.floor(age / 1000)} s</small>` : nothing}</p>`;
}

/**
 * @param {number[]} times
 * @param {number} at
 */
function lastBefore(times, at) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
