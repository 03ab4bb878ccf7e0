/**
 * The desk (/desk): people, prescriptions, sensors, class plans, staff on duty, a list to import. One tab each.
 */

import { html, nothing, render } from "/static/vendor/lit-html.js";
import { Refused } from "../shell/ask.js";
import { mountShell } from "../shell/shell.js";
import { Board } from "./board.js";
import { ClassesTab } from "./classes-tab.js";
import { ImportTab } from "./import-tab.js";
import { PeopleTab } from "./people-tab.js";
import { PrescriptionsTab } from "./prescriptions-tab.js";
import { SensorsTab } from "./sensors-tab.js";
import { StaffTab } from "./staff-tab.js";
import { language, tabs, texts } from "./texts.js";

const main = document.getElementById("page");
if (main === null) throw new Error("no #page");
document.documentElement.lang = language;

const shell = mountShell({ page: "desk", main });
const board = new Board(shell, draw);
const people = new PeopleTab(board, (person) => {
  prescriptions.choose(person);
  open("prescriptions");
});
const prescriptions = new PrescriptionsTab(board);

/** @type {Record<string, import("./board.js").Tab>} */
const parts = {
  people,
  prescriptions,
  sensors: new SensorsTab(board),
  classes: new ClassesTab(board),
  staff: new StaffTab(board),
  import: new ImportTab(board, () => open("people")),
};
const names = Object.keys(parts);
let current = "";
let isLoading = true;

function draw() {
  const tab = parts[current];
  render(
    html`
      <div class="tabs" role="tablist" aria-label=${texts.tabsTitle} @keydown=${walk}>
        ${names.map(
          (name) => html`<button
            type="button"
            role="tab"
            id="tab-${name}"
            aria-controls="part"
            aria-selected=${name === current}
            tabindex=${name === current ? 0 : -1}
            @click=${() => open(name)}
          >${tabs[name]}</button>`,
        )}
      </div>
      <section id="part" role="tabpanel" aria-labelledby="tab-${current}" aria-busy=${isLoading || board.isBusy}>
        ${board.problem === "" ? nothing : html`<p class="refusal" role="alert">${board.problem}</p>`}
        ${isLoading ? html`<p class="empty">${texts.loading}</p>` : tab?.view()}
      </section>
    `,
    /** @type {HTMLElement} */ (main),
  );
}

/** @param {KeyboardEvent} event */
function walk(event) {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const name = names[(names.indexOf(current) + step + names.length) % names.length] ?? "people";
  open(name);
  document.getElementById(`tab-${name}`)?.focus();
}

/** @param {string} name */
async function open(name) {
  parts[current]?.leave?.();
  current = name;
  isLoading = true;
  history.replaceState(null, "", `${location.pathname}${location.search}#${name}`);
  draw();
  document.getElementById(`tab-${name}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  let problem = "";
  try {
    await parts[name]?.load();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    problem = error.message;
  }
  if (current !== name) return;
  board.problem = problem;
  isLoading = false;
  draw();
}

shell.onMe(() => {
  if (current !== "") draw();
  else void open(names.find((name) => name === location.hash.slice(1)) ?? "people");
});
