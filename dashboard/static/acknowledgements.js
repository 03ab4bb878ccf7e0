/**
 * What this page has asked to acknowledge and not yet seen in the alarm's state. Until then it says "sending".
 *
 * A request that met a closed connection is sent again when it opens: acknowledging twice is the same as once.
 */

/** @typedef {import("./frames.js").AlarmView} AlarmView */
/** @typedef {import("./frames.js").AcknowledgeRequest} AcknowledgeRequest */

const PATIENCE_MS = 10_000;
const REMEMBER_FAILURE_MS = 10_000;

export class Acknowledgements {
  /** @type {(request: AcknowledgeRequest) => boolean} */
  #send;
  /** @type {(alarm: AlarmView | undefined) => void} */
  #onFailure;
  /** @type {Map<string, {by: string, since: number}>} */
  #waiting = new Map();
  /** @type {Map<string, number>} */
  #failed = new Map();

  /**
   * @param {(request: AcknowledgeRequest) => boolean} send
   * @param {(alarm: AlarmView | undefined) => void} onFailure
   */
  constructor(send, onFailure) {
    this.#send = send;
    this.#onFailure = onFailure;
  }

  /**
   * Somebody takes alarms.
   * @param {readonly string[]} ids
   * @param {string} by initials
   * @param {number} at performance.now()
   */
  request(ids, by, at) {
    for (const id of ids) {
      this.#failed.delete(id);
      this.#waiting.set(id, { by, since: at });
      this.#send({ t: "acknowledge", alarm_id: id, by });
    }
  }

  /** The connection is open again: says once more what was not answered. */
  repeat() {
    for (const [id, { by }] of this.#waiting) this.#send({ t: "acknowledge", alarm_id: id, by });
  }

  /**
   * Looks at the state of the alarms: what it says ends the waiting; what takes too long has failed.
   * @param {readonly AlarmView[]} alarms
   * @param {number} at performance.now()
   */
  settle(alarms, at) {
    if (this.#waiting.size === 0 && this.#failed.size === 0) return;
    const byId = new Map(alarms.map((alarm) => [alarm.id, alarm]));
    for (const [id, { since }] of this.#waiting) {
      const alarm = byId.get(id);
      if (alarm === undefined || alarm.signal === "acknowledged") {
        this.#waiting.delete(id);
      } else if (at - since > PATIENCE_MS && alarm.sending == null) {
        this.#waiting.delete(id);
        this.#failed.set(id, at);
        this.#onFailure(alarm);
      }
    }
    for (const [id, since] of this.#failed) {
      if (!byId.has(id) || at - since > REMEMBER_FAILURE_MS) this.#failed.delete(id);
    }
  }

  /**
   * @param {string} id
   * @returns {string | null} the initials on their way
   */
  sendingBy(id) {
    return this.#waiting.get(id)?.by ?? null;
  }

  /**
   * @param {string} id
   * @returns {boolean}
   */
  hasFailed(id) {
    return this.#failed.has(id);
  }
}
