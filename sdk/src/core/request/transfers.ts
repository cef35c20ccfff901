import type { PeerKey } from "@tributary/protocol";
import type { Partner } from "../peer/roster.ts";
import { send, type State, type Step } from "../state.ts";
import type { Holding } from "../store/inventory.ts";
import type { Job, Transfer } from "./jobs.ts";

/** The partner owes that many bytes less. */
export function release(partner: Partner | undefined, transfer: Transfer, bytes: number): void {
  const released = Math.min(bytes, transfer.owedBytes);
  transfer.owedBytes -= released;
  if (partner !== undefined) partner.pendingBytes = Math.max(0, partner.pendingBytes - released);
}

/** The partner is gone: everything asked of it is free for others, its unproved pieces are forgotten. */
export function dropTransfersOf(state: State, step: Step, peer: PeerKey): void {
  for (const job of state.jobs.all()) {
    for (const transfer of job.transfers.values())
      if (transfer.peer === peer) dropTransfer(state, job, transfer);
    for (let at = job.lists.length - 1; at >= 0; at--)
      if (job.lists[at]!.peer === peer) job.lists.splice(at, 1);
    job.attentionMs = step.nowMs;
  }
}

export function cancelTransfers(state: State, step: Step, job: Job): void {
  for (const transfer of job.transfers.values()) {
    send(step, transfer.peer, { type: "cancel", requestId: transfer.requestId });
    dropTransfer(state, job, transfer);
  }
}

/** Ends a transfer here; the other side is not told. */
export function dropTransfer(state: State, job: Job, transfer: Transfer): void {
  job.transfers.delete(transfer.requestId);
  release(state.roster.partner(transfer.peer), transfer, transfer.owedBytes);
  const holding = state.inventory.get(job.key);
  for (const piece of holding?.pieces ?? []) if (piece.writer === transfer.requestId) piece.writer = null;
}

/** Pieces that nobody has brought and nobody is bringing, in order. */
export function freePieces(job: Job, holding: Holding): number[] {
  const free: number[] = [];
  holding.pieces.forEach((piece, index) => {
    if (piece.state === "missing" && !isAsked(job, index)) free.push(index);
  });
  return free;
}

function isAsked(job: Job, index: number): boolean {
  for (const { firstPiece, endPiece } of job.transfers.values()) {
    if (index >= firstPiece && index < (endPiece ?? Infinity)) return true;
  }
  return false;
}
