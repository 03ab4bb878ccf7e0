/**
 * Health: does everything work, in one sentence; what must be tried before class; then every part, radio and number.
 */

import { html, nothing, render } from "/static/vendor/lit-html.js";
import { duration, timeOfDay } from "../format.js";
import { must } from "../line.js";
import { Refused, get, post } from "../shell/ask.js";
import { mountShell } from "../shell/shell.js";
import { partNames } from "../texts.js";
import { findings, meanings, states, texts, verdicts } from "./texts.js";

/** @typedef {{what: string, of: string, text: string}} Found */
/** @typedef {{name: string, sound: "on" | "off" | "unheard", tested_utc_ms: number | null, is_ready: boolean}} WallCheck */

/**
 * @typedef {object} PhoneCheck
 * @property {string} staff
 * @property {string | null} role
 * @property {boolean} is_on_duty
 * @property {number} ways
 * @property {"" | "open" | "silent"} page
 * @property {number | null} sent_utc_ms
 * @property {number | null} tested_utc_ms
 * @property {string} problem
 * @property {boolean} is_reachable
 * @property {boolean} is_ready
 */

/**
 * @typedef {object} PartHealth
 * @property {string} part
 * @property {string} instance
 * @property {"up" | "lost" | "stopped" | "missing"} state
 * @property {number} since_utc_ms
 * @property {number | null} heard_ago_ms
 * @property {number} restarts
 * @property {number} waiting_ms
 * @property {string} text
 * @property {string[]} problems
 */

/**
 * @typedef {object} Radio
 * @property {string} stack
 * @property {boolean} is_up
 * @property {number} slots_used
 * @property {number | null} slots_max
 * @property {number} waiting
 * @property {number} errors
 * @property {string} why_down
 */

/**
 * @typedef {object} GatewayHealth
 * @property {string} gateway
 * @property {"up" | "lost" | "stopped"} state
 * @property {Radio[]} radios
 * @property {number} sensors
 * @property {number} streaming
 * @property {number} waits_for_slot
 * @property {boolean | null} is_clock_right
 */

/**
 * The server's answer: WholeHealthBody of dashboard/api/health.py.
 * @typedef {object} Health
 * @property {number} utc_ms
 * @property {string} time_zone
 * @property {"well" | "trouble" | "not_watching"} verdict
 * @property {Found[]} found
 * @property {PartHealth[]} parts
 * @property {GatewayHealth[]} gateways
 * @property {{window_s: number, gaps: number, sensors_with_gaps: number, latency_p50_ms: number | null, latency_p99_ms: number | null, commit_ago_ms: number | null}} data
 * @property {{free_bytes: number | null, total_bytes: number | null, backup_ago_ms: number | null}} disk
 * @property {{proven_ago_ms: number | null, analysis_heard_ago_ms: number | null, is_lost: boolean}} alarm_path
 * @property {{walls: WallCheck[], phones: PhoneCheck[], is_anybody_reachable: boolean, is_ready: boolean}} preflight
 */

const LOOK_EVERY_MS = 2_000;
const OLD_MS = 6_000;
const BYTES_A_GB = 1e9;

const page = must("page");
const shell = mountShell({ page: "health", main: page });
/** @type {Health | null} */
let known = null;
let heardAt = Number.NEGATIVE_INFINITY;
const startedAt = performance.now();

setInterval(() => void look(), LOOK_EVERY_MS);
setInterval(paint, 500);
void look();

async function look() {
  if (document.hidden || shell.hasRunOut) return;
  try {
    known = await get("/api/v1/health");
    heardAt = performance.now();
  } catch (error) {
    if (!(error instanceof Refused)) throw error; // what is old says so by its age
  }
  paint();
}

/** @param {string} staff */
async function sendTest(staff) {
  try {
    await post("/api/v1/push/test", { staff });
    shell.say(texts.testSent(staff));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    shell.say(error.message);
  }
}

function paint() {
  const at = performance.now();
  const isCut = at - (known === null ? startedAt : heardAt) > OLD_MS;
  document.body.classList.toggle("cut-off", isCut);
  if (known === null || isCut) {
    render([verdict(isCut ? "cutOff" : "unknown", []), known === null ? nothing : whole(known)], page);
    return;
  }
  render([verdict(known.verdict, known.found), whole(known)], page);
}

/**
 * @param {"well" | "trouble" | "not_watching" | "unknown" | "cutOff"} word
 * @param {Found[]} found
 */
function verdict(word, found) {
  const lines = found.map(({ what, of, text }) => html`<li>${findings[what]?.(of, text) ?? text}</li>`);
  const how = word === "trouble" && lines.length === 0 ? "" : (meanings[word] ?? "");
  return html`<section class="verdict" data-verdict=${word} aria-live="polite">
    <h1>${verdicts[word]}</h1>
    ${how === "" ? nothing : html`<p>${how}</p>`}
    ${lines.length === 0 ? nothing : html`<ul>${lines}</ul>`}
  </section>`;
}

/** @param {Health} health */
function whole(health) {
  return html`<div class="all">
    ${beforeClass(health)} ${numbers(health)} ${gateways(health)} ${parts(health)}
    <p class="as-of">${texts.asOf(timeOfDay(health.utc_ms, health.time_zone, true))}</p>
  </div>`;
}

/** @param {Health} health */
function beforeClass({ preflight, time_zone: zone }) {
  return html`<section class="before">
    <h2>${texts.beforeClass}</h2>
    <p class="ready" data-ready=${preflight.is_ready ? "yes" : "no"}>${preflight.is_ready ? `✓ ${texts.ready}` : texts.notReady}</p>
    <h3>${texts.walls}</h3>
    ${preflight.walls.length === 0 ? html`<p class="todo">${texts.noWalls}</p>` : html`<p class="how">${texts.wallHow}</p>`}
    <ul class="checks">${preflight.walls.map((wall) => check(wall.is_ready, wall.name, wallWords(wall, zone), nothing))}</ul>
    <h3>${texts.phones}</h3>
    ${preflight.phones.length === 0 ? html`<p class="todo">${texts.noPhones}</p>` : nothing}
    <ul class="checks">${preflight.phones.map((phone) => check(phone.is_ready, phone.staff, phoneWords(phone, zone), testButton(phone)))}</ul>
  </section>`;
}

/**
 * @param {boolean} isReady
 * @param {string} name
 * @param {string} about
 * @param {unknown} button
 */
function check(isReady, name, about, button) {
  return html`<li class="check" data-ready=${isReady ? "yes" : "no"}>
    <span class="tick" aria-hidden="true">${isReady ? "✓" : "○"}</span>
    <span class="what"><b>${name}</b><small>${about}</small></span>
    ${button}
  </li>`;
}

/** @param {PhoneCheck} phone */
function testButton({ staff, is_reachable: isReachable }) {
  if (!isReachable || !shell.may("respond")) return nothing;
  return html`<button type="button" aria-label=${texts.sendTestTo(staff)} @click=${() => void sendTest(staff)}>${texts.sendTest}</button>`;
}

/**
 * @param {WallCheck} wall
 * @param {string} zone
 */
function wallWords({ sound, tested_utc_ms: testedUtcMs }, zone) {
  if (sound === "off") return texts.soundIsOff;
  if (sound === "unheard") return texts.soundUnheard;
  return testedUtcMs === null ? texts.notTested : texts.heardAt(timeOfDay(testedUtcMs, zone, false));
}

/**
 * @param {PhoneCheck} phone
 * @param {string} zone
 */
function phoneWords(phone, zone) {
  const { is_on_duty: isOnDuty, page: open, problem, sent_utc_ms: sentUtcMs, tested_utc_ms: testedUtcMs, ways } = phone;
  const words = [isOnDuty ? texts.onDuty : "", ways > 0 ? texts.ways(ways) : open === "" ? texts.noWay : ""];
  words.push(open === "open" ? texts.pageOpen : open === "silent" ? texts.pageSilent : "", problem);
  if (sentUtcMs !== null) words.push(texts.lastSent(timeOfDay(sentUtcMs, zone, false)));
  words.push(testedUtcMs === null ? texts.notAnswered : texts.answeredAt(timeOfDay(testedUtcMs, zone, false)));
  return words.filter((word) => word !== "").join(" · ");
}

/** @param {Health} health */
function numbers({ alarm_path: path, data, disk }) {
  const minutes = Math.round(data.window_s / 60);
  const late = data.latency_p99_ms === null ? texts.never : texts.quantiles(String(data.latency_p50_ms ?? "--"), String(data.latency_p99_ms));
  const free = disk.free_bytes === null || disk.total_bytes === null ? texts.none : texts.free(gigabytes(disk.free_bytes), gigabytes(disk.total_bytes));
  /** @type {[string, string][]} */
  const rows = [
    [texts.path, agoOf(path.proven_ago_ms)],
    [texts.heardAnalysis, agoOf(path.analysis_heard_ago_ms)],
    [texts.latency, late],
    [texts.gaps, texts.gapsIn(data.gaps, data.sensors_with_gaps, minutes)],
    [texts.stored, agoOf(data.commit_ago_ms)],
    [texts.disk, free],
    [texts.backup, disk.backup_ago_ms === null ? texts.none : agoOf(disk.backup_ago_ms)],
  ];
  return html`<section class="numbers">
    <h2>${texts.data}</h2>
    <dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
  </section>`;
}

/** @param {Health} health */
function gateways({ gateways: all }) {
  return html`<section class="gateways">
    <h2>${texts.gateways}</h2>
    ${all.length === 0 ? html`<p class="todo">${texts.noGateways}</p>` : nothing}
    <ul class="checks">${all.map(gateway)}</ul>
  </section>`;
}

/** @param {GatewayHealth} gateway */
function gateway({ gateway: name, state, radios, sensors, streaming, waits_for_slot: waits, is_clock_right: isRight }) {
  const clock = isRight === null ? texts.clockUnknown : isRight ? texts.clockRight : texts.clockWrong;
  const words = state === "up" ? [texts.sensors(streaming, sensors), waits > 0 ? texts.waitForSlot(waits) : "", clock] : [states[state] ?? state];
  for (const radio of radios) {
    const how = radio.is_up ? texts.slots(radio.slots_used, radio.slots_max) : `${texts.down} ${radio.why_down}`;
    words.push(`${texts.radio(radio.stack)}: ${how}`);
  }
  const isWell = state === "up" && waits === 0 && isRight !== false && radios.every(({ is_up: isUp }) => isUp);
  return check(isWell, name, words.filter((word) => word !== "").join(" · "), nothing);
}

/** @param {Health} health */
function parts({ parts: all, time_zone: zone }) {
  return html`<section class="parts" tabindex="0" aria-label=${texts.parts}>
    <h2>${texts.parts}</h2>
    <table>
      <thead><tr><th>${texts.part}</th><th>${texts.state}</th><th>${texts.since}</th><th>${texts.restarts}</th><th>${texts.waiting}</th></tr></thead>
      <tbody>${all.map((part) => partRow(part, zone))}</tbody>
    </table>
  </section>`;
}

/**
 * @param {PartHealth} part
 * @param {string} zone
 */
function partRow({ part, instance, state, since_utc_ms: sinceUtcMs, restarts, waiting_ms: waitingMs, problems }, zone) {
  const name = partNames[part] ?? part;
  const isWell = state === "up" && problems.length === 0;
  return html`<tr data-well=${isWell ? "yes" : "no"}>
    <th scope="row">${name === instance || part === "broker" ? name : `${name} ${instance}`}${problems.map((problem) => html`<small>${problem}</small>`)}</th>
    <td>${states[state]}</td>
    <td>${timeOfDay(sinceUtcMs, zone, true)}</td>
    <td>${restarts}</td>
    <td>${duration(waitingMs)}</td>
  </tr>`;
}

/** @param {number | null} ms */
function agoOf(ms) {
  return ms === null ? texts.never : texts.ago(duration(ms));
}

/** @param {number} bytes */
function gigabytes(bytes) {
  return (bytes / BYTES_A_GB).toFixed(bytes < 10 * BYTES_A_GB ? 1 : 0);
}
