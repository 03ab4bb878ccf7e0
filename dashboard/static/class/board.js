/**
 * What the class page knows beside the flow: which part is open, what was tapped and not sent, what was refused and why.
 */

import { get, post, Refused } from "../shell/ask.js";
import { Corrections } from "./corrections.js";
import { FlowClient } from "./flow.js";
import { checkBody, newDraft } from "./pre-check.js";
import { texts } from "./texts.js";

/** @typedef {import("./flow.js").Person} Person */
/** @typedef {import("./pre-check.js").CheckDraft} CheckDraft */
/** @typedef {import("./roll-call.js").Nearby} Nearby */
/** @typedef {"rollCall" | "inClass" | "recovery" | "ending"} Part */

const NEARBY_MS = 2_000;
const NEEDS_WHY = 409;
/** What is written on a sensor is short; an id is not, and nobody reads it. */
const ID_LONG = 10;
const ID_END = 4;

export class ClassBoard {
  #draw;
  /** What is under way or waits for it. @type {Set<string>} */
  #wanted = new Set();
  /** @type {Promise<void>} */
  #under = Promise.resolve();
  /** @type {Map<string, CheckDraft>} */
  #checks = new Map();
  /** @type {Map<string, {systolic?: number | undefined, diastolic?: number | undefined}>} */
  #pressures = new Map();
  /** @type {Part} */
  part = "rollCall";
  /** Whose row is open, or which row of the due list. @type {string | null} */
  open = null;
  isLateOpen = false;
  /** Classes of the register, for the next one. @type {import("./next-class.js").PlanNamed[]} */
  plans = [];
  /** Which of them follows. */
  nextPlan = "";
  /** @type {import("./next-class.js").NextClass | null} */
  next = null;
  /** What waits for a reason: a person, `phase`, `end` or `next`. @type {Set<string>} */
  refusals = new Set();
  /** @type {import("../frames.js").Phase | null} */
  wantedPhase = null;
  problem = "";
  hasEnded = false;
  /** @type {Nearby[]} */
  nearby = [];
  /** @type {{id: string, alias: string}[]} */
  register = [];
  /** What is written on the sensors that the clinic knows. @type {Map<string, string>} */
  #labels = new Map();
  #labelsOf = "";

  /**
   * @param {import("../shell/shell.js").Shell} shell
   * @param {() => void} draw
   */
  constructor(shell, draw) {
    this.shell = shell;
    this.#draw = draw;
    this.client = new FlowClient(draw);
    this.corrections = new Corrections({ onDraw: draw });
    setInterval(() => void this.#lookAround(), NEARBY_MS);
  }

  /** @returns {import("./flow.js").Flow | null} */
  get flow() {
    return this.client.flow;
  }

  /** @returns {boolean} */
  get mayRun() {
    return this.shell.may("run_class");
  }

  draw() {
    this.#draw();
  }

  /** @param {string | null} session */
  follow(session) {
    this.client.follow(session);
    if (session === null) return;
    this.hasEnded = false;
    if (session !== this.#labelsOf && this.shell.may("see_class")) void this.#readLabels(session);
  }

  /**
   * What people call a sensor: what is written on it, else the end of its id.
   * @param {string} sensor
   * @returns {string}
   */
  labelOf(sensor) {
    return this.#labels.get(sensor) ?? (sensor.length > ID_LONG ? `…${sensor.slice(-ID_END)}` : sensor);
  }

  /** @param {string} session */
  async #readLabels(session) {
    this.#labelsOf = session;
    /** @type {{id: string, label: string}[]} */
    const known = await get("/api/v1/sensors").catch(() => []);
    this.#labels = new Map(known.map(({ id, label }) => [id, label]));
    this.draw();
  }

  /** @param {Part} part */
  show(part) {
    this.part = part;
    this.open = null;
    this.draw();
    if (part === "ending") void this.#readPlans();
  }

  /** @param {string} key */
  toggle(key) {
    this.open = this.open === key ? null : key;
    this.draw();
    void this.#lookAround();
  }

  /** @param {Person} person */
  checkOf(person) {
    let draft = this.#checks.get(person.id);
    if (draft === undefined) this.#checks.set(person.id, (draft = newDraft()));
    return draft;
  }

  /** @param {Person} person */
  pressureOf(person) {
    let draft = this.#pressures.get(person.id);
    if (draft === undefined) this.#pressures.set(person.id, (draft = {}));
    return draft;
  }

  /**
   * @param {Person} person
   * @param {string} why
   */
  check(person, why) {
    const draft = this.checkOf(person);
    return this.#act(`check ${person.id}`, async () => {
        await this.client.post(`/participants/${person.id}/pre-check`, checkBody(draft, why));
        this.#checks.delete(person.id);
        this.open = null;
      },
      () => {
        draft.isRefused = true;
        // What was measured is kept by now; only the answers are asked again.
        draft.pressure = {};
        delete draft.massKg;
        delete draft.oxygen;
        void this.client.look();
      },
    );
  }

  /** @param {Person} person */
  come(person) {
    return this.#act(`come ${person.id}`, () => this.client.post("/participants", { id: person.id }));
  }

  /** @param {{id: string | null, alias: string}} who */
  join(who) {
    return this.#act(`join ${who.id} ${who.alias}`, async () => {
      const id = who.id ?? `guest-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`;
      await this.client.post("/participants", who.id === null ? { id, alias: who.alias } : { id });
      this.isLateOpen = false;
    });
  }

  /**
   * @param {Person} person
   * @param {string} kind
   * @param {string | null} sensor
   * @param {string | null} gateway
   */
  putOn(person, kind, sensor, gateway) {
    return this.#act(`put on ${person.id} ${kind}`, () => this.client.post(`/participants/${person.id}/sensors`, { kind, sensor, gateway }));
  }

  /**
   * @param {Person} person
   * @param {string} other
   * @param {string} kind
   * @param {number | null} since
   * @param {string} why
   */
  exchange(person, other, kind, since, why) {
    return this.#act(`exchange ${person.id} ${other}`, async () => {
      await this.client.post("/exchanges", { one: person.id, other, kind, since_utc_ms: since, why });
      if (this.flow !== null && this.corrections.wearing !== null) void this.corrections.read(this.flow.session);
    });
  }

  /**
   * @param {string | null} participant
   * @param {Record<string, unknown>} body
   */
  enter(participant, body) {
    return this.#act(`enter ${participant} ${JSON.stringify(body)}`, async () => {
      await this.client.enter(participant, body);
      if (participant !== null) this.#pressures.delete(participant);
      if (body["kind"] !== "symptom" && body["kind"] !== "note") this.open = null;
      this.shell.say(texts.done);
    });
  }

  /**
   * @param {import("../frames.js").Phase} phase
   * @param {string | null} participant
   * @param {string} why
   */
  begin(phase, participant, why) {
    this.wantedPhase = phase;
    return this.#act(`begin ${participant} ${phase}`, async () => {
        await this.client.post("/flow/phase", { phase, participant, why });
        this.refusals.delete(participant ?? "phase");
        this.wantedPhase = null;
      },
      () => this.refusals.add(participant ?? "phase"),
    );
  }

  /**
   * @param {Person} person
   * @param {string} why
   */
  leave(person, why) {
    return this.#act(`leave ${person.id}`, async () => {
        await this.client.post(`/participants/${person.id}/leave`, { why });
        this.refusals.delete(person.id);
      },
      () => this.refusals.add(person.id),
    );
  }

  /** @param {string} why */
  end(why) {
    return this.#act("end", async () => {
        await this.client.post("/end", { by: this.shell.by, why });
        this.refusals.clear();
        this.hasEnded = true;
        this.part = "rollCall";
        this.shell.say(texts.ended);
      },
      () => this.refusals.add("end"),
    );
  }

  /** @param {string} plan empty: none */
  async chooseNext(plan) {
    this.nextPlan = plan;
    this.next = null;
    this.refusals.delete("next");
    this.draw();
    if (plan === "") return;
    await this.#act(`next is ${plan}`, async () => {
      const next = await get(`/api/v1/sessions/${this.flow?.session}/next?plan=${encodeURIComponent(plan)}`);
      if (this.nextPlan === plan) this.next = next;
    });
  }

  /** @param {string} why */
  beginNext(why) {
    return this.#act("next", async () => {
        await this.client.post("/next", { plan: this.nextPlan, why });
        this.refusals.clear();
        Object.assign(this, { part: "rollCall", nextPlan: "", next: null });
      },
      () => this.refusals.add("next"),
    );
  }

  async #readPlans() {
    /** @type {{id: string, plan: {name: string}}[]} */
    const plans = await get("/api/v1/plans").catch(() => []);
    this.plans = plans.map(({ id, plan }) => ({ id, name: plan.name }));
    this.draw();
  }

  practise() {
    return this.#act("practise", () => post("/api/v1/sessions/practice", { players: 4 }));
  }

  async openLate() {
    this.isLateOpen = !this.isLateOpen;
    this.draw();
    // Who may not see the register adds somebody new.
    const people = await get("/api/v1/people").catch(() => []);
    const inClass = new Set(this.flow?.people.map(({ id }) => id));
    this.register = people.filter((/** @type {{id: string}} */ { id }) => !inClass.has(id));
    this.draw();
  }

  async #lookAround() {
    const isNeeded = this.part === "rollCall" && this.open !== null && !document.hidden;
    if (!isNeeded) return;
    this.nearby = await get("/api/v1/nearby").catch(() => this.nearby);
    this.draw();
  }

  /**
   * Does one thing after the other: a tap while another is under way is not lost, and the same tap twice is one.
   * @param {string} key what it is
   * @param {() => Promise<unknown>} deed
   * @param {() => void} [onWhy] called when somebody must say why
   * @returns {Promise<void>}
   */
  #act(key, deed, onWhy) {
    if (this.#wanted.has(key)) return this.#under;
    this.#wanted.add(key);
    this.#under = this.#under.then(() => this.#do(deed, onWhy)).finally(() => this.#wanted.delete(key));
    return this.#under;
  }

  /**
   * @param {() => Promise<unknown>} deed
   * @param {(() => void) | undefined} onWhy
   */
  async #do(deed, onWhy) {
    this.problem = "";
    try {
      await deed();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (onWhy !== undefined && error.status === NEEDS_WHY && error.message.startsWith("why:")) onWhy();
      else this.problem = error.message;
    }
    this.draw();
  }
}
