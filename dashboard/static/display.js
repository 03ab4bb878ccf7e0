/**
 * How this screen was set up, from its address: `?display=number,nolimits,still,silent&name=Gym%20left`. Pure but for the
 * memory of the browser.
 *
 * number: seats only, no alias. nolimits: no number of a prescription. still: nothing flashes. silent: it never sounds.
 */

const WORDS = new Set(["number", "nolimits", "still", "silent"]);
const SCREEN = "vitals.screen";
const NAME_MAX = 40;

/**
 * @typedef {object} Display
 * @property {boolean} hasAliases
 * @property {boolean} hasLimits
 * @property {boolean} isStill
 * @property {boolean} isSilent
 * @property {string} name as given; empty for none
 * @property {string[]} unknown words that mean nothing
 */

/**
 * @param {string} search of the address
 * @returns {Display}
 */
export function displayOf(search) {
  const asked = new URLSearchParams(search);
  const words = (asked.get("display") ?? "").split(",").filter((word) => word !== "");
  return {
    hasAliases: !words.includes("number"),
    hasLimits: !words.includes("nolimits"),
    isStill: words.includes("still"),
    isSilent: words.includes("silent"),
    name: (asked.get("name") ?? "").trim().slice(0, NAME_MAX),
    unknown: words.filter((word) => !WORDS.has(word)),
  };
}

/**
 * The id of this screen, the same after a reload.
 * @returns {string}
 */
export function screenId() {
  const made = [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    const kept = sessionStorage.getItem(SCREEN);
    if (kept !== null && /^[0-9a-f]{12}$/.test(kept)) return kept;
    sessionStorage.setItem(SCREEN, made);
  } catch {
    // A browser without storage is another screen after a reload.
  }
  return made;
}
