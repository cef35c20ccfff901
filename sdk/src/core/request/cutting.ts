import type { State, Step } from "../state.ts";
import type { Job } from "./jobs.ts";

/** Calls the CDN off in the middle, which has said how fast it is by then. */
export function cutFetch(state: State, step: Step, job: Job): void {
  const { fetch } = job;
  if (fetch === null) return;
  job.fetch = null;
  step.out.push({ type: "http-abort", fetch: fetch.id });
  if (fetch.firstRead === null) return;
  const { atMs, bytes } = fetch.firstRead;
  state.cdn.cut(fetch.receivedBytes - bytes, step.nowMs - atMs, step.nowMs);
}
