/**
 * Who does something at this screen: the login, which the server goes by; without one the initials that were typed last.
 */

const REMEMBERED = "vitals.initials";
export const INITIALS_MAX = 16;

let login = "";

/**
 * Takes the name of who is logged in; nobody is asked for initials then.
 * @param {{who: string, via: string}} me
 */
export function signAs({ who, via }) {
  login = via === "login" ? who.slice(0, INITIALS_MAX) : "";
}

/** @returns {boolean} whether somebody is logged in here */
export function isSigned() {
  return login !== "";
}

/** @returns {string} the login, else the initials that were typed last; empty for none */
export function rememberedInitials() {
  if (isSigned()) return login;
  try {
    return localStorage.getItem(REMEMBERED) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} by */
export function rememberInitials(by) {
  if (isSigned()) return;
  try {
    localStorage.setItem(REMEMBERED, by);
  } catch {
    // A browser without storage asks each time.
  }
}
