/**
 * Review: reads from the address which page is meant, and shows it. What is shown is the record, never the live class;
 * the frame around it stays live.
 */

import { must } from "../line.js";
import { mountShell } from "../shell/shell.js";
import { html, nothing, render } from "/static/vendor/lit-html.js";
import { showClass } from "./class-page.js";
import { showList } from "./list-page.js";
import { showPerson } from "./person-page.js";
import { showProgramme } from "./programme-page.js";
import { showReplay } from "./replay-page.js";
import { showSite } from "./site-page.js";
import { texts } from "./texts.js";
import { showWhatIf } from "./what-if-page.js";

/**
 * @typedef {object} Place
 * @property {HTMLElement} main
 * @property {import("../shell/shell.js").Shell} shell
 * @property {string[]} names what the address says behind /review, decoded
 */

const shell = mountShell({ page: "review", main: must("page") });
const names = location.pathname.split("/").filter((piece) => piece !== "").slice(1).map(decodeURIComponent);

const head = document.createElement("nav");
head.className = "review-head";
const main = document.createElement("div");
main.className = "review";
must("page").append(head, main);
main.setAttribute("aria-live", "off");

showHead();
shell.onMe(showHead);

/** @type {Place} */
const place = { main, shell, names };
void open().catch((/** @type {unknown} */ error) => {
  main.dataset["state"] = "refused";
  render(html`<p class="empty" role="alert">${texts.refused}: ${error instanceof Error ? error.message : String(error)}</p>`, main);
});

/** Shows the page that the address names. */
async function open() {
  render(html`<p class="empty">${texts.loading}</p>`, main);
  const [first, second] = names;
  if (first === undefined) return showList(place);
  if (first === "what-if") return showWhatIf(place);
  if (first === "site") return showSite(place);
  if (first === "people") return showProgramme(place);
  if (second === undefined) return showClass(place);
  if (second === "replay") return showReplay(place);
  return showPerson(place);
}

/** Shows the ways inside review; each only for whom it is. */
function showHead() {
  const links = [
    { path: "/review", name: texts.classes, may: true },
    { path: "/review/what-if", name: texts.whatIf, may: shell.may("see_past") },
    { path: "/review/site", name: texts.site, may: shell.may("see_past") },
  ];
  render(
    html`${links.map(({ path, name, may }) =>
      may
        ? html`<a class="button" href=${path} aria-current=${location.pathname === path ? "page" : nothing}>${name}</a>`
        : nothing,
    )}`,
    head,
  );
}
