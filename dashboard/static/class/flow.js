/**
 * The flow of a class as the server has it, and what is asked of it. Types mirror dashboard/api/flow_bodies.py.
 *
 * Asked every two seconds while somebody looks; live values come by the websocket, not from here.
 */

import { get, post, Refused } from "../shell/ask.js";

/** @typedef {{item: string, state: "ok" | "problem" | "missing" | "not_needed", value: string, limit: string}} Finding */
/** @typedef {{kind: string, state: "later" | "due" | "overdue", due_utc_ms: number, last_utc_ms: number | null}} DueItem */
/** @typedef {{sensor: string, kind: string, gateway: string, is_tapped: boolean}} WornSensor */
/** @typedef {{kind: string, at_utc_ms: number, by: string, body: Record<string, any>}} LastEntry */

/**
 * @typedef {object} Clearance
 * @property {"not_cleared" | "cleared" | "let_be" | "stopped"} state
 * @property {string | null} by
 * @property {number | null} at_utc_ms
 * @property {string[]} problems
 * @property {string[]} missing
 * @property {string} why
 * @property {string | null} stop_sign
 * @property {number | null} stop_utc_ms
 */

/**
 * @typedef {object} Recovery
 * @property {boolean} is_needed
 * @property {number | null} since_utc_ms
 * @property {number | null} peak_bpm
 * @property {number | null} after_1_min_bpm
 * @property {number | null} after_2_min_bpm
 * @property {string[]} missing
 */

/**
 * @typedef {object} Person
 * @property {string} id
 * @property {number} seat
 * @property {string} alias
 * @property {"expected" | "here" | "left"} state
 * @property {number | null} joined_utc_ms
 * @property {number | null} left_utc_ms
 * @property {import("../frames.js").Phase} phase
 * @property {number | null} phase_since_utc_ms
 * @property {WornSensor[]} sensors
 * @property {Clearance} clearance
 * @property {Finding[]} findings
 * @property {DueItem[]} due
 * @property {Recovery} recovery
 * @property {LastEntry[]} last
 */

/**
 * @typedef {object} Flow
 * @property {string} session
 * @property {string} name
 * @property {import("../frames.js").GenerationMode} generation_mode
 * @property {import("../frames.js").Phase} phase
 * @property {number} started_utc_ms
 * @property {number | null} ended_utc_ms
 * @property {number} utc_ms
 * @property {boolean} is_record_read
 * @property {Person[]} people
 * @property {{participant: string, seat: number, what: string, of: string[]}[]} open_points
 * @property {string[]} tapped
 * @property {string[]} stop_signs
 * @property {string[]} recovery_items what the watch of this site asks for
 * @property {boolean} has_default_limits
 * @property {boolean} is_practice
 */

const EVERY_MS = 2_000;

export class FlowClient {
  /** @type {string | null} */
  #session = null;
  #onChange;
  #isAsking = false;
  /** @type {Flow | null} */
  flow = null;

  /** @param {() => void} onChange called when the flow is another */
  constructor(onChange) {
    this.#onChange = onChange;
    setInterval(() => void this.look(), EVERY_MS);
  }

  /** @param {string | null} session which class to follow; null: none */
  follow(session) {
    if (session === this.#session) return;
    this.#session = session;
    this.flow = null;
    this.#onChange();
    void this.look();
  }

  /** Asks now, unless it is being asked. */
  async look() {
    const session = this.#session;
    if (session === null || document.hidden || this.#isAsking) return;
    this.#isAsking = true;
    try {
      const flow = await get(`/api/v1/sessions/${session}/flow`);
      if (session === this.#session) this.flow = flow;
    } catch (error) {
      // The frame of the page says that the server is away; what is shown here is not live.
      if (!(error instanceof Refused)) throw error;
    } finally {
      this.#isAsking = false;
    }
    this.#onChange();
  }

  /**
   * Asks something of the class; then everything anew. Returns the answer.
   * @param {string} path below the class, as "/participants"
   * @param {unknown} body
   * @returns {Promise<any>}
   * @throws {Refused}
   */
  async post(path, body) {
    const said = await post(`/api/v1/sessions/${this.#session}${path}`, body);
    await this.look();
    return said;
  }

  /**
   * Enters something about somebody; null: about the class.
   * @param {string | null} participant
   * @param {Record<string, unknown>} body
   * @returns {Promise<any>}
   */
  enter(participant, body) {
    return this.post("/entries", { participant, body });
  }
}
