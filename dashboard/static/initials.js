/**
 * The initials of who stands at this screen, remembered on it.
 */

const REMEMBERED = "vitals.initials";
export const INITIALS_MAX = 16;

/** @returns {string} empty for none */
export function rememberedInitials() {
  try {
    return localStorage.getItem(REMEMBERED) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} by */
export function rememberInitials(by) {
  try {
    localStorage.setItem(REMEMBERED, by);
  } catch {
    // A browser without storage asks each time.
  }
}
