/**
 * Answers that this phone has given and that are not yet seen in the alarm's state. One that met no server is sent
 * again until it arrives or is refused: a tap on "accept" must not be lost in a stairwell.
 */

import { Refused, post } from "../shell/ask.js";

/** @typedef {import("../frames.js").Response} Response */
/** @typedef {"sending" | "waiting" | "arrived" | "refused"} State */

const AGAIN_MS = 2_000;

export class Answering {
  /** @type {Map<string, {response: Response, state: State, line: string}>} */
  #given = new Map();
  /** @type {() => void} */
  #onChange;
  #send;

  /**
   * @param {() => void} onChange
   * @param {(alarm: string, response: Response) => Promise<unknown>} [send]
   */
  constructor(onChange, send = (alarm, response) => post(`/api/v1/alarms/${encodeURIComponent(alarm)}/respond`, { response })) {
    this.#onChange = onChange;
    this.#send = send;
  }

  /**
   * @param {string} alarm its id
   * @param {Response} response
   */
  async give(alarm, response) {
    const given = { response, state: /** @type {State} */ ("sending"), line: "" };
    this.#given.set(alarm, given);
    this.#onChange();
    while (this.#given.get(alarm) === given && given.state !== "arrived" && given.state !== "refused") {
      try {
        await this.#send(alarm, response);
        given.state = "arrived";
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        given.state = error.status === 0 || error.status >= 500 ? "waiting" : "refused";
        given.line = error.message;
      }
      this.#onChange();
      if (given.state === "waiting") await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }

  /**
   * @param {string} alarm
   * @returns {{response: Response, state: State, line: string} | null}
   */
  of(alarm) {
    return this.#given.get(alarm) ?? null;
  }

  /**
   * Forgets answers to alarms that are over.
   * @param {ReadonlySet<string>} alarms that are on, by id
   */
  keepOnly(alarms) {
    for (const id of this.#given.keys()) if (!alarms.has(id)) this.#given.delete(id);
  }
}
