/**
 * Asking the server: JSON there and back, a refusal as the server's one line, no answer as words of our own.
 */

import { texts } from "./texts.js";

/** A request that was refused or not answered; its message is one line to be shown. */
export class Refused extends Error {
  /**
   * @param {string} line
   * @param {number} status of HTTP; 0: no answer
   */
  constructor(line, status) {
    super(line);
    this.status = status;
  }
}

/**
 * Asks for something.
 * @param {string} path
 * @returns {Promise<any>}
 */
export function get(path) {
  return ask("GET", path);
}

/**
 * Has something done.
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
export function post(path, body = {}) {
  return ask("POST", path, body);
}

/**
 * Any method. Resolves to the answer's body, null for none.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 * @throws {Refused}
 */
export function ask(method, path, body) {
  const init = body === undefined ? { method } : { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return send(path, init);
}

/**
 * What is not JSON, as a file. Resolves to the answer's body, null for none.
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<any>}
 * @throws {Refused}
 */
export async function send(path, init) {
  const answer = await fetch(path, init).catch(() => {
    throw new Refused(texts.noAnswer, 0);
  });
  const said = await answer.json().catch(() => null);
  if (answer.ok) return said;
  const line = typeof said?.detail === "string" ? said.detail : texts.notAllowed;
  throw new Refused(line, answer.status);
}
