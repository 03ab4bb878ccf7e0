/**
 * Who is logged in, on any page: `<script type="module" src="/static/who.js"></script>` and an element with
 * `data-who`. Shows user, role and a way out; a bar across the page when the login has run out or emergency access is on.
 * The page itself stays as it is: values and alarms go on. Nothing at all in a demonstration.
 */

import { signAs } from "./initials.js";
import { words } from "./login-texts.js";

const EVERY_MS = 30_000;

/** @typedef {{who: string, role: keyof typeof words.roles | null, via: string, has_run_out: boolean, is_open: boolean,
 *   may: string[], emergency_until_utc_ms: number | null}} Me */

/** @type {Me | null} */
let known = null;

/**
 * Whether the one who is logged in may do something now; true before the server has said anything (it decides anyway).
 * @param {string} deed
 * @returns {boolean}
 */
export function may(deed) {
  return known === null || known.may.includes(deed);
}

async function look() {
  const answer = await fetch("/api/v1/me").catch(() => null);
  if (answer === null || !answer.ok) return;
  known = await answer.json();
  if (known === null) return;
  // Logged out elsewhere, shut out, or a display that was revoked: there is nothing live to show any more.
  if (known.role === null) location.replace(`/login?next=${encodeURIComponent(location.pathname)}`);
  else show(known);
}

/** @param {Me} me */
function show(me) {
  for (const place of document.querySelectorAll("[data-who]")) {
    if (me.is_open || me.role === null) place.replaceChildren();
    else place.replaceChildren(`${words.loggedIn} ${me.who} (${words.roles[me.role]}) `, ...(me.via === "login" ? [wayOut()] : []));
  }
  signAs(me);
  showBar(me);
  document.dispatchEvent(new CustomEvent("who", { detail: me }));
}

function wayOut() {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.logOut;
  button.addEventListener("click", async () => {
    await fetch("/api/v1/logout", { method: "POST" });
    location.replace("/login");
  });
  return button;
}

/** @param {Me} me */
function showBar(me) {
  document.getElementById("who-bar")?.remove();
  const until = me.emergency_until_utc_ms;
  if (me.is_open || (!me.has_run_out && until === null)) return;
  const bar = document.createElement("p");
  bar.id = "who-bar";
  bar.setAttribute("role", "status");
  if (me.has_run_out) {
    const link = document.createElement("a");
    link.href = `/login?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = words.logIn;
    bar.append(`${me.who} ${words.runOut} `, link);
  } else if (until !== null) {
    bar.append(`${words.emergency} ${new Date(until).toLocaleTimeString()}`);
  }
  // In the foot of the page, where it covers nothing: the way to switch the sound on is there too.
  (document.querySelector("footer") ?? document.body).append(bar);
}

void look();
setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void look();
});
