/**
 * What the parts of the desk share: the register as the server has it, who may change it, and saying what was refused.
 */

import { ask, get, Refused } from "../shell/ask.js";
import { texts } from "./texts.js";

/** @typedef {{id: string, number: string | null, alias: string, name: string, is_archived: boolean, created_utc_ms: number, prescription_version: number, prescribed_utc_ms: number | null, sensors: Record<string, string>}} Person */
/** @typedef {{id: string, kind: string, label: string, owner: string | null, battery_pct: number | null, battery_utc_ms: number | null, note: string, created_utc_ms: number}} KnownSensor */
/** @typedef {{seat: number, person: string, strap: string | null, oximeter: string | null, machine: string | null, gateway: string | null}} Seat */
/** @typedef {{staff: string, role: string, own: string[]}} PlanStaff */
/** @typedef {{weekdays: number[], time: string, first_date: string, last_date: string | null}} Series */
/** @typedef {{name: string, room: string | null, phases: {phase: string, at_s: number}[], seats: Seat[], staff: PlanStaff[], series: Series | null}} PlanBody */
/** @typedef {{id: string, plan: PlanBody, changed_utc_ms: number, next_utc_ms: number | null}} Plan */
/** @typedef {{id: string, initials: string, duty_role: string, role: string, is_disabled: boolean}} Member */
/** @typedef {import("/static/vendor/lit-html.js").TemplateResult} View */

/**
 * One part of the desk.
 * @typedef {object} Tab
 * @property {() => Promise<void>} load asks the server; called when the tab is opened
 * @property {() => View} view
 * @property {() => void} [leave]
 */

export class Board {
  #draw;

  /** @type {Person[]} */
  people = [];
  /** @type {KnownSensor[]} */
  sensors = [];
  /** @type {Plan[]} */
  plans = [];
  /** @type {Member[]} */
  staff = [];
  /** The one line of the last refusal; empty: none. */
  problem = "";
  isBusy = false;
  withArchived = false;

  /**
   * @param {import("../shell/shell.js").Shell} shell
   * @param {() => void} draw
   */
  constructor(shell, draw) {
    this.shell = shell;
    this.#draw = draw;
  }

  /** Paints the desk anew. */
  draw() {
    this.#draw();
  }

  /** Paints the desk anew, and puts what was saved into all fields: of what was typed nothing stays. */
  fresh() {
    this.#draw();
    for (const form of document.querySelectorAll("main form")) /** @type {HTMLFormElement} */ (form).reset();
  }

  /** @returns {boolean} whether whoever is here may change the register */
  get mayEdit() {
    return this.shell.may("edit_clinic");
  }

  /** @param {string | null} id */
  person(id) {
    return this.people.find((one) => one.id === id) ?? null;
  }

  /** @param {string} id the label of a sensor, or its id without one */
  labelOf(id) {
    return this.sensors.find((one) => one.id === id)?.label ?? id;
  }

  async loadPeople() {
    this.people = await get(`/api/v1/people?with_archived=${this.withArchived}`);
  }

  async loadSensors() {
    this.sensors = await get("/api/v1/sensors");
  }

  async loadPlans() {
    this.plans = await get("/api/v1/plans");
  }

  async loadStaff() {
    this.staff = await get("/api/v1/staff");
  }

  /**
   * Does something with the server; what is refused is shown until the next attempt. Returns whether it was done.
   * @param {() => Promise<void>} deed
   * @param {string} [said] told when it was done
   */
  async act(deed, said = "") {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.problem = "";
    this.draw();
    try {
      await deed();
      if (said !== "") this.shell.say(said);
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.problem = error.message;
      return false;
    } finally {
      this.isBusy = false;
      this.draw();
    }
  }

  /**
   * @param {"PUT" | "DELETE"} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  send(method, path, body) {
    return ask(method, path, body);
  }

  /** @returns {string} what stands where somebody may only look */
  get onlyLook() {
    return this.mayEdit ? "" : texts.notAllowedHere;
  }
}
