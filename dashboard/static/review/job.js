/**
 * A job of the server: asked for, looked at twice a second, and ended by a button.
 */

import { get, post } from "../shell/ask.js";

const LOOK_MS = 500;

/** @typedef {{id: string, state: string, progress: number, problem: string, answer: any}} Job */

/**
 * Asks for a job and follows it to its end.
 * @param {string} path
 * @param {unknown} body
 * @param {(job: Job) => void} onProgress
 * @returns {Promise<Job>}
 */
export async function follow(path, body, onProgress) {
  /** @type {Job} */
  let job = await post(path, body);
  while (job.state === "waiting" || job.state === "running") {
    onProgress(job);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    job = await get(`/api/v1/review/jobs/${job.id}`);
  }
  return job;
}

/**
 * Ends a job.
 * @param {Job} job
 */
export async function cancel(job) {
  await post(`/api/v1/review/jobs/${job.id}/cancel`);
}
