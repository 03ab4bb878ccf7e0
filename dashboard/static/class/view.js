/**
 * The class page as it looks: phases on top, then one of four parts. No state of its own.
 */

import { html } from "/static/vendor/lit-html.js";
import { phases } from "../texts.js";
import { dueList, dueRows } from "./due-list.js";
import { nextClass } from "./next-class.js";
import { nameOf, notePad, stopBox, whyForm } from "./pads.js";
import { preCheck } from "./pre-check.js";
import { recoveryList, sayOpen } from "./recovery-list.js";
import { clearanceBadge, lateForm, liveValue, rollCall, sensorPad } from "./roll-call.js";
import { dues, recoveries, texts } from "./texts.js";

/** @typedef {import("/static/vendor/lit-html.js").TemplateResult} View */
/** @typedef {import("./board.js").ClassBoard} ClassBoard */
/** @typedef {import("./board.js").Part} Part */
/** @typedef {import("./flow.js").Flow} Flow */
/** @typedef {import("./flow.js").Person} Person */
/** @typedef {import("../shell/shell.js").Now} Now */

/** @type {readonly Part[]} */
const PARTS = ["rollCall", "inClass", "recovery", "ending"];
const PHASES = /** @type {const} */ (["rest", "warm_up", "training", "cool_down", "recovery"]);

/**
 * @param {ClassBoard} board
 * @param {Now} now
 * @returns {View}
 */
export function view(board, now) {
  const { flow } = board;
  if (flow === null) return empty(board);
  const stopped = flow.people.filter(({ state, clearance, phase }) => state === "here" && clearance.state === "stopped" && phase !== "recovery");
  const unchecked = flow.people.filter(({ state, clearance, phase }) => state === "here" && clearance.state === "not_cleared" && isEffort(phase));
  return html`<h1 class="unseen">${texts.title} ${flow.name}</h1>
    ${flow.is_practice ? html`<p class="practice"><b>${texts.practiceNow}</b> ${texts.practiceHow}</p>` : ""}
    ${flow.is_record_read ? "" : html`<p class="practice">${texts.recordAway}</p>`}
    ${board.problem === "" ? "" : html`<p class="problem" role="alert">${board.problem}</p>`}
    ${unchecked.length === 0
      ? ""
      : html`<p class="problem unchecked" role="status">${texts.exercisesUncleared(unchecked.map(({ seat }) => seat).join(", "))}</p>`}
    ${stopped.map((person) =>
      stopBox({
        symptom: person.clearance.stop_sign ?? "",
        alias: person.alias,
        seat: person.seat,
        onRecovery: () => void board.begin("recovery", person.id, ""),
      }),
    )}
    ${phaseRow(board, flow)}
    <nav class="parts" aria-label=${texts.title}>
      ${PARTS.map(
        (part) => html`<button type="button" aria-pressed=${board.part === part} @click=${() => board.show(part)}>
          ${texts[part]} <small>${countOf(part, flow, now.utcMs)}</small>
        </button>`,
      )}
    </nav>
    ${partOf(board, flow, now)}`;
}

/** @param {ClassBoard} board */
function empty(board) {
  return html`<section class="empty card">
    <h1>${board.hasEnded ? texts.ended : texts.noClass}</h1>
    <p class="muted">${texts.noClassHow}</p>
    ${board.problem === "" ? "" : html`<p class="problem" role="alert">${board.problem}</p>`}
    <p class="taps"><a class="button" href="/desk">${texts.toDesk}</a>
      ${board.mayRun && board.shell.room.session === null
        ? html`<button type="button" @click=${() => void board.practise()}>${texts.practise}</button>`
        : ""}</p>
    ${board.mayRun && board.shell.room.session === null ? html`<p class="muted">${texts.practise}: ${texts.practiceHow}</p>` : ""}
  </section>`;
}

/**
 * @param {ClassBoard} board
 * @param {Flow} flow
 */
function phaseRow(board, flow) {
  const isRefused = board.refusals.has("phase");
  const wanted = board.wantedPhase;
  const waiting = flow.people.filter(({ state, clearance }) => state === "here" && !isCleared(clearance.state));
  return html`<div class="phases" role="group" aria-label=${texts.phaseOf}>
      ${PHASES.map(
        (phase) => html`<button type="button" aria-pressed=${flow.phase === phase} ?disabled=${!board.mayRun}
          @click=${() => void board.begin(phase, null, "")}>${phases[phase]}</button>`,
      )}
      ${waiting.length > 0 ? html`<span class="muted">${texts.notClearedCount(waiting.length)}</span>` : ""}
    </div>
    ${!isRefused || wanted === null
      ? ""
      : whyForm({ line: sayWaiting(wanted, waiting), label: texts.beginAnyway, onWhy: (why) => void board.begin(wanted, null, why) })}`;
}

/**
 * Who is not cleared for what is to begin.
 * @param {typeof PHASES[number]} phase
 * @param {readonly Person[]} people
 */
function sayWaiting(phase, people) {
  return `${phases[phase]}: ${texts.notClearedWho(people.map(({ seat }) => seat).join(", "))}`;
}

/**
 * Whether a phase is exercise; a plan begins it for whoever is not cleared, too.
 * @param {string} phase
 */
function isEffort(phase) {
  return phase === "warm_up" || phase === "training";
}

/** @param {string} state */
function isCleared(state) {
  return state === "cleared" || state === "let_be";
}

/**
 * @param {Part} part
 * @param {Flow} flow
 * @param {number} utcMs
 */
function countOf(part, flow, utcMs) {
  const here = flow.people.filter(({ state }) => state === "here");
  switch (part) {
    case "rollCall":
      return `${here.length}/${flow.people.filter(({ state }) => state !== "left").length}`;
    case "inClass":
      return String(dueRows(flow.people, utcMs).filter(({ item }) => item.due_utc_ms <= utcMs).length);
    case "recovery":
      return String(here.filter(({ recovery }) => recovery.is_needed).length);
    case "ending":
      return String(flow.open_points.length);
  }
}

/**
 * @param {ClassBoard} board
 * @param {Flow} flow
 * @param {Now} now
 */
function partOf(board, flow, now) {
  switch (board.part) {
    case "rollCall":
      return callPart(board, flow, now);
    case "inClass":
      return classPart(board, flow, now);
    case "recovery":
      return recoveryPart(board, flow, now);
    case "ending":
      return endPart(board, flow);
  }
}

/**
 * @param {ClassBoard} board
 * @param {Flow} flow
 * @param {Now} now
 */
function callPart(board, flow, now) {
  return html`<section class="card">
    <div class="head"><h2>${texts.rollCall}</h2>
      ${board.mayRun ? html`<button type="button" aria-expanded=${board.isLateOpen} @click=${() => void board.openLate()}>${texts.lateArrival}</button>` : ""}</div>
    ${board.isLateOpen ? lateForm({ register: board.register, onJoin: (who) => void board.join(who) }) : ""}
    ${rollCall({
      people: flow.people,
      tiles: board.shell.room.tiles,
      now,
      open: board.open,
      isAllowed: board.mayRun,
      labelOf: (sensor) => board.labelOf(sensor),
      onHere: (person) => void board.come(person),
      onOpen: (person) => board.toggle(person.id),
      inside: (person) => personPad(board, flow, person, now),
    })}
  </section>
  <details class="card wearing-card" @toggle=${(/** @type {Event} */ event) => {
    if (/** @type {HTMLDetailsElement} */ (event.currentTarget).open) void board.corrections.read(flow.session);
  }}>
    <summary>${texts.wearing}</summary>
    ${board.corrections.wearing?.session === flow.session || board.corrections.wearing === null
      ? board.corrections.view({ timeZone: now.timeZone, mayCorrect: board.mayRun })
      : ""}
  </details>`;
}

/**
 * @param {ClassBoard} board
 * @param {Flow} flow
 * @param {Person} person
 * @param {Now} now
 * @returns {View}
 */
function personPad(board, flow, person, now) {
  if (!board.mayRun || person.state === "left") return html``;
  const isRefused = board.refusals.has(person.id);
  return html`<div class="inside">
    ${preCheck({
      person,
      draft: board.checkOf(person),
      source: flow.has_default_limits ? texts.checkSource : texts.checkOfSite,
      timeZone: now.timeZone,
      onChange: () => board.draw(),
      onCheck: (why) => void board.check(person, why),
    })}
    ${sensorPad({
      person,
      people: flow.people,
      nearby: board.nearby,
      tapped: flow.tapped,
      startedUtcMs: flow.started_utc_ms,
      utcMs: now.utcMs,
      labelOf: (sensor) => board.labelOf(sensor),
      onSensor: (kind, sensor, gateway) => void board.putOn(person, kind, sensor, gateway),
      onExchange: (other, kind, since, why) => void board.exchange(person, other, kind, since, why),
    })}
    ${person.state !== "here"
      ? ""
      : !isRefused
        ? html`<div class="taps"><button type="button" @click=${() => void board.leave(person, "")}>${texts.goes}</button></div>`
        : whyForm({ line: sayOpen(person), label: texts.releaseAnyway, onWhy: (why) => void board.leave(person, why) })}
  </div>`;
}

/**
 * @param {ClassBoard} board
 * @param {Flow} flow
 * @param {Now} now
 */
function classPart(board, flow, now) {
  const here = flow.people.filter(({ state }) => state === "here");
  const [dueOwner] = (board.open ?? "").split(" ");
  const owner = here.find(({ id }) => id === dueOwner);
  return html`<div class="two">
    <section class="card"><h2>${texts.due}</h2>
      ${dueList({
        people: here,
        utcMs: now.utcMs,
        open: board.open,
        draft: owner === undefined ? {} : board.pressureOf(owner),
        onOpen: (key) => board.toggle(key),
        onChange: () => board.draw(),
        onEntry: (person, body) => void board.enter(person.id, body),
      })}
    </section>
    <section class="card"><h2>${texts.enter}</h2>
      <ul class="people">
        ${here.map((person) => {
          const key = `${person.id} note`;
          const isOpen = board.open === key;
          return html`<li class="person"><div class="person-row">
              <button type="button" class="who quiet" aria-expanded=${isOpen} @click=${() => board.toggle(key)}>${nameOf(person)}</button>
              ${liveValue(board.shell.room.tiles.get(person.id), now)}
              <span class="worn">${phases[person.phase]}</span> ${clearanceBadge(person)}
            </div>
            ${isOpen ? entryPart(board, flow, person) : ""}</li>`;
        })}
      </ul>
    </section>
  </div>`;
}

/**
 * @param {ClassBoard} board
 * @param {Flow} flow
 * @param {Person} person
 */
function entryPart(board, flow, person) {
  const isRefused = board.refusals.has(person.id);
  const wanted = board.wantedPhase;
  return html`<div class="inside">
    <div class="phases" role="group" aria-label="${texts.phaseOf} ${person.alias}">
      ${PHASES.map((phase) => html`<button type="button" aria-pressed=${person.phase === phase} @click=${() => void board.begin(phase, person.id, "")}>${phases[phase]}</button>`)}
    </div>
    ${!isRefused || wanted === null
      ? ""
      : whyForm({ line: sayWaiting(wanted, [person]), label: texts.beginAnyway, onWhy: (why) => void board.begin(wanted, person.id, why) })}
    ${notePad({ stopSigns: flow.stop_signs, onEntry: (body) => void board.enter(person.id, body) })}
  </div>`;
}

/**
 * @param {ClassBoard} board
 * @param {Flow} flow
 * @param {Now} now
 */
function recoveryPart(board, flow, now) {
  return html`<section class="card"><h2>${texts.recovery}</h2>
    ${recoveryList({
      people: flow.people,
      needs: flow.recovery_items,
      tiles: board.shell.room.tiles,
      now,
      utcMs: now.utcMs,
      drafts: (person) => board.pressureOf(person),
      refusals: board.refusals,
      onChange: () => board.draw(),
      onEntry: (person, body) => void board.enter(person.id, body),
      onLeave: (person, why) => void board.leave(person, why),
    })}
  </section>`;
}

/**
 * @param {ClassBoard} board
 * @param {Flow} flow
 */
function endPart(board, flow) {
  const isRefused = board.refusals.has("end");
  return html`<section class="card"><h2>${texts.ending}</h2>
    ${flow.open_points.length === 0 ? html`<p class="muted">${texts.endNothingOpen}</p>` : html`<h3>${texts.stillOpen}</h3>`}
    <ul class="open-points">
      ${flow.open_points.map(({ participant, seat, what, of }) => {
        const alias = flow.people.find(({ id }) => id === participant)?.alias ?? String(seat);
        const said = of.map((one) => (what === "overdue" ? dues[one] : recoveries[one]) ?? one).join(", ");
        return html`<li>${nameOf({ seat, alias })} ${what === "overdue" ? texts.endOverdue : texts.notReleased}${said === "" ? "" : `: ${said}`}</li>`;
      })}
    </ul>
    ${!board.mayRun
      ? ""
      : !isRefused
        ? html`<button type="button" class="danger" @click=${() => void board.end("")}>${texts.endClass}</button>`
        : whyForm({ line: texts.sayWhy, label: texts.endAnyway, onWhy: (why) => void board.end(why) })}
    ${!board.mayRun
      ? ""
      : nextClass({
          plans: board.plans,
          chosen: board.nextPlan,
          next: board.next,
          isRefused: board.refusals.has("next"),
          line: texts.sayWhy,
          labelOf: (sensor) => board.labelOf(sensor),
          onChoose: (plan) => void board.chooseNext(plan),
          onBegin: (why) => void board.beginNext(why),
        })}
  </section>`;
}
