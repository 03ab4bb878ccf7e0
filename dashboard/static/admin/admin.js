/**
 * Users (/admin): the own login with PIN and emergency access, walls and tablets, users, forgetting a person, the audit log. What somebody may
 * not do is not shown; the server refuses it anyway.
 */

import { html, nothing, render } from "/static/vendor/lit-html.js";
import { Refused } from "../shell/ask.js";
import { mountShell } from "../shell/shell.js";
import { AuditTab } from "./audit-tab.js";
import { DevicesTab } from "./devices-tab.js";
import { EraseTab } from "./erase-tab.js";
import { OwnTab } from "./own-tab.js";
import { language, tabs, texts } from "./texts.js";
import { UsersTab } from "./users-tab.js";

const main = document.getElementById("page");
if (main === null) throw new Error("no #page");
document.documentElement.lang = language;

const shell = mountShell({ page: "admin", main });

/**
 * What the tabs work with.
 * @typedef {object} Office
 * @property {import("../shell/shell.js").Shell} shell
 * @property {() => void} draw
 * @property {(deed: () => Promise<void>, said?: string) => Promise<boolean>} act
 */

let problem = "";
let isBusy = false;
let current = "";
let isLoading = true;

/** @type {Office} */
const office = { shell, draw, act };
const parts = { own: new OwnTab(office), devices: new DevicesTab(office), users: new UsersTab(office), erase: new EraseTab(office), audit: new AuditTab(office) };
/** @typedef {keyof typeof parts} PartName */

/** @returns {PartName[]} what whoever is here may open */
function names() {
  /** @type {PartName[]} */
  const found = ["own"];
  if (shell.may("pair")) found.push("devices");
  if (shell.may("administer")) found.push("users", "erase", "audit");
  return found;
}

/** @returns {PartName} */
function chosen() {
  return names().find((name) => name === current) ?? "own";
}

function draw() {
  render(
    html`
      <div class="tabs" role="tablist" aria-label=${texts.tabsTitle} @keydown=${walk}>
        ${names().map(
          (name) => html`<button
            type="button"
            role="tab"
            id="tab-${name}"
            aria-controls="part"
            aria-selected=${name === chosen()}
            tabindex=${name === chosen() ? 0 : -1}
            @click=${() => open(name)}
          >${tabs[name]}</button>`,
        )}
      </div>
      <section id="part" role="tabpanel" aria-labelledby="tab-${chosen()}" aria-busy=${isLoading || isBusy}>
        ${problem === "" ? nothing : html`<p class="refusal" role="alert">${problem}</p>`}
        ${isLoading ? html`<p class="empty">${texts.loading}</p>` : parts[chosen()].view()}
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
  const all = names();
  const name = all[(all.indexOf(chosen()) + step + all.length) % all.length] ?? "own";
  void open(name);
  document.getElementById(`tab-${name}`)?.focus();
}

/** @param {string} name */
async function open(name) {
  current = name;
  isLoading = true;
  problem = "";
  const part = chosen();
  history.replaceState(null, "", `${location.pathname}${location.search}#${part}`);
  draw();
  document.getElementById(`tab-${part}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  try {
    await parts[part].load();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    problem = error.message;
  }
  if (current !== name) return;
  isLoading = false;
  draw();
}

/**
 * Does something with the server; what is refused is shown until the next attempt. Returns whether it was done.
 * @param {() => Promise<void>} deed
 * @param {string} [said] told when it was done
 */
async function act(deed, said = "") {
  if (isBusy) return false;
  isBusy = true;
  problem = "";
  draw();
  try {
    await deed();
    if (said !== "") shell.say(said);
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    problem = error.message;
    return false;
  } finally {
    isBusy = false;
    draw();
  }
}

shell.onMe(() => {
  if (current !== "") draw();
  else void open(names().find((name) => name === location.hash.slice(1)) ?? "own");
});
