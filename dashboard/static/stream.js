/**
 * The websocket: takes frames, acknowledges each one (the server sends at most four ahead), comes back by itself.
 *
 * It resumes with `?seq=&epoch=` where it can, and starts anew with a snapshot where it must. It decides nothing about
 * what is shown; whoever listens judges the age of a frame.
 */

/** @typedef {import("./frames.js").Frame} Frame */
/** @typedef {import("./frames.js").FromPage} FromPage */

const BACK_OFF_FIRST_MS = 250;
const BACK_OFF_CAP_MS = 3_000;
const STABLE_MS = 5_000;
/** A server that is silent this long is gone, even if TCP has not noticed: heartbeats come each second. */
const SILENCE_MS = 5_000;

/**
 * The wait before an attempt: full jitter under a doubling ceiling.
 * @param {number} attempt 0 for the first
 * @param {number} chance 0 to 1
 * @returns {number} ms
 */
export function backOffMs(attempt, chance) {
  return Math.min(BACK_OFF_CAP_MS, BACK_OFF_FIRST_MS * 2 ** Math.min(attempt, 10)) * (0.5 + chance / 2);
}

export class Stream {
  /** @type {string} */
  #path;
  /** @type {(frame: Frame, at: number) => void} */
  #onFrame;
  /** @type {() => void} */
  #onOpen;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {{seq: number, epoch: string} | null} */
  #position = null;
  #attempt = 0;
  #openedAt = 0;
  #heardAt = 0;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {string} path of the websocket on this server
   * @param {{onFrame: (frame: Frame, at: number) => void, onOpen: () => void}} listener
   */
  constructor(path, { onFrame, onOpen }) {
    this.#path = path;
    this.#onFrame = onFrame;
    this.#onOpen = onOpen;
  }

  /** Opens the connection; called once. */
  start() {
    this.#connect();
  }

  /** Drops what may be on its way and begins with a new snapshot, at once. */
  restart() {
    this.#position = null;
    this.#drop(0);
  }

  /**
   * Gives up a silent connection; called a few times a second.
   * @param {number} at performance.now()
   */
  check(at) {
    if (this.#socket !== null && at - this.#heardAt > SILENCE_MS) this.#retry(at);
  }

  /**
   * Sends if the connection is open; returns whether it was.
   * @param {FromPage} message
   * @returns {boolean}
   */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect() {
    const url = new URL(this.#path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (this.#position !== null) {
      url.searchParams.set("seq", String(this.#position.seq));
      url.searchParams.set("epoch", this.#position.epoch);
    }
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#openedAt = Number.POSITIVE_INFINITY;
    this.#heardAt = performance.now();
    socket.onopen = () => {
      this.#openedAt = this.#heardAt = performance.now();
      this.#onOpen();
    };
    socket.onclose = () => this.#retry(performance.now());
    socket.onmessage = (event) => this.#take(String(event.data));
  }

  /** @param {string} data */
  #take(data) {
    const at = performance.now();
    /** @type {Frame} */
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      console.error("stream: a frame is not JSON, starting anew");
      this.#position = null;
      this.#retry(at);
      return;
    }
    this.#heardAt = at;
    this.send({ t: "ack", seq: frame.seq });
    this.#position = { seq: frame.seq, epoch: frame.epoch };
    this.#onFrame(frame, at);
  }

  /** @param {number} at */
  #retry(at) {
    if (at - this.#openedAt > STABLE_MS) this.#attempt = 0;
    this.#drop(backOffMs(this.#attempt++, Math.random()));
  }

  /** @param {number} waitMs */
  #drop(waitMs) {
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) {
      // A dead peer keeps close() waiting for minutes: we no longer listen, so that nothing old can come in late.
      socket.onopen = socket.onclose = socket.onmessage = null;
      socket.close();
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), waitMs);
  }
}
