import { PIECE_BYTES, pieceSizeOf } from "@tributary/protocol";
import type { PeerKey, PeerMessage } from "@tributary/protocol";
import type { Input } from "../inputs.ts";
import {
  askedMax,
  busyRestMs,
  claimSilenceMs,
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
import { endWhereDone, promisedEnd } from "./ending.ts";
import type { Job, Transfer } from "./jobs.ts";
import { dropTransfer, release } from "./transfers.ts";

type Chunk = Extract<Input, { type: "chunk-received" }>;
type RejectReason = Extract<PeerMessage, { type: "reject" }>["reason"];

/** Asks one partner for a run of pieces; `endPiece` is exclusive, null means to the end. */
export function requestPieces(
  state: State,
  step: Step,
  job: Job,
  partner: Partner,
  firstPiece: number,
  endPiece: number | null,
  deadlineMs: number,
): void {
  const holding = state.inventory.ensure(job.info, step.nowMs);
  const size = holding.sizeBytes ?? partner.arriving.get(job.key)?.sizeBytes ?? 0;
  const endBytes = endPiece === null ? size : Math.min(endPiece * PIECE_BYTES, size);
  const transfer: Transfer = {
    requestId: state.jobs.nextTransferId(),
    peer: partner.peer,
    firstPiece,
    endPiece,
    listedBytes: null,
    startedAtMs: step.nowMs,
    owedBytes: Math.max(0, endBytes - firstPiece * PIECE_BYTES),
    nextBytes: firstPiece * PIECE_BYTES,
    lastChunkAtMs: step.nowMs,
  };
  partner.pendingBytes += transfer.owedBytes;
  remember(partner, transfer.requestId);
  job.transfers.set(transfer.requestId, transfer);
  job.waiting = true;
  send(step, partner.peer, {
    type: "request",
    requestId: transfer.requestId,
    segment: job.info.id,
    firstPiece,
    pieceCount: endPiece === null ? 0 : endPiece - firstPiece,
    deadlineMs: Math.max(0, Math.round(deadlineMs - step.nowMs)),
  });
}

function remember(partner: Partner, requestId: number): void {
  partner.asked.add(requestId);
  if (partner.asked.size <= askedMax) return;
  for (const oldest of partner.asked) {
    partner.asked.delete(oldest);
    return;
  }
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
  const holding = state.inventory.ensure(job.info, step.nowMs);
  const chunkEnd = chunk.offsetBytes + chunk.lengthBytes;
  if (
    chunk.offsetBytes !== transfer.nextBytes ||
    chunkEnd > promisedEnd(transfer) ||
    chunk.lengthBytes === 0 ||
    // The other piece's bytes may be somebody else's, who would be blamed for these.
    Math.floor(chunk.offsetBytes / PIECE_BYTES) !== Math.floor((chunkEnd - 1) / PIECE_BYTES)
  ) {
    expel(state, step, chunk.peer, "peer-garbage", "sent bytes that were not asked for");
    return;
  }
  if (holding.sizeBytes !== null && chunkEnd > holding.sizeBytes) {
    // It has another version, or lies: its list will tell, its bytes are of no use either way.
    state.counters.wastedBytes += chunk.lengthBytes;
    passOver(state, step, job, transfer);
    return;
  }
  transfer.nextBytes = chunkEnd;
  transfer.lastChunkAtMs = job.lastChunkAtMs = step.nowMs;
  partner.downloadedBytes += chunk.lengthBytes;
  release(partner, transfer, chunk.lengthBytes);
  keep(state, step, job, holding, chunk);
  endWhereDone(state, step, job, holding, transfer);
}

function passOver(state: State, step: Step, job: Job, transfer: Transfer): void {
  dropTransfer(state, job, transfer);
  send(step, transfer.peer, { type: "cancel", requestId: transfer.requestId });
  job.avoided.set(transfer.peer, Infinity);
  job.attentionMs = step.nowMs;
}

/** Writes the chunk unless its piece is proved already or the CDN is writing it: those bytes are never touched. */
function keep(state: State, step: Step, job: Job, holding: Holding, chunk: Chunk): void {
  const index = Math.floor(chunk.offsetBytes / PIECE_BYTES);
  const piece = state.inventory.pieceAt(holding, index);
  const pieceStart = index * PIECE_BYTES;
  const pieceEnd =
    pieceStart + (holding.sizeBytes === null ? PIECE_BYTES : pieceSizeOf(holding.sizeBytes, index));
  const isFree = piece?.state === "missing" && !cdnWrites(job, pieceStart, pieceEnd);
  if (piece !== null && isFree && chunk.offsetBytes === pieceStart) piece.writer = chunk.requestId;
  if (piece === null || !isFree || piece.writer !== chunk.requestId) {
    state.counters.wastedBytes += chunk.lengthBytes;
    return;
  }
  step.out.push({
    type: "write-chunk",
    segment: job.key,
    offsetBytes: chunk.offsetBytes,
    sizeBytes: holding.sizeBytes,
    data: chunk.data,
  });
  if (chunk.offsetBytes + chunk.lengthBytes < pieceEnd) return;
  piece.state = "received";
  piece.author = chunk.peer;
  piece.writer = null;
  provePiece(state, step, holding, index);
}

/** The CDN has reached this piece: a peer's bytes may not overwrite it. */
function cdnWrites({ fetch }: Job, pieceStart: number, pieceEnd: number): boolean {
  if (fetch === null) return false;
  return fetch.offsetBytes + fetch.receivedBytes > pieceStart && fetch.offsetBytes < pieceEnd;
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
  const partner = state.roster.partner(peer);
  dropTransfer(state, found.job, found.transfer);
  if (partner !== undefined) {
    if (reason === "not-held" || reason === "gone") {
      partner.held.delete(found.job.key);
      partner.arriving.delete(found.job.key);
    }
    if (reason === "upload-off" || reason === "choked") partner.choked = true;
  }
  found.job.avoided.set(peer, reason === "busy" ? step.nowMs + busyRestMs : Infinity);
  found.job.attentionMs = step.nowMs;
}

/** Passes over peers that fell silent; their pieces become free for others. */
export function dropSilent(state: State, step: Step, job: Job): void {
  for (const transfer of job.transfers.values()) {
    if (step.nowMs < silenceDeadline(state, job, transfer)) continue;
    dropTransfer(state, job, transfer);
    send(step, transfer.peer, { type: "cancel", requestId: transfer.requestId });
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
  // Several transfers that fall silent together are one silence.
  if (partner.restUntilMs > step.nowMs) return;
  partner.restUntilMs = step.nowMs + silentPeerRestMs;
  partner.silences += 1;
  if (partner.silences >= silencesMax) step.out.push({ type: "close-peer", peer, reason: "silent" });
}

export function silenceDeadline(state: State, job: Job, transfer: Transfer): number {
  const partner = state.roster.partner(transfer.peer);
  const whole = partner?.held.has(job.key) ?? false;
  return transfer.lastChunkAtMs + (whole ? transferSilenceMs : claimSilenceMs);
}
