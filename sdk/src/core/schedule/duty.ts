import type { SegmentId } from "@tributary/protocol";
import { backupStepMaxMs, backupStepMinMs } from "../limits.ts";
import { rendezvousWeight } from "./rank.ts";

/** Each stage of backups makes this many times as many viewers willing as the one before. */
const backupGrowth = 4;

/**
 * How many viewers of the whole swarm are about to fetch this segment, estimated from the share of neighbours
 * that are: an audience at the live edge counts whole, a lone front-runner in VOD counts one.
 */
export function estimateContenders(
  viewerCount: number,
  partnerCount: number,
  contendingCount: number,
): number {
  const seen = contendingCount + 1;
  if (partnerCount === 0 || contendingCount === 0) return seen;
  return Math.max(seen, Math.round((viewerCount * contendingCount) / partnerCount));
}

/**
 * How long this viewer waits before it asks the CDN in a swarm larger than its neighbourhood. Its number for
 * the segment, u uniform in 0 to 1 over its share of the duty, puts about `copies` viewers of N below copies / N:
 * those fetch at once. The others step in by stages, each `backupGrowth` times as many, before `patienceMs` is over.
 */
export function dutyDelay(
  ticket: number,
  segment: SegmentId,
  contenders: number,
  copies: number,
  patienceMs: number,
  share: number,
): number {
  const u = rendezvousWeight(ticket, segment) / 2 ** 32 / share;
  const stageOf = (fraction: number) =>
    Math.max(0, Math.ceil(Math.log((fraction * contenders) / copies) / Math.log(backupGrowth)));
  const stepMs = Math.min(backupStepMaxMs, Math.max(backupStepMinMs, patienceMs / (stageOf(1) + 1)));
  return stageOf(u) * stepMs;
}
