/**
 * The classes that one may review, newest first.
 */

import { get } from "../shell/ask.js";
import { html, nothing, render } from "/static/vendor/lit-html.js";
import { modes, texts } from "./texts.js";
import { day } from "./words.js";

/** @param {import("./review.js").Place} place */
export async function showList({ main }) {
  /** @type {import("./record.js").SessionListed[]} */
  const sessions = await get("/api/v1/review/sessions");
  if (sessions.length === 0) {
    render(html`<p class="empty">${texts.noClasses}</p>`, main);
    return;
  }
  render(
    html`<h1>${texts.classes}</h1>
      <ul class="review-list">
        ${sessions.map(
          (one) => html`<li>
            <a href=${`/review/${encodeURIComponent(one.id)}`}>
              <b>${one.name === "" ? one.id : one.name}</b>
              <span>${day(one.started_utc_ms, one.time_zone)}</span>
              <span>${one.ended_utc_ms === null ? texts.running : texts.minutes(Math.round((one.ended_utc_ms - one.started_utc_ms) / 60_000))}</span>
              <span>${texts.people(one.participants)}</span>
              ${modes[one.generation_mode] ? html`<span class="shell-badge">${modes[one.generation_mode]}</span>` : nothing}
            </a>
          </li>`,
        )}
      </ul>`,
    main,
  );
}
