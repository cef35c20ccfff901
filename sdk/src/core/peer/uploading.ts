import { MAX_SEGMENT_BYTES, PIECE_BYTES } from "@tributary/protocol";
import type { PeerKey, PeerMessage, SegmentKey } from "@tributary/protocol";
import { segmentKeyOf } from "@tributary/protocol";
import { channelHighWaterBytes, uploadsPerPeerMax } from "../limits.ts";
import { send, type State, type Step } from "../state.ts";
import { servableEnd } from "../store/inventory.ts";
import { isOffered } from "./announcing.ts";
import type { Upload } from "./uploads.ts";

type Request = Extract<PeerMessage, { type: "request" }>;
type RejectReason = Extract<PeerMessage, { type: "reject" }>["reason"];

/** Takes a neighbour's request into the queue, or refuses it at once with the reason. */
export function acceptRequest(state: State, step: Step, peer: PeerKey, request: Request): void {
  const refusal = refusalOf(state, peer, request);
  if (refusal !== null) {
    send(step, peer, { type: "reject", requestId: request.requestId, reason: refusal });
    return;
  }
  const segment = segmentKeyOf(request.segment);
  const holding = state.inventory.get(segment)!;
  owesList(state, segment, peer);
  const firstBytes = request.firstPiece * PIECE_BYTES;
  const endBytes = request.pieceCount === 0 ? null : firstBytes + request.pieceCount * PIECE_BYTES;
  state.uploads.add({
    peer,
    requestId: request.requestId,
    segment,
    nextBytes: firstBytes,
    endBytes: holding.sizeBytes === null ? endBytes : Math.min(endBytes ?? Infinity, holding.sizeBytes),
    deadlineMs: step.nowMs + request.deadlineMs,
  });
  pump(state, step);
}

function refusalOf(state: State, peer: PeerKey, request: Request): RejectReason | null {
  const { session } = state;
  if (!session.uploadAllowed || session.paused || !session.p2pAllowed) return "upload-off";
  if (state.counters.uploadedBytes >= session.uploadMaxBytesPerDay) return "upload-off";
  if (state.debtors.has(peer)) return "choked";
  const key = segmentKeyOf(request.segment);
  const holding = state.inventory.get(key);
  if (holding === undefined || holding.quarantined) return "not-held";
  if ((holding.sizeBytes ?? 0) > MAX_SEGMENT_BYTES) return "not-held";
  if (!isOffered(holding) && !state.jobs.get(key) && !holding.complete) return "not-held";
  if (holding.sizeBytes !== null && request.firstPiece * PIECE_BYTES >= holding.sizeBytes) return "not-held";
  if (state.uploads.countOf(peer) >= uploadsPerPeerMax) return "busy";
  return null;
}

function owesList(state: State, segment: SegmentKey, peer: PeerKey): void {
  const owed = state.uploads.listOwed.get(segment) ?? new Set();
  owed.add(peer);
  state.uploads.listOwed.set(segment, owed);
}

/** Sends what can be sent now: lists first, then media in deadline order while channels have room. */
export function pump(state: State, step: Step): void {
  sendOwedLists(state, step);
  for (const upload of [...state.uploads.byDeadline()]) advance(state, step, upload);
}

function sendOwedLists(state: State, step: Step): void {
  for (const [segment, owed] of state.uploads.listOwed) {
    const holding = state.inventory.get(segment);
    if (holding === undefined || holding.list === "none" || holding.quarantined) continue;
    for (const peer of owed) step.out.push({ type: "send-hashes", peer, segment });
    state.uploads.listOwed.delete(segment);
  }
}

function advance(state: State, step: Step, upload: Upload): void {
  const partner = state.roster.partner(upload.peer);
  const holding = state.inventory.get(upload.segment);
  if (partner === undefined || holding === undefined) {
    state.uploads.remove(upload);
    return;
  }
  if (holding.sizeBytes !== null) upload.endBytes = Math.min(upload.endBytes ?? Infinity, holding.sizeBytes);
  while (partner.bufferedBytes < channelHighWaterBytes) {
    const available = Math.min(servableEnd(holding, upload.nextBytes), upload.endBytes ?? Infinity);
    // Never across the border of a piece: a chunk belongs to one piece for the other side.
    const toBorder = PIECE_BYTES - (upload.nextBytes % PIECE_BYTES);
    const lengthBytes = Math.min(available - upload.nextBytes, toBorder);
    if (lengthBytes <= 0 || !state.uploads.spend(lengthBytes, step.nowMs)) break;
    step.out.push({
      type: "send-piece",
      peer: upload.peer,
      requestId: upload.requestId,
      segment: upload.segment,
      offsetBytes: upload.nextBytes,
      lengthBytes,
    });
    holding.lastUsedMs = step.nowMs;
    upload.nextBytes += lengthBytes;
    partner.bufferedBytes += lengthBytes;
    partner.uploadedBytes += lengthBytes;
    state.counters.uploadedBytes += lengthBytes;
  }
  if (upload.endBytes !== null && upload.nextBytes >= upload.endBytes) state.uploads.remove(upload);
}

/** The segment will not be had here after all: whoever waits for it is told at once. */
export function refuseWaiting(state: State, step: Step, segment: SegmentKey): void {
  for (const upload of state.uploads.of(segment)) {
    state.uploads.remove(upload);
    send(step, upload.peer, { type: "reject", requestId: upload.requestId, reason: "gone" });
  }
  state.uploads.listOwed.delete(segment);
}
