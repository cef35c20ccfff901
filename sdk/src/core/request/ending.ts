import { MAX_SEGMENT_BYTES, PIECE_BYTES } from "@tributary/protocol";
import { provePiece } from "../integrity/checks.ts";
import type { State, Step } from "../state.ts";
import type { Holding } from "../store/inventory.ts";
import type { Job, Transfer } from "./jobs.ts";
import { release } from "./transfers.ts";

/** Beyond this its own peer has said that nothing comes. */
export function promisedEnd(transfer: Transfer): number {
  return Math.min(askedEnd(transfer), transfer.listedBytes ?? MAX_SEGMENT_BYTES);
}

/** Ends the transfer where all it can bring is here: what was asked for, or what the segment and its list have. */
export function endWhereDone(state: State, step: Step, job: Job, holding: Holding, transfer: Transfer): void {
  const endBytes = Math.min(
    askedEnd(transfer),
    transfer.listedBytes ?? Infinity,
    holding.sizeBytes ?? Infinity,
  );
  if (transfer.nextBytes < endBytes) return;
  closeLastPiece(state, step, holding, transfer);
  const partner = state.roster.partner(transfer.peer);
  const receivedBytes = transfer.nextBytes - transfer.firstPiece * PIECE_BYTES;
  partner?.goodput.sample(receivedBytes, step.nowMs - transfer.startedAtMs);
  release(partner, transfer, transfer.owedBytes);
  job.transfers.delete(transfer.requestId);
  job.attentionMs = step.nowMs;
}

/** A size has become known: transfers that had come that far are over. */
export function endAllWhereDone(state: State, step: Step, job: Job, holding: Holding): void {
  for (const transfer of job.transfers.values()) endWhereDone(state, step, job, holding, transfer);
}

function askedEnd({ endPiece }: Transfer): number {
  return (endPiece ?? Infinity) * PIECE_BYTES;
}

/** That a short piece is the last one, and so complete, shows only with the size. */
function closeLastPiece(state: State, step: Step, holding: Holding, transfer: Transfer): void {
  const index = holding.pieces.findIndex(({ writer }) => writer === transfer.requestId);
  const piece = holding.pieces[index];
  if (piece === undefined) return;
  piece.writer = null;
  if (piece.state !== "missing") return;
  piece.state = "received";
  piece.author = transfer.peer;
  provePiece(state, step, holding, index);
}
