import type { State, Step } from "../state.ts";
import { cancelTransfers } from "./transfers.ts";

/**
 * Each source would take its part of a slow line. What partners have given to their channels can be called off in one way
 * only: whoever owes something loses its link.
 */
export function leaveLineToCdn(state: State, step: Step): void {
  for (const { peer, pendingCount } of state.roster.partners())
    if (pendingCount > 0) step.out.push({ type: "close-peer", peer, reason: "slow-line" });
  for (const job of state.jobs.all()) cancelTransfers(state, step, job);
}
