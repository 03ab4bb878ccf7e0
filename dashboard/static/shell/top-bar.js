/**
 * The bar on top of every staff page: which page of which class, the way to the others, who is logged in, and the
 * emergency button in its corner.
 */

import { showBadge } from "../badge.js";
import { stopwatch, timeOfDay } from "../format.js";
import { mark, put, writeLine } from "../line.js";
import { language, phases } from "../texts.js";
import { post } from "./ask.js";
import { holdToDo } from "./hold.js";
import { loginPath } from "./me.js";
import { SwitchDialog } from "./switch-dialog.js";
import { pages, roles, texts } from "./texts.js";

/** @typedef {import("./me.js").Me} Me */

/** Which page takes which deed; one that somebody may not open is no link. */
const LINKS = /** @type {const} */ ([
  ["wall", "watch"],
  ["class", "run_class"],
  ["tablet", "see_class"],
  ["phone", "respond"],
  ["desk", "run_class"],
  ["review", "see_past"],
  ["health", "see_class"],
  ["admin", "see_class"],
]);

export class TopBar {
  #page;
  #name;
  #phase;
  #badge;
  #clock;
  #nav;
  #who;
  #menu;
  #runOut;
  #switch;
  #title = "";
  /** @type {Me | null} */
  #me = null;

  /** The emergency button; what it does when held is said by `onEmergency`. */
  emergency;
  /** @type {() => void} */
  onEmergency = () => {};

  /**
   * @param {HTMLElement} top
   * @param {string} page
   * @param {{onSwitched: () => void}} listener
   */
  constructor(top, page, { onSwitched }) {
    this.#page = page;
    this.#switch = new SwitchDialog(onSwitched);
    const row = put(top, "div", "shell-row");
    this.#menu = put(row, "button", "shell-menu");
    this.#menu.type = "button";
    this.#menu.setAttribute("aria-expanded", "false");
    this.#menu.setAttribute("aria-controls", "shell-pages");
    this.#menu.append(texts.menu);
    const about = put(row, "div", "shell-about");
    this.#name = put(about, "h1", "shell-class");
    this.#phase = put(about, "p", "shell-phase");
    this.#badge = put(row, "span", "shell-badge");
    this.#clock = put(row, "span", "shell-clock");
    this.emergency = put(row, "button", "shell-emergency");
    this.emergency.type = "button";
    put(this.emergency, "b", "").textContent = texts.emergency;
    put(this.emergency, "small", "").textContent = texts.emergencyHow;
    holdToDo(this.emergency, () => this.onEmergency());

    const drawer = put(top, "div", "shell-drawer");
    drawer.id = "shell-pages";
    this.#nav = put(drawer, "nav", "shell-nav");
    this.#nav.setAttribute("aria-label", texts.pagesTitle);
    this.#who = put(drawer, "div", "shell-who");
    this.#runOut = put(top, "div", "shell-run-out");
    this.#runOut.setAttribute("role", "status");
    this.#runOut.hidden = true;
    this.#menu.addEventListener("click", () => this.#open(top.dataset["menu"] !== "open"));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#open(false);
    });
    this.#link(["watch"]);
  }

  /**
   * Shows class, phase and clock.
   * @param {import("../room.js").Room} room
   * @param {import("./shell.js").Now} now
   */
  show({ session, mode, timeZone }, { utcMs, isFrozen }) {
    writeLine(this.#name, session?.name ?? texts.noClass);
    const phase = session === null ? "" : (phases[session.phase] ?? session.phase);
    const since = session === null || isFrozen ? "" : ` · ${stopwatch(utcMs - session.phase_since_utc_ms)}`;
    writeLine(this.#phase, phase === "" ? "" : `${phase}${since}`);
    const badge = showBadge(this.#badge, { session, mode });
    writeLine(this.#clock, timeOfDay(utcMs, timeZone, false));
    const title = [session?.is_practice === true ? badge : "", pages[this.#page] ?? this.#page, session?.name ?? "", session?.is_practice === true ? "" : badge].filter((piece) => piece !== "").join(" · ");
    if (title === this.#title) return;
    this.#title = title;
    document.title = title;
  }

  /**
   * Shows who is logged in.
   * @param {Me} me
   * @param {string} timeZone
   */
  meet(me, timeZone) {
    this.#me = me;
    this.#link(me.may);
    this.#showWho(me, timeZone);
    this.#runOut.hidden = !me.has_run_out;
    this.#runOut.replaceChildren();
    if (!me.has_run_out) return;
    put(this.#runOut, "p", "").textContent = texts.runOut(me.who);
    const button = put(this.#runOut, "button", "primary");
    button.type = "button";
    button.textContent = texts.logIn;
    button.addEventListener("click", () => this.logIn());
  }

  /** Leads to the login: PIN on a paired tablet, else the page with the password. */
  logIn() {
    if (this.#me?.tablet != null) this.#switch.open();
    else location.assign(loginPath());
  }

  /** @param {boolean} isOpen */
  #open(isOpen) {
    const top = this.#menu.closest("header");
    if (top !== null) mark(top, "menu", isOpen ? "open" : "");
    this.#menu.setAttribute("aria-expanded", String(isOpen));
  }

  /** @param {readonly string[]} may */
  #link(may) {
    this.#nav.replaceChildren();
    for (const [page, deed] of LINKS) {
      if (!may.includes(deed) && page !== this.#page) continue;
      const link = put(this.#nav, "a", "");
      link.href = `/${page}${location.search}`;
      link.textContent = pages[page] ?? page;
      if (page === this.#page) link.setAttribute("aria-current", "page");
    }
  }

  /**
   * @param {Me} me
   * @param {string} timeZone
   */
  #showWho(me, timeZone) {
    this.#who.replaceChildren();
    const other = put(this.#who, "a", "shell-language");
    other.href = `?lang=${language === "de" ? "en" : "de"}`;
    other.lang = language === "de" ? "en" : "de";
    other.textContent = texts.otherLanguage;
    const until = me.emergency_until_utc_ms;
    if (until !== null) put(this.#who, "span", "shell-access").textContent = texts.access(timeOfDay(until, timeZone, false));
    const role = me.role === null ? "" : (roles[me.role] ?? me.role);
    put(this.#who, "span", "shell-user").textContent = me.is_open ? texts.demo : `${me.who} (${role})`;
    if (me.tablet !== null) this.#button(texts.switchUser, () => this.#switch.open());
    if (me.via === "login") {
      this.#button(texts.logOut, async () => {
        await post("/api/v1/logout");
        location.replace(loginPath());
      });
    }
  }

  /**
   * @param {string} text
   * @param {() => void} onClick
   */
  #button(text, onClick) {
    const button = put(this.#who, "button", "quiet");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", onClick);
  }
}
