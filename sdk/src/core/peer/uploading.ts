import { CHUNK_BYTES, PIECE_BYTES } from "@tributary/protocol";
import type { PeerKey, PeerMessage, SegmentKey } from "@tributary/protocol";
import { segmentKeyOf } from "@tributary/protocol";
import type { Input } from "../inputs.ts";
import {
  calledMaxMs,
  callAtMs,
  channelStuckMs,
  giveWayMs,
  leadPerClassMs,
  uploadQueueMaxMs,
  uploadsPerPeerMax,
} from "../limits.ts";
import { send, type State, type Step } from "../state.ts";
import { isServable, type Holding } from "../store/inventory.ts";
import type { Partner } from "./roster.ts";
import {
  channelMostBytes,
  givesWay,
  isSlow,
  isTooNarrow,
  pieceMs,
  uploadRateBps,
  uploadWindowBytes,
} from "./uplink-room.ts";
import type { Upload } from "./uploads.ts";

type UploadPolicy = Extract<Input, { type: "upload-policy" }>;
type Request = Extract<PeerMessage, { type: "request" }>;
type RejectReason = Extract<PeerMessage, { type: "reject" }>["reason"];

/** Takes a neighbour's request into the queue, or refuses it at once with the reason. */
export function acceptRequest(state: State, step: Step, peer: PeerKey, request: Request): void {
  const segment = segmentKeyOf(request.segment);
  const holding = state.inventory.get(segment);
  const nextBytes = request.firstPiece * PIECE_BYTES;
  const endBytes = endOf(request, holding);
  const refusal = refusalOf(state, step, peer, request, holding, endBytes - nextBytes);
  state.uploads.called.delete(peer);
  if (refusal === "busy") state.uploads.refused.set(peer, step.nowMs + request.deadlineMs);
  if (refusal !== null) {
    send(step, peer, { type: "reject", requestId: request.requestId, reason: refusal });
    return;
  }
  if (request.wantsList) owesList(state, segment, peer);
  const deadlineMs = step.nowMs + request.deadlineMs - leadMs(state, peer);
  state.uploads.add({ peer, requestId: request.requestId, segment, nextBytes, endBytes, deadlineMs });
  pump(state, step);
}

/** Who can pass a piece on to many is served as if it needed it sooner. */
function leadMs(state: State, peer: PeerKey): number {
  return leadPerClassMs * (state.roster.partner(peer)?.position?.uplinkClass ?? 0);
}

function endOf({ firstPiece, pieceCount }: Request, holding: Holding | undefined): number {
  const endBytes = pieceCount === 0 ? Infinity : (firstPiece + pieceCount) * PIECE_BYTES;
  return Math.min(endBytes, holding?.sizeBytes ?? 0);
}

function refusalOf(
  state: State,
  step: Step,
  peer: PeerKey,
  request: Request,
  holding: Holding | undefined,
  lengthBytes: number,
): RejectReason | null {
  const { session, uploads } = state;
  if (session.paused || !session.p2pAllowed || isUploadOff(state)) return "upload-off";
  if (state.debtors.has(peer)) return "choked";
  const firstBytes = request.firstPiece * PIECE_BYTES;
  if (holding === undefined || lengthBytes <= 0) return "not-held";
  if (!isServable(holding, firstBytes, firstBytes + lengthBytes)) return "not-held";
  if (uploads.countOf(peer) >= uploadsPerPeerMax) return "busy";
  const queueMs = queueMsOf(state, step);
  if (queueMs > uploadQueueMaxMs || givesWay(state, step) || isTooNarrow(state, step)) return "busy";
  return queueMs + (lengthBytes * 8000) / uploadRateBps(state) > request.deadlineMs ? "too-late" : null;
}

/** The viewer, or its link, gives nothing, or has given what a day may cost; or it may be of another title. */
export function isUploadOff({ session, counters, roots }: State): boolean {
  return !session.uploadAllowed || counters.uploadedBytes >= session.uploadMaxBytes || roots.disputed();
}

/** What this viewer may upload has changed. */
export function onUploadPolicy(state: State, step: Step, policy: UploadPolicy): void {
  const { session, uploads } = state;
  const wasOff = isUploadOff(state);
  session.uploadAllowed = policy.allowed;
  session.uploadMaxBytes = policy.maxBytes;
  uploads.limit(policy.maxBps, step.nowMs);
  if (wasOff) tellUploadOn(state, step);
}

/** Neighbours that were refused ask again, if there is no reason left to refuse them. */
export function tellUploadOn(state: State, step: Step): void {
  if (isUploadOff(state)) return;
  for (const { peer } of state.roster.partners())
    if (!state.debtors.has(peer)) send(step, peer, { type: "choke", choked: false });
}

/** Who owes receipts is given nothing more, nor what it asked for before: with a long queue that would be much. */
export function onCredit(state: State, step: Step, peer: PeerKey, good: boolean): void {
  const { debtors, uploads } = state;
  if (good) debtors.delete(peer);
  else debtors.add(peer);
  send(step, peer, { type: "choke", choked: !good });
  if (good) return;
  const waiting = uploads.byDeadline().filter((upload) => upload.peer === peer);
  uploads.removePeer(peer);
  for (const { requestId } of waiting) send(step, peer, { type: "reject", requestId, reason: "choked" });
  pump(state, step);
}

function owesList(state: State, segment: SegmentKey, peer: PeerKey): void {
  const owed = state.uploads.listOwed.get(segment) ?? new Set();
  owed.add(peer);
  state.uploads.listOwed.set(segment, owed);
}

/** A neighbour's channel has room again. */
export function onBuffered(state: State, step: Step, partner: Partner, bufferedBytes: number): void {
  const drainedBytes = partner.bufferedBytes - bufferedBytes;
  partner.bufferedBytes = bufferedBytes;
  if (drainedBytes > 0) {
    partner.drainedAtMs = step.nowMs;
    state.uplink.drained(drainedBytes, inFlightBytes(state, step), step.nowMs);
  }
  pump(state, step);
}

/**
 * Sends what can be sent now: lists first, then media, the earliest deadline first. All channels together hold only
 * what the uplink carries in a moment, so that a request that comes later and is more urgent can still go before.
 */
export function pump(state: State, step: Step): void {
  sendOwedLists(state, step);
  const { uploads } = state;
  if (isTooNarrow(state, step)) return refuseAll(state, step);
  if (givesWay(state, step)) {
    uploads.hold(step.nowMs + giveWayMs);
    return;
  }
  callRefused(state, step);
  if (uploads.byDeadline().length === 0) return;
  const windowBytes = uploadWindowBytes(state);
  let inFlight = inFlightBytes(state, step);
  // What is left then waits for channels to drain, or to be found stuck.
  uploads.hold(step.nowMs + channelStuckMs);
  for (const upload of uploads.byDeadline()) {
    if (inFlight >= windowBytes) return;
    inFlight += advance(state, step, upload, windowBytes - inFlight);
  }
}

/** There is room again: those whose deadlines are next may ask, one for each piece that there is room for. */
function callRefused(state: State, step: Step): void {
  const { refused, called } = state.uploads;
  if (refused.size === 0) return;
  for (const [peer, atMs] of called) if (step.nowMs - atMs > calledMaxMs) called.delete(peer);
  let queueMs = queueMsOf(state, step) + called.size * pieceMs(state);
  while (refused.size > 0 && queueMs < callAtMs) {
    let [next, nextMs]: [PeerKey | null, number] = [null, Infinity];
    for (const [peer, deadlineMs] of refused) {
      const rankMs = deadlineMs - leadMs(state, peer);
      if (deadlineMs < step.nowMs) refused.delete(peer);
      else if (rankMs < nextMs) [next, nextMs] = [peer, rankMs];
    }
    if (next === null) return;
    refused.delete(next);
    called.set(next, step.nowMs);
    send(step, next, { type: "choke", choked: false });
    queueMs += pieceMs(state);
  }
}

/** How long what is queued and under way takes. */
function queueMsOf(state: State, step: Step): number {
  return ((state.uploads.queuedBytes() + inFlightBytes(state, step)) * 8000) / uploadRateBps(state);
}

/** What the channels hold, but for those whose other end takes nothing: these do not use the uplink. */
function inFlightBytes(state: State, { nowMs }: Step): number {
  let bytes = 0;
  for (const partner of state.roster.partners()) if (!isStuck(partner, nowMs)) bytes += partner.bufferedBytes;
  return bytes;
}

function isStuck({ bufferedBytes, drainedAtMs }: Partner, nowMs: number): boolean {
  return bufferedBytes > 0 && nowMs - drainedAtMs >= channelStuckMs;
}

function refuseAll({ uploads }: State, step: Step): void {
  for (const upload of uploads.byDeadline()) {
    uploads.remove(upload);
    send(step, upload.peer, { type: "reject", requestId: upload.requestId, reason: "busy" });
  }
}

function sendOwedLists(state: State, step: Step): void {
  for (const [segment, owed] of state.uploads.listOwed) {
    const holding = state.inventory.get(segment);
    if (holding === undefined || holding.list === "none" || holding.quarantined) continue;
    for (const peer of owed) step.out.push({ type: "send-hashes", peer, segment });
    state.uploads.listOwed.delete(segment);
  }
}

/** @returns the bytes that were given to the channel */
function advance(state: State, step: Step, upload: Upload, roomBytes: number): number {
  const partner = state.roster.partner(upload.peer);
  const holding = state.inventory.get(upload.segment);
  if (partner === undefined || holding === undefined) {
    state.uploads.remove(upload);
    return 0;
  }
  let sentBytes = 0;
  while (upload.nextBytes < upload.endBytes && sentBytes < roomBytes) {
    if (partner.bufferedBytes >= channelMostBytes(state) || isStuck(partner, step.nowMs)) break;
    // Never across the border of a piece: a chunk belongs to one piece for the other side.
    const toBorder = PIECE_BYTES - (upload.nextBytes % PIECE_BYTES);
    const mostBytes = isSlow(state) ? CHUNK_BYTES : PIECE_BYTES;
    const lengthBytes = Math.min(upload.endBytes - upload.nextBytes, toBorder, mostBytes);
    if (!state.uploads.spend(lengthBytes, step.nowMs)) break;
    if (partner.bufferedBytes === 0) partner.drainedAtMs = step.nowMs;
    step.out.push({
      type: "send-piece",
      peer: upload.peer,
      requestId: upload.requestId,
      segment: upload.segment,
      offsetBytes: upload.nextBytes,
      lengthBytes,
    });
    state.uplink.filled(step.nowMs);
    holding.lastUsedMs = step.nowMs;
    state.uploads.sent(upload, lengthBytes);
    sentBytes += lengthBytes;
    partner.bufferedBytes += lengthBytes;
    partner.uploadedBytes += lengthBytes;
    state.counters.uploadedBytes += lengthBytes;
  }
  if (upload.nextBytes >= upload.endBytes) state.uploads.remove(upload);
  return sentBytes;
}

/** The segment will not be had here after all: whoever waits for it is told at once. */
export function refuseWaiting(state: State, step: Step, segment: SegmentKey): void {
  for (const upload of state.uploads.of(segment)) {
    state.uploads.remove(upload);
    send(step, upload.peer, { type: "reject", requestId: upload.requestId, reason: "gone" });
  }
  state.uploads.listOwed.delete(segment);
}
