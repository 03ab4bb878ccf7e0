/**
 * The classes that one may review, newest first.
 */

import { get } from "../shell/ask.js";
import { html, nothing, render } from "/static/vendor/lit-html.js";
import { texts } from "./texts.js";
import { day, modeOf } from "./words.js";

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
              ${modeOf(one) === "" ? nothing : html`<span class="shell-badge" data-practice=${one.is_practice ? "yes" : nothing}>${modeOf(one)}</span>`}
            </a>
          </li>`,
        )}
      </ul>`,
    main,
  );
}
