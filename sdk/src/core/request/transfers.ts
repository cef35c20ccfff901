import { PIECE_BYTES, type PeerKey } from "@tributary/protocol";
import { send, type State, type Step } from "../state.ts";
import type { Job, Transfer } from "./jobs.ts";

/** The partner is gone: everything asked of it is free for others, its lists are forgotten. */
export function dropTransfersOf(state: State, step: Step, peer: PeerKey): void {
  for (const job of state.jobs.all()) {
    for (const transfer of job.transfers.values())
      if (transfer.peer === peer) endTransfer(state, step, job, transfer);
    for (let at = job.lists.length - 1; at >= 0; at--)
      if (job.lists[at]!.peer === peer) job.lists.splice(at, 1);
    job.attentionMs = step.nowMs;
  }
}

export function cancelTransfers(state: State, step: Step, job: Job): void {
  for (const transfer of job.transfers.values()) cancelTransfer(state, step, job, transfer);
}

/** What was asked ahead of the player's wish and has not begun to come. */
export function cancelAhead(state: State, step: Step): void {
  for (const job of state.jobs.all()) {
    if (!job.ahead) continue;
    for (const transfer of job.transfers.values())
      if (!hasBegun(transfer)) cancelTransfer(state, step, job, transfer);
  }
}

/** Pieces whose first byte is still to come would only race what comes already for the same downlink. */
export function cancelUnbegun(
  state: State,
  step: Step,
  job: Job,
  isKept: (transfer: Transfer) => boolean,
): void {
  for (const transfer of job.transfers.values())
    if (!hasBegun(transfer) && !isKept(transfer)) cancelTransfer(state, step, job, transfer);
}

function hasBegun({ nextBytes, piece }: Transfer): boolean {
  return nextBytes > piece * PIECE_BYTES;
}

export function cancelTransfer(state: State, step: Step, job: Job, transfer: Transfer): void {
  send(step, transfer.peer, { type: "cancel", requestId: transfer.requestId });
  endTransfer(state, step, job, transfer);
}

/** Ends a transfer here; the other side is not told. A piece that did not come whole is free for others. */
export function endTransfer(state: State, step: Step, job: Job, transfer: Transfer): void {
  state.jobs.end(job, transfer);
  step.piecesFree = true;
  const partner = state.roster.partner(transfer.peer);
  if (partner !== undefined) {
    partner.pendingCount -= 1;
    partner.pendingBytes -= transfer.endBytes - transfer.nextBytes;
  }
  const piece = state.inventory.get(job.key)?.pieces[transfer.piece];
  if (piece?.writer === transfer.requestId) piece.writer = null;
}
