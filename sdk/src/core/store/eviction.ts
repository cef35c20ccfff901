import type { SegmentKey } from "@tributary/protocol";
import { announceHave } from "../peer/announcing.ts";
import { refuseWaiting } from "../peer/uploading.ts";
import type { State, Step } from "../state.ts";

/** Drops the least recently used whole segments until the store fits, and tells the neighbours. */
export function makeRoom(state: State, step: Step): void {
  let excess = state.inventory.storedBytes() - state.config.storageMaxBytes;
  if (excess <= 0) return;
  const oldestFirst = [...state.inventory.all()]
    .filter((holding) => holding.complete && state.jobs.get(holding.key) === undefined)
    .sort((a, b) => a.lastUsedMs - b.lastUsedMs);
  const dropped: SegmentKey[] = [];
  for (const holding of oldestFirst) {
    if (excess <= 0) break;
    excess -= holding.sizeBytes ?? 0;
    dropped.push(holding.key);
    refuseWaiting(state, step, holding.key);
    state.inventory.drop(holding.key);
    step.out.push({ type: "evict", segment: holding.key });
  }
  if (dropped.length > 0) announceHave(state, step, [], dropped);
}
