/**
 * Who is logged in here and what that one may do now: asked at the start, each 30 s, and when the page is seen again.
 */

/**
 * @typedef {object} Me
 * @property {string} who
 * @property {"admin" | "supervisor" | "therapist" | "display" | null} role
 * @property {string} via
 * @property {boolean} has_run_out
 * @property {string[]} may
 * @property {number | null} emergency_until_utc_ms
 * @property {boolean} has_pin
 * @property {string | null} tablet name of the paired tablet on which this is
 * @property {boolean} is_open a demonstration without login
 */

const EVERY_MS = 30_000;

export class Whoever {
  /** @type {Me | null} */
  #me = null;
  /** @type {(me: Me) => void} */
  #onChange;

  /** @param {(me: Me) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** Begins to ask. */
  start() {
    void this.look();
    setInterval(() => void this.look(), EVERY_MS);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.look();
    });
  }

  /** @returns {Me | null} null: the server has not said yet */
  get me() {
    return this.#me;
  }

  /**
   * Whether whoever is here may do something now; false before the server has said so.
   * @param {string} deed a word of dashboard/access/roles.py, as "respond" or "run_class"
   * @returns {boolean}
   */
  may(deed) {
    return this.#me?.may.includes(deed) ?? false;
  }

  /** Asks now. */
  async look() {
    const answer = await fetch("/api/v1/me").catch(() => null);
    if (answer === null || !answer.ok) return;
    /** @type {Me} */
    const me = await answer.json();
    // Logged out elsewhere or shut out: there is nothing live to show any more.
    if (me.role === null) {
      location.replace(loginPath());
      return;
    }
    const isNews = JSON.stringify(shown(me)) !== JSON.stringify(shown(this.#me));
    this.#me = me;
    if (isNews) this.#onChange(me);
  }
}

/** @param {Me | null} me */
function shown(me) {
  return me === null ? null : [me.who, me.role, me.has_run_out, me.may, me.emergency_until_utc_ms, me.tablet, me.has_pin];
}

/**
 * The login page, which leads back here.
 * @returns {string}
 */
export function loginPath() {
  return `/login?next=${encodeURIComponent(location.pathname)}`;
}
