/**
 * A class once more, as the wall saw it: values when they arrived, dead when they were, alarms as they changed; at up to
 * sixty times its speed. It says on every picture that it is not live.
 */

import { get } from "../shell/ask.js";
import { html, nothing, render } from "/static/vendor/lit-html.js";
import { sessionPath } from "./record.js";
import { Scene } from "./scene.js";
import { texts } from "./texts.js";
import { clock } from "./words.js";

const STRETCH_MS = 300_000;
const SPEEDS = [1, 2, 5, 10, 30, 60];
const PAINT_MS = 100;

/** @param {import("./review.js").Place} place */
export async function showReplay({ main, names }) {
  const session = names[0] ?? "";
  // As dark as the wall: nobody takes the replay for a page of the desk.
  const light = document.querySelector('link[href="/static/light.css"]');
  if (light instanceof HTMLLinkElement) light.disabled = true;
  const api = sessionPath(session);
  /** @type {import("./record.js").SessionListed[]} */
  const known = await get("/api/v1/review/sessions?limit=1000");
  const listed = known.find(({ id }) => id === session);
  if (listed === undefined) throw new Error(session);
  const start = listed.started_utc_ms;
  const end = listed.ended_utc_ms ?? Date.now();
  const zone = listed.time_zone;
  /** @type {Map<number, Scene | null>} null: on its way */
  const scenes = new Map();
  let at = start;
  let speed = 10;
  let isPlaying = false;
  let last = performance.now();
  let problem = "";

  const fetchScene = async (/** @type {number} */ from) => {
    if (scenes.has(from) || from >= end) return;
    scenes.set(from, null);
    try {
      scenes.set(from, new Scene(await get(`${api}/replay?from_utc_ms=${from}&to_utc_ms=${Math.min(end, from + STRETCH_MS)}`)));
    } catch (error) {
      scenes.delete(from);
      isPlaying = false;
      problem = error instanceof Error ? error.message : String(error);
    }
    for (const old of [...scenes.keys()].filter((key) => Math.abs(key - at) > 4 * STRETCH_MS)) scenes.delete(old);
  };

  const tick = () => {
    const now = performance.now();
    const from = start + Math.floor((at - start) / STRETCH_MS) * STRETCH_MS;
    void fetchScene(from);
    void fetchScene(from + STRETCH_MS);
    const scene = scenes.get(from) ?? null;
    // Time waits for what is still on its way.
    if (isPlaying && scene !== null) at = Math.min(end, at + (now - last) * speed);
    if (at >= end) isPlaying = false;
    last = now;
    paint(scene);
  };

  const jump = (/** @type {number} */ to) => {
    at = Math.min(end, Math.max(start, to));
  };

  const paint = (/** @type {Scene | null} */ scene) => {
    render(
      html`<div class="replay">
        <p class="replay-banner">${texts.replayBanner}<span>${listed.name} ${texts.replayAt(clock(at, zone), speed)}</span></p>
        <div class="replay-tools">
          <button type="button" class="primary" @click=${() => (isPlaying = !isPlaying)}>${isPlaying ? texts.pause : texts.play}</button>
          <label>${texts.speed}
            <select @change=${(/** @type {any} */ event) => (speed = Number(event.target.value))}>
              ${SPEEDS.map((one) => html`<option value=${one} ?selected=${one === speed}>${one} x</option>`)}
            </select></label>
          <input type="range" min=${start} max=${end} step="1000" .value=${String(Math.round(at))} aria-label=${texts.at}
            @input=${(/** @type {any} */ event) => jump(Number(event.target.value))} />
          <a class="button" href=${`/review/${encodeURIComponent(session)}`}>${texts.back}</a>
        </div>
        <p class="shell-refusal" role="alert">${problem}</p>
        ${scene === null ? html`<p class="empty">${at >= end ? texts.replayEnd : texts.loading}</p>` : scene.view(at)}
        <p class="muted">${at >= end ? texts.replayEnd : texts.latePart} ${nothing}</p>
      </div>`,
      main,
    );
    main.dataset["state"] = scene === null ? "loading" : isPlaying ? "playing" : "paused";
  };

  setInterval(tick, PAINT_MS);
  tick();
}
