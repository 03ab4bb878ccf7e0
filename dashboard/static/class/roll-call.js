/**
 * Roll-call: who is here, with which sensor, whether its value is live; late arrivals; a sensor changed or put right.
 */

import { html } from "/static/vendor/lit-html.js";
import { texts as words } from "../texts.js";
import { besideVital, lookOfVital } from "../vital.js";
import { nameOf } from "./pads.js";
import { clearances, texts } from "./texts.js";

/** @typedef {import("/static/vendor/lit-html.js").TemplateResult} View */
/** @typedef {import("./flow.js").Person} Person */
/** @typedef {{gateway: string, sensor: string, kind: string, rssi_dbm: number, participant: string | null, leased_to: string | null, contact: boolean | null}} Nearby */

/**
 * The list: one row a person; what is inside a row is the page's.
 * @param {{people: readonly Person[], tiles: ReadonlyMap<string, import("../frames.js").TileView>, now: import("../tile-look.js").Now,
 *   open: string | null, isAllowed: boolean, labelOf: (sensor: string) => string, onHere: (person: Person) => void, onOpen: (person: Person) => void, inside: (person: Person) => View}} list
 * @returns {View}
 */
export function rollCall({ people, tiles, now, open, isAllowed, labelOf, onHere, onOpen, inside }) {
  return html`<ul class="people call">
    ${people.map((person) => {
      const worn = (person.sensors.find(({ kind }) => kind === "strap") ?? person.sensors[0])?.sensor;
      const tapped = person.sensors.some(({ is_tapped }) => is_tapped);
      const isOpen = open === person.id;
      return html`<li class="person" data-state=${person.state} data-tapped=${tapped ? "yes" : "no"}>
        <div class="person-row">
          <button type="button" class="who quiet" aria-expanded=${isOpen} @click=${() => onOpen(person)}>
            ${nameOf(person)}
          </button>
          ${liveValue(tiles.get(person.id), now)}
          <span class="worn">${tapped ? texts.tapped : worn === undefined ? texts.noSensor : labelOf(worn)}</span>
          ${person.state === "here"
            ? clearanceBadge(person)
            : html`<span class="badge" data-clearance="none">${person.state === "left" ? texts.left : texts.expected}</span>`}
          ${person.state === "here" || !isAllowed
            ? ""
            : html`<button type="button" class="primary here" @click=${() => onHere(person)}>${texts.here}</button>`}
        </div>
        ${isOpen ? inside(person) : ""}
      </li>`;
    })}
  </ul>`;
}

/**
 * Whether somebody may exercise: a word and a sign, never a colour alone.
 * @param {Person} person
 * @returns {View}
 */
export function clearanceBadge({ clearance }) {
  const sign = { cleared: "✓", let_be: "✓", stopped: "■", not_cleared: "○" }[clearance.state];
  return html`<span class="badge" data-clearance=${clearance.state} title=${clearance.why}>${sign} ${clearances[clearance.state]}</span>`;
}

/**
 * Heart rate and saturation as they are now, grey or gone when they are old.
 * @param {import("../frames.js").TileView | undefined} tile
 * @param {import("../tile-look.js").Now} now
 * @returns {View}
 */
export function liveValue(tile, now) {
  const hr = lookOfVital(now.isFrozen ? null : tile?.hr, now.hrSilence, "strap", now.serverMs);
  const spo2 = lookOfVital(now.isFrozen ? null : tile?.spo2, now.spo2Silence, "oximeter", now.serverMs);
  const isNumber = hr.state !== "none";
  return html`<span class="value" data-state=${hr.state} title=${hr.why}>${isNumber ? hr.text : "--"} <small>${besideVital(hr, words.bpm)}</small></span>
    <span class="value spo2" data-state=${spo2.state} title=${spo2.why}>${spo2.state === "none" ? "" : spo2.text} <small>${besideVital(spo2, words.percent)}</small></span>`;
}

/**
 * The sensors of one person: a spare one in range by one tap, taken off, or mixed up with somebody else's.
 * @param {{person: Person, people: readonly Person[], nearby: readonly Nearby[], tapped: readonly string[], startedUtcMs: number, utcMs: number, labelOf: (sensor: string) => string,
 *   onSensor: (kind: string, sensor: string | null, gateway: string | null) => void,
 *   onExchange: (other: string, kind: string, sinceUtcMs: number | null, why: string) => void}} pad
 * @returns {View}
 */
export function sensorPad({ person, people, nearby, tapped, startedUtcMs, utcMs, labelOf, onSensor, onExchange }) {
  const free = inRange(nearby, tapped);
  const others = people.filter(({ id, state }) => id !== person.id && state !== "left");
  return html`<section class="pad" aria-label=${texts.changeSensor}>
    <h3>${texts.changeSensor}</h3>
    <p class="muted">${texts.tapHow}</p>
    <div class="taps">
      ${free.length === 0 ? html`<p class="muted">${texts.noSpare}</p>` : ""}
      ${free.slice(0, 12).map(
        (one) => html`<button type="button" @click=${() => onSensor(one.kind, one.sensor, one.gateway)}>
          ${one.kind === "strap" ? texts.strap : texts.oximeter} ${labelOf(one.sensor)}
          <small>${tapped.includes(one.sensor) ? texts.tapped : texts.strength(one.rssi_dbm)}</small>
        </button>`,
      )}
      ${person.sensors.filter(({ kind }) => kind === "strap" || kind === "oximeter").map(
        (one) => html`<button type="button" class="quiet" @click=${() => onSensor(one.kind, null, null)}>
          ${one.kind === "strap" ? texts.strap : texts.oximeter}: ${texts.takeOff}
        </button>`,
      )}
    </div>
    <form class="line" @submit=${(/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
      const minutes = String(data.get("since"));
      const since = minutes === "now" ? null : minutes === "start" ? startedUtcMs : Math.max(startedUtcMs, Math.round(utcMs - Number(minutes) * 60_000));
      onExchange(String(data.get("other")), String(data.get("kind")), since, String(data.get("why")).trim());
    }}>
      <label>${texts.sensor}<select name="kind"><option value="strap">${texts.strap}</option><option value="oximeter">${texts.oximeter}</option></select></label>
      <label>${texts.mixedUp}<select name="other">${others.map(({ id, seat, alias }) => html`<option value=${id}>${alias === String(seat) ? seat : `${seat} ${alias}`}</option>`)}</select></label>
      <label>${texts.mixedSince}<select name="since">
        <option value="now">${texts.sinceNow}</option>
        ${[2, 5, 10, 20].map((minutes) => html`<option value=${minutes}>${texts.sinceMinutes(minutes)}</option>`)}
        <option value="start">${texts.sinceStart}</option>
      </select></label>
      <label class="grow">${texts.why}<input name="why" required minlength="3" maxlength="400" autocomplete="off" /></label>
      <button>${texts.putRight}</button>
    </form>
  </section>`;
}

/**
 * Sensors that nobody wears, the one just touched first, then the nearest; each once.
 * @param {readonly Nearby[]} nearby strongest first
 * @param {readonly string[]} tapped
 * @returns {Nearby[]}
 */
export function inRange(nearby, tapped) {
  /** @type {Map<string, Nearby>} */
  const found = new Map();
  for (const one of nearby) {
    const isFree = one.participant === null && one.leased_to === null && (one.kind === "strap" || one.kind === "oximeter");
    if (isFree && !found.has(one.sensor)) found.set(one.sensor, one);
  }
  return [...found.values()].sort((one, other) => Number(tapped.includes(other.sensor)) - Number(tapped.includes(one.sensor)));
}

/**
 * Somebody comes late: of the register, or new here.
 * @param {{register: readonly {id: string, alias: string}[], onJoin: (who: {id: string | null, alias: string}) => void}} form
 * @returns {View}
 */
export function lateForm({ register, onJoin }) {
  return html`<form class="line pad" @submit=${(/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const data = new FormData(form);
    const id = String(data.get("id") ?? "");
    onJoin({ id: id === "" ? null : id, alias: String(data.get("alias") ?? "").trim() });
    form.reset();
  }}>
    <label>${texts.lateWho}<select name="id"><option value="">${texts.lateNew}</option>
      ${register.map(({ id, alias }) => html`<option value=${id}>${alias}</option>`)}</select></label>
    <label class="grow">${texts.lateAlias}<input name="alias" maxlength="32" autocomplete="off" /></label>
    <button class="primary">${texts.lateAdd}</button>
  </form>`;
}
