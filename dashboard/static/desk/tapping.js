/**
 * "Tap your strap": which sensor began to call, or to feel skin, since somebody asked. Pure.
 */

/** @typedef {{gateway: string, sensor: string, kind: string, rssi_dbm: number, age_ms: number, participant: string | null, leased_to: string | null, battery_low: boolean | null, contact: boolean | null, is_linked: boolean}} NearbySensor */

export const TAP_MS = 60_000;
/** A sensor that was heard so long ago is silent: when it calls again, it begins anew. */
const SILENT_MS = 5_000;

export class Tapping {
  #until;
  #now;
  /** @type {Set<string>} */
  #silent = new Set();
  /** @type {Set<string>} */
  #heard = new Set();
  /** @type {Set<string>} */
  #dry = new Set();
  /** @type {Set<string>} */
  tapped = new Set();

  /**
   * @param {NearbySensor[]} nearby what calls already
   * @param {number} now ms on any clock
   */
  constructor(nearby, now) {
    this.#now = now;
    this.#until = now + TAP_MS;
    this.#keep(nearby);
  }

  /** @returns {number} whole seconds until nobody waits any more */
  get secondsLeft() {
    return Math.max(0, Math.ceil((this.#until - this.#now) / 1000));
  }

  /**
   * Takes what calls now.
   * @param {NearbySensor[]} nearby
   * @param {number} now ms on the same clock
   */
  hear(nearby, now) {
    this.#now = now;
    if (now > this.#until) return;
    for (const one of nearby) {
      const isLoud = one.age_ms < SILENT_MS;
      const isNew = !this.#heard.has(one.sensor) || this.#silent.has(one.sensor);
      const isTouched = one.contact === true && this.#dry.has(one.sensor);
      if (isLoud && (isNew || isTouched)) this.tapped.add(one.sensor);
    }
    this.#keep(nearby);
  }

  /** @param {NearbySensor[]} nearby */
  #keep(nearby) {
    for (const one of nearby) {
      this.#heard.add(one.sensor);
      if (one.age_ms >= SILENT_MS) this.#silent.add(one.sensor);
      else this.#silent.delete(one.sensor);
      if (one.contact === false) this.#dry.add(one.sensor);
      else if (one.contact === true) this.#dry.delete(one.sensor);
    }
  }
}

/**
 * @param {Tapping | null} tapping
 * @param {NearbySensor} sensor
 */
export function isTapped(tapping, sensor) {
  return tapping?.tapped.has(sensor.sensor) ?? false;
}
