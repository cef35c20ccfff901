import { PIECE_BYTES, pieceSizeOf } from "@tributary/protocol";
import type { PeerKey, PeerMessage } from "@tributary/protocol";
import type { Input } from "../inputs.ts";
import {
  brokenPromiseMs,
  busyRestMs,
  claimSilenceMs,
  lateAllowanceMs,
  silencesMax,
  silentPeerRestMs,
  transferSilenceMs,
} from "../limits.ts";
import { strayChunkTokens } from "../peer/allowance.ts";
import type { Partner } from "../peer/roster.ts";
import { send, type State, type Step } from "../state.ts";
import type { Holding } from "../store/inventory.ts";
import { expel } from "../integrity/blame.ts";
import { provePiece } from "../integrity/checks.ts";
import type { Job, Transfer } from "./jobs.ts";
import { tellProgress } from "./progress.ts";
import { isReached } from "./reach.ts";
import { cancelTransfer, endTransfer } from "./transfers.ts";

type Chunk = Extract<Input, { type: "chunk-received" }>;
type RejectReason = Extract<PeerMessage, { type: "reject" }>["reason"];

/** Asks one partner for one piece of a segment whose size is known. */
export function requestPiece(
  state: State,
  step: Step,
  job: Job,
  holding: Holding,
  partner: Partner,
  piece: number,
): void {
  const firstBytes = piece * PIECE_BYTES;
  const transfer: Transfer = {
    requestId: state.jobs.nextTransferId(),
    peer: partner.peer,
    piece,
    startedAtMs: step.nowMs,
    nextBytes: firstBytes,
    endBytes: firstBytes + pieceSizeOf(holding.sizeBytes!, piece),
  };
  partner.pendingCount += 1;
  partner.pendingBytes += transfer.endBytes - firstBytes;
  partner.asked.add(transfer.requestId);
  state.jobs.begin(job, transfer);
  job.attentionMs = Math.min(job.attentionMs, silenceDeadline(partner, transfer));
  const wantsList = holding.list === "none" && !job.listAskedOf.has(partner.peer);
  if (wantsList) job.listAskedOf.add(partner.peer);
  send(step, partner.peer, {
    type: "request",
    requestId: transfer.requestId,
    segment: job.info.id,
    firstPiece: piece,
    pieceCount: 1,
    deadlineMs: Math.round(Math.max(job.rescueAtMs - step.nowMs, lateAllowanceMs)),
    wantsList,
  });
}

/** Stores a chunk that was asked for; anything else is dropped, and a chunk out of line ends the link. */
export function onChunk(state: State, step: Step, chunk: Chunk): void {
  const found = state.jobs.byTransfer(chunk.peer, chunk.requestId);
  const partner = state.roster.partner(chunk.peer);
  if (found === undefined || partner === undefined) {
    state.counters.wastedBytes += chunk.lengthBytes;
    if (partner === undefined) return;
    if (!partner.asked.has(chunk.requestId)) {
      expel(state, step, chunk.peer, "peer-garbage", "sent bytes that were not asked for");
    } else if (!partner.allowance.spend(strayChunkTokens, step.nowMs)) {
      expel(state, step, chunk.peer, "peer-garbage", "sends on what was called off");
    }
    return;
  }
  const { job, transfer } = found;
  const chunkEnd = chunk.offsetBytes + chunk.lengthBytes;
  if (chunk.offsetBytes !== transfer.nextBytes || chunkEnd > transfer.endBytes || chunk.lengthBytes === 0) {
    expel(state, step, chunk.peer, "peer-garbage", "sent bytes that were not asked for");
    return;
  }
  transfer.nextBytes = chunkEnd;
  partner.heardMediaAtMs = step.nowMs;
  state.line.brought(chunk.lengthBytes, step.nowMs);
  job.lastChunkAtMs = step.nowMs;
  partner.downloadedBytes += chunk.lengthBytes;
  partner.pendingBytes -= chunk.lengthBytes;
  keep(state, step, job, transfer, chunk);
  if (job.slow !== null) tellProgress(state, step, job);
  if (chunkEnd === transfer.endBytes) complete(state, step, job, partner, transfer);
}

/** Writes the chunk unless its piece is proved already or the CDN is writing it: those bytes are never touched. */
function keep(state: State, step: Step, job: Job, transfer: Transfer, chunk: Chunk): void {
  const holding = state.inventory.ensure(job.info, step.nowMs);
  const piece = holding.pieces[transfer.piece];
  const begins = chunk.offsetBytes === transfer.piece * PIECE_BYTES;
  const taken = piece === undefined || piece.state !== "missing" || isReached(job, transfer.piece);
  if (begins && !taken && piece.writer === null) piece.writer = transfer.requestId;
  if (taken || piece.writer !== transfer.requestId) {
    state.counters.wastedBytes += chunk.lengthBytes;
    return;
  }
  step.out.push({
    type: "write-chunk",
    segment: job.key,
    offsetBytes: chunk.offsetBytes,
    sizeBytes: holding.sizeBytes!,
    data: chunk.data,
  });
  if (transfer.nextBytes < transfer.endBytes) return;
  piece.state = "received";
  piece.author = chunk.peer;
  piece.writer = null;
  provePiece(state, step, holding, transfer.piece);
}

function complete(state: State, step: Step, job: Job, partner: Partner, transfer: Transfer): void {
  const sinceMs = Math.max(transfer.startedAtMs, partner.pieceEndedAtMs);
  partner.goodput.sample(transfer.endBytes - transfer.piece * PIECE_BYTES, step.nowMs - sinceMs);
  partner.pieceEndedAtMs = step.nowMs;
  endTransfer(state, step, job, transfer);
}

export function onReject(
  state: State,
  step: Step,
  peer: PeerKey,
  requestId: number,
  reason: RejectReason,
): void {
  const found = state.jobs.byTransfer(peer, requestId);
  if (found === undefined) return;
  state.counters.refusals += 1;
  const { job, transfer } = found;
  const partner = state.roster.partner(peer);
  endTransfer(state, step, job, transfer);
  job.listAskedOf.delete(peer);
  job.attentionMs = step.nowMs;
  if (partner === undefined) return;
  switch (reason) {
    case "busy":
    case "too-late":
      partner.restUntilMs = Math.max(partner.restUntilMs, step.nowMs + busyRestMs);
      return;
    case "not-held":
    case "gone":
      partner.held.delete(job.key);
      partner.arriving.delete(job.key);
      return;
    case "upload-off":
    case "choked":
      partner.choked = true;
  }
}

/** Passes over peers that fell silent; their pieces become free for others. */
export function dropSilent(state: State, step: Step, job: Job): void {
  for (const transfer of job.transfers.values()) {
    const partner = state.roster.partner(transfer.peer);
    if (partner !== undefined && step.nowMs < silenceDeadline(partner, transfer)) continue;
    cancelTransfer(state, step, job, transfer);
    countSilence(state, step, job, transfer.peer);
  }
}

/** Bytes without a list cannot be proved: who sent them and kept the list back is passed over like the silent. */
export function dropUnlisted(state: State, step: Step, job: Job, holding: Holding): void {
  if (step.nowMs < listDeadline(job, holding)) return;
  const authors = new Set<PeerKey>();
  for (const piece of holding.pieces) {
    if (piece.state !== "received" || piece.author === null) continue;
    authors.add(piece.author);
    piece.state = "missing";
    piece.author = null;
  }
  for (const peer of authors) countSilence(state, step, job, peer);
}

/** Until when the list of a segment that is here may take; Infinity where more than the list is missing. */
export function listDeadline(job: Job, holding: Holding): number {
  const isListed = holding.list !== "none" || job.lists.length > 0 || job.checkingListOf !== null;
  if (isListed || job.fetch !== null || job.transfers.size > 0 || holding.sizeBytes === null) return Infinity;
  return holding.pieces.some(({ state }) => state === "missing")
    ? Infinity
    : job.lastChunkAtMs + claimSilenceMs;
}

function countSilence(state: State, step: Step, job: Job, peer: PeerKey): void {
  job.avoided.set(peer, step.nowMs + silentPeerRestMs);
  state.counters.silences += 1;
  const partner = state.roster.partner(peer);
  if (partner === undefined) return;
  partner.arriving.delete(job.key);
  // Several transfers that fall silent together are one silence; a rest for being busy is shorter than this.
  if (partner.restUntilMs > step.nowMs + busyRestMs) return;
  partner.restUntilMs = step.nowMs + silentPeerRestMs;
  partner.silences += 1;
  if (partner.silences >= silencesMax) step.out.push({ type: "close-peer", peer, reason: "silent" });
}

/**
 * The CDN has to bring what was promised: whoever brought nothing of use in all that time is a promise nearer to
 * losing its link, without the rest that a silence brings, because it may only be slow.
 */
export function countBroken(state: State, step: Step, job: Job, holding: Holding): void {
  const broken = new Set<PeerKey>();
  for (const { peer, startedAtMs } of job.transfers.values())
    if (step.nowMs - startedAtMs >= brokenPromiseMs) broken.add(peer);
  for (const { state: piece, author } of holding.pieces)
    if (piece === "received" && author !== null && holding.list === "none") broken.add(author);
  for (const peer of broken) {
    const partner = state.roster.partner(peer);
    if (partner === undefined) continue;
    partner.silences += 1;
    if (partner.silences >= silencesMax) step.out.push({ type: "close-peer", peer, reason: "silent" });
  }
}

/** A partner that brings other pieces meanwhile is not silent: it sends in its own order. */
export function silenceDeadline(partner: Partner, transfer: Transfer): number {
  return Math.max(transfer.startedAtMs, partner.heardMediaAtMs) + transferSilenceMs;
}
