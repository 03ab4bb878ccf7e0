/**
 * Messages to this phone: whether they can come here, switching them on and off, a test, and all ways to its owner.
 */

import { timeOfDay } from "../format.js";
import { put, writeLine } from "../line.js";
import { Refused, ask, get, post } from "../shell/ask.js";
import { texts } from "./texts.js";

const LOOK_EVERY_MS = 10_000;
const LABEL_CHARS = 40;

/**
 * @typedef {object} Way
 * @property {string} subscription
 * @property {string} channel
 * @property {string} label
 * @property {number} since_utc_ms
 * @property {number | null} sent_utc_ms
 * @property {string} problem
 * @property {"kept" | "sending"} state
 */

export class PushSwitch {
  #line;
  #on;
  #off;
  #test;
  #install;
  #ways;
  /** @type {(line: string) => void} */
  #say;
  /** @type {PushSubscription | null} */
  #own = null;
  /** @type {string} */
  #ownId = "";
  /** @type {Way[]} */
  #known = [];
  #timeZone = "UTC";
  /** @type {any} the browser's offer to install; not every browser makes one */
  #offer = null;

  /**
   * @param {Element} parent
   * @param {(line: string) => void} say
   */
  constructor(parent, say) {
    this.#say = say;
    this.#line = put(parent, "p", "push-line");
    const buttons = put(parent, "div", "push-buttons");
    this.#on = button(buttons, "primary", texts.switchOn, () => this.#switchOn());
    this.#test = button(buttons, "", texts.sendTest, () => this.#sendTest());
    this.#off = button(buttons, "", texts.switchOff, () => this.#switchOff());
    this.#install = button(buttons, "", texts.install, () => this.#doInstall());
    put(parent, "h3", "").textContent = texts.ways;
    this.#ways = put(parent, "ul", "ways");
    this.#on.hidden = this.#off.hidden = this.#install.hidden = true;
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.#offer = event;
      this.#install.hidden = false;
    });
    addEventListener("appinstalled", () => {
      this.#install.hidden = true;
    });
  }

  /** @param {string} timeZone of the site */
  set timeZone(timeZone) {
    this.#timeZone = timeZone;
  }

  /** Begins to look: registers the worker, finds this browser's subscription, asks for the ways. */
  start() {
    void this.#find();
    void this.#look();
    setInterval(() => void this.#look(), LOOK_EVERY_MS);
  }

  async #find() {
    if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
      this.#show();
      return;
    }
    try {
      const registration = await navigator.serviceWorker.register("/service-worker.js", { scope: "/", updateViaCache: "none" });
      this.#own = await registration.pushManager.getSubscription();
      this.#ownId = this.#own === null ? "" : await idOf(this.#own.endpoint);
    } catch (error) {
      this.#say(texts.notSwitchedOn(String(error)));
    }
    this.#show();
  }

  async #look() {
    if (document.hidden) return;
    try {
      this.#known = await get("/api/v1/push/subscriptions");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return; // the page says itself that it is cut off, or that the login has run out
    }
    this.#show();
  }

  async #switchOn() {
    try {
      // Asked by a touch, as browsers want it.
      if ((await Notification.requestPermission()) !== "granted") return;
      const { key } = await get("/api/v1/push/key");
      const registration = await navigator.serviceWorker.ready;
      this.#own = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      await this.#hand(this.#own);
    } catch (error) {
      const isKeyless = error instanceof Refused && error.status === 404;
      this.#say(isKeyless ? texts.noKey : texts.notSwitchedOn(error instanceof Error ? error.message : String(error)));
    }
    this.#show();
  }

  /** @param {PushSubscription} own */
  async #hand(own) {
    const { endpoint, keys } = own.toJSON();
    await post("/api/v1/push/subscriptions", { endpoint, keys, label: deviceLabel() });
    this.#ownId = await idOf(own.endpoint);
    await this.#look();
  }

  async #switchOff() {
    const own = this.#own;
    this.#own = null;
    await own?.unsubscribe();
    if (this.#ownId !== "") await this.#remove(this.#ownId);
    this.#ownId = "";
    this.#show();
  }

  /** @param {string} subscription */
  async #remove(subscription) {
    try {
      await ask("DELETE", `/api/v1/push/subscriptions/${subscription}`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status !== 404) this.#say(error.message);
    }
    await this.#look();
  }

  async #sendTest() {
    try {
      await post("/api/v1/push/test", {});
      this.#say(texts.testSent);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#say(error.message);
    }
  }

  async #doInstall() {
    await this.#offer?.prompt();
  }

  #show() {
    const canPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
    const isOn = this.#own !== null && this.#known.some(({ subscription }) => subscription === this.#ownId);
    const isDenied = canPush && Notification.permission === "denied";
    const line = isOn ? texts.pushesOn : !canPush ? (isApple() ? texts.addToHome : texts.noServiceWorker) : isDenied ? texts.denied : texts.pushesOff;
    writeLine(this.#line, line);
    this.#line.dataset["on"] = isOn ? "yes" : "no";
    this.#on.hidden = isOn || !canPush || isDenied;
    this.#off.hidden = !isOn;
    this.#test.hidden = this.#known.length === 0;
    // The open page is a way too; it ends by being closed.
    const removable = this.#known.filter(({ channel }) => channel !== "page");
    this.#ways.replaceChildren(...removable.map((way) => this.#row(way)));
    if (removable.length === 0) put(this.#ways, "li", "none").textContent = texts.noWays;
  }

  /** @param {Way} way */
  #row(way) {
    const row = document.createElement("li");
    const about = put(row, "span", "about");
    const isThis = way.subscription === this.#ownId;
    put(about, "b", "").textContent = [way.label === "" ? way.channel : way.label, isThis ? texts.thisDevice : ""].filter((word) => word !== "").join(", ");
    const sent = way.sent_utc_ms === null ? texts.neverSent : texts.lastSent(timeOfDay(way.sent_utc_ms, this.#timeZone, false));
    put(about, "small", "").textContent = way.state === "sending" ? texts.waiting : way.problem !== "" ? way.problem : sent;
    const remove = put(row, "button", "");
    remove.type = "button";
    remove.textContent = texts.remove;
    remove.setAttribute("aria-label", `${texts.remove}: ${way.label === "" ? way.channel : way.label}`);
    remove.addEventListener("click", () => void (isThis ? this.#switchOff() : this.#remove(way.subscription)));
    return row;
  }
}

/**
 * The id that the server gives this browser's address: dashboard/push/addresses.py.
 * @param {string} endpoint
 */
async function idOf(endpoint) {
  const hashed = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint)));
  return [...hashed.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function isApple() {
  return /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.userAgent.includes("Mac") && navigator.maxTouchPoints > 1);
}

/** What a device is called where nobody has named it: by what its browser says of it. */
function deviceLabel() {
  const names = ["iPhone", "iPad", "Android", "Windows", "Mac", "Linux"];
  return (names.find((name) => navigator.userAgent.includes(name)) ?? "").slice(0, LABEL_CHARS);
}

/**
 * @param {Element} parent
 * @param {string} look
 * @param {string} text
 * @param {() => Promise<void>} act
 */
function button(parent, look, text, act) {
  const made = put(parent, "button", look);
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", () => void act());
  return made;
}
