import { PIECE_BYTES } from "@tributary/protocol";
import type { State, Step } from "../state.ts";
import { lackOf } from "../store/inventory.ts";
import { isWholeFetch, type Job } from "./jobs.ts";

/** The player's loads become network time: what follows counts as the network's speed, and can make it change its level. */
export function tellStarted(step: Step, { loads, slow, info }: Job, startMs: number): void {
  for (const load of loads) {
    // It looks at a load's rate only after half of the duration: who has waited for peers need not wait for that.
    const watchedMs = Math.max(load.atMs, startMs - info.durationMs / 2);
    const sinceMs = slow === null ? watchedMs : Math.min(load.atMs, slow.sinceMs);
    step.out.push({ type: "load-started", request: load.request, startMs: sinceMs });
  }
}

/**
 * The CDN's clock only, because a slow peer's bytes must not make the player change its level while the CDN could
 * bring them in time; on a slow line all that comes, from whomever.
 */
export function tellProgress(state: State, step: Step, job: Job): void {
  const { fetch, slow } = job;
  if (slow !== null) {
    // What was called off came as well.
    slow.seenBytes = Math.max(slow.seenBytes, heldBytes(state, job));
    return tell(step, job, slow.sinceMs, slow.seenBytes, 0);
  }
  if (fetch === null || fetch.isProbe || fetch.firstByteAtMs === null) return;
  const totalBytes = isWholeFetch(fetch) ? (state.inventory.get(job.key)?.sizeBytes ?? 0) : 0;
  tell(step, job, fetch.firstByteAtMs, fetch.receivedBytes, totalBytes);
}

function tell(
  step: Step,
  { loads }: Job,
  firstByteMs: number,
  loadedBytes: number,
  totalBytes: number,
): void {
  for (const { request } of loads)
    step.out.push({ type: "load-progress", request, firstByteMs, loadedBytes, totalBytes });
}

/** What is here of a segment, whole pieces or not. */
export function heldBytes(state: State, { key, fetch, transfers }: Job): number {
  const holding = state.inventory.get(key);
  const cdnBytes = fetch?.receivedBytes ?? 0;
  if (holding === undefined || holding.sizeBytes === null) return cdnBytes;
  let bytes = holding.sizeBytes - lackOf(holding).bytes! + (cdnBytes % PIECE_BYTES);
  for (const { nextBytes, piece } of transfers.values()) bytes += nextBytes - piece * PIECE_BYTES;
  return Math.min(bytes, holding.sizeBytes);
}
