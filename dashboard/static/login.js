/**
 * Logging in (/login), the first administrator (/first#SECRET), whoever was invited (/invited#SECRET), and pairing a
 * display (/display shows a code, /display?pair takes one). The same page for all; what is typed is sent to this server alone and kept nowhere.
 */

import { language, words } from "./login-texts.js";

document.documentElement.lang = language;

const POLL_MS = 2_000;
const LIMITED = 429;

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function find(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`no #${id}`);
  return element;
}

const title = find("title", HTMLElement);
const problem = find("problem", HTMLElement);

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<{status: number, said: any}>}
 */
async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: answer.status, said: await answer.json() };
  } catch {
    return { status: 0, said: {} };
  }
}

/** Where to go after a login: a page of this server, never elsewhere. */
function next() {
  const asked = new URL(new URLSearchParams(location.search).get("next") ?? "/wall", location.origin);
  return asked.origin === location.origin ? asked.pathname + asked.search : "/wall";
}

/**
 * @param {string} text
 */
function name(text) {
  title.textContent = text;
  document.title = text;
}

/**
 * @param {number} status
 * @param {any} said
 * @returns {string}
 */
function explain(status, said) {
  if (status === 0) return words.noAnswer;
  if (status === LIMITED) return words.tooMany;
  return `${words.refused} ${said.detail ?? status}`;
}

async function beginLogin() {
  const form = find("login", HTMLFormElement);
  const user = find("user", HTMLInputElement);
  const secret = find("secret", HTMLInputElement);
  const other = find("other", HTMLButtonElement);
  const submit = find("submit", HTMLButtonElement);
  let byPin = false;
  name(words.titleLogin);
  find("user-label", HTMLElement).textContent = words.user;
  submit.textContent = words.logIn;

  const show = () => {
    find("secret-label", HTMLElement).textContent = byPin ? words.pin : words.password;
    secret.inputMode = byPin ? "numeric" : "text";
    secret.pattern = byPin ? "[0-9]{4,6}" : ".*";
    secret.autocomplete = byPin ? "off" : "current-password";
    other.textContent = byPin ? words.usePassword : words.usePin;
  };
  other.addEventListener("click", () => {
    byPin = !byPin;
    secret.value = "";
    show();
    secret.focus();
  });
  warnOfCaps(secret);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    problem.textContent = "";
    const body = byPin ? { pin: secret.value } : { password: secret.value };
    const { status, said } = await post("/api/v1/login", { user: user.value, ...body });
    submit.disabled = false;
    if (status === 200) return location.replace(next());
    secret.value = "";
    problem.textContent = status === 401 ? words.wrong : status === 403 ? words.notPaired : explain(status, said);
    secret.focus();
    return undefined;
  });
  show();
  form.hidden = false;
  user.focus();
  const me = await fetch("/api/v1/me").then((answer) => answer.json()).catch(() => null);
  if (me === null) return;
  if (me.is_open) return location.replace(next());
  if (me.tablet !== null) {
    other.hidden = false;
    byPin = secret.value === "";
    show();
  }
  if (me.has_run_out && user.value === "") {
    user.value = me.who;
    secret.focus();
  }
  return undefined;
}

function beginFirst() {
  const key = takeKey();
  const user = find("user", HTMLInputElement);
  name(words.titleFirst);
  askNewPassword({
    does: words.create,
    send: (password) => post("/api/v1/first", { secret: key, user: user.value, password }),
    refusal: (status) => (status === 403 ? words.linkOver : status === 409 ? words.taken : ""),
  });
  user.focus();
}

async function beginInvited() {
  const key = takeKey();
  const user = find("user", HTMLInputElement);
  name(words.titleInvited);
  const looked = await post("/api/v1/invitation/look", { secret: key });
  if (looked.status !== 200) {
    problem.textContent = looked.status === 403 || looked.status === 422 ? words.invitationOver : explain(looked.status, looked.said);
    return;
  }
  user.value = looked.said.user;
  user.readOnly = true;
  askNewPassword({
    does: words.setPassword,
    send: (password) => post("/api/v1/invitation", { secret: key, password }),
    refusal: (status) => (status === 403 ? words.invitationOver : ""),
  });
  find("secret", HTMLInputElement).focus();
}

/** The secret of a link, taken out of the address. */
function takeKey() {
  const key = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  return key;
}

/**
 * Asks for a new password, twice, and goes to the wall when it is taken.
 * @param {object} asking
 * @param {string} asking.does what the button says
 * @param {(password: string) => Promise<{status: number, said: any}>} asking.send
 * @param {(status: number) => string} asking.refusal why not; empty: as the server says it
 */
function askNewPassword({ does, send, refusal }) {
  const form = find("login", HTMLFormElement);
  const secret = find("secret", HTMLInputElement);
  const again = find("again", HTMLInputElement);
  const submit = find("submit", HTMLButtonElement);
  const how = find("how", HTMLElement);
  find("user-label", HTMLElement).textContent = words.user;
  find("secret-label", HTMLElement).textContent = words.password;
  find("again-label", HTMLElement).textContent = words.again;
  secret.autocomplete = "new-password";
  submit.textContent = does;
  how.textContent = words.passwordHow;
  how.hidden = find("again-label", HTMLElement).hidden = again.hidden = false;
  again.required = true;
  warnOfCaps(secret);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    if (secret.value !== again.value) {
      problem.textContent = words.differ;
      return again.focus();
    }
    submit.disabled = true;
    const { status, said } = await send(secret.value);
    submit.disabled = false;
    if (status === 200) return location.replace("/wall");
    problem.textContent = refusal(status) || explain(status, said);
    return undefined;
  });
  form.hidden = false;
}

async function showCode() {
  const code = find("code", HTMLElement);
  name(words.titleDisplay);
  find("code-how", HTMLElement).textContent = words.displayHow;
  find("show-code", HTMLElement).hidden = false;
  for (;;) {
    const { status, said } = await post("/api/v1/displays/code", {});
    if (status !== 200) {
      problem.textContent = explain(status, said);
      await wait(POLL_MS * 10);
      continue;
    }
    problem.textContent = "";
    code.textContent = `${said.code.slice(0, 3)} ${said.code.slice(3)}`;
    if (await isLetIn(said.asking)) return location.replace("/wall");
    problem.textContent = words.displayOver;
  }
}

/**
 * @param {string} asking
 * @returns {Promise<boolean>} false: the code is over
 */
async function isLetIn(asking) {
  for (;;) {
    await wait(POLL_MS);
    const { status, said } = await post("/api/v1/displays/claim", { asking });
    problem.textContent = status === 200 ? "" : explain(status, said);
    if (status === 200 && said.state !== "waiting") return said.state === "paired";
  }
}

/** @param {number} ms */
function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function beginPairing() {
  const form = find("pair", HTMLFormElement);
  const code = find("pair-code", HTMLInputElement);
  name(words.titleDisplay);
  find("pair-code-label", HTMLElement).textContent = words.displayCode;
  find("pair-name-label", HTMLElement).textContent = words.displayName;
  find("pair-names-label", HTMLElement).textContent = words.displayNames;
  find("pair-submit", HTMLElement).textContent = words.pair;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { status, said } = await post("/api/v1/displays", {
      code: code.value,
      name: find("pair-name", HTMLInputElement).value,
      sees_names: find("pair-names", HTMLInputElement).checked,
    });
    if (status === 401) return location.replace("/login?next=/display%3Fpair");
    if (status === 201) form.reset();
    problem.textContent = status === 201 ? words.paired : explain(status, said);
    return undefined;
  });
  form.hidden = false;
  code.focus();
}

/** @param {HTMLInputElement} field */
function warnOfCaps(field) {
  const caps = find("caps", HTMLElement);
  field.addEventListener("keyup", (event) => {
    caps.textContent = event.getModifierState?.("CapsLock") ? words.capsLock : "";
  });
}

if (location.pathname === "/first") beginFirst();
else if (location.pathname === "/invited") void beginInvited();
else if (location.pathname !== "/display") void beginLogin();
else if (new URLSearchParams(location.search).has("pair")) beginPairing();
else void showCode();
