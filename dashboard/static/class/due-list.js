/**
 * What is due of whom, with one-tap values. Due is never an alarm: no colour of one, no sound, no movement.
 */

import { html } from "/static/vendor/lit-html.js";
import { duration } from "../format.js";
import { entryPad, nameOf } from "./pads.js";
import { dues, texts } from "./texts.js";

/** @typedef {import("/static/vendor/lit-html.js").TemplateResult} View */
/** @typedef {import("./flow.js").Person} Person */
/** @typedef {import("./flow.js").DueItem} DueItem */
/** @typedef {{person: Person, item: DueItem, key: string}} DueRow */

/** Who has something due later than this is not listed. */
const AHEAD_MS = 120_000;

/**
 * All that is due or soon will be, the first first.
 * @param {readonly Person[]} people
 * @param {number} utcMs
 * @returns {DueRow[]}
 */
export function dueRows(people, utcMs) {
  return people
    .flatMap((person) => person.due.map((item) => ({ person, item, key: `${person.id} ${item.kind}` })))
    .filter(({ item }) => item.due_utc_ms - utcMs < AHEAD_MS)
    .sort((one, other) => one.item.due_utc_ms - other.item.due_utc_ms || one.person.seat - other.person.seat);
}

/**
 * The list; the open row has its pad.
 * @param {{people: readonly Person[], utcMs: number, open: string | null, draft: {systolic?: number | undefined, diastolic?: number | undefined},
 *   onOpen: (key: string) => void, onChange: () => void, onEntry: (person: Person, body: Record<string, unknown>) => void}} list
 * @returns {View}
 */
export function dueList({ people, utcMs, open, draft, onOpen, onChange, onEntry }) {
  const rows = dueRows(people, utcMs);
  if (rows.length === 0) return html`<p class="muted">${texts.dueNothing}</p>`;
  return html`<ul class="dues">
    ${rows.map(({ person, item, key }) => {
      const label = dues[item.kind] ?? item.kind;
      const isOpen = key === open;
      return html`<li class="due" data-due=${item.state}>
        <button type="button" class="due-row quiet" aria-expanded=${isOpen} @click=${() => onOpen(key)}>
          <span class="who-name">${nameOf(person)}</span> <span>${label}</span> <span class="when">${whenDue(item, utcMs)}</span>
        </button>
        ${isOpen ? entryPad({ kind: item.kind, label, draft, onChange, onEntry: (body) => onEntry(person, body) }) : ""}
      </li>`;
    })}
  </ul>`;
}

/**
 * @param {DueItem} item
 * @param {number} utcMs
 * @returns {string}
 */
export function whenDue(item, utcMs) {
  const lateMs = utcMs - item.due_utc_ms;
  if (item.state === "overdue") return texts.overdue(duration(lateMs));
  return lateMs >= 0 ? texts.dueNow : texts.dueIn(duration(-lateMs));
}
