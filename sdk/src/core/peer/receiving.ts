import { segmentKeyOf, setSizeOf } from "@tributary/protocol";
import type { PeerKey, PeerMessage, PeerMessageOf, SegmentId } from "@tributary/protocol";
import { expel } from "../integrity/blame.ts";
import { onHashes } from "../integrity/proving.ts";
import { busyRestMs, peerHoldingsMax } from "../limits.ts";
import { onReject } from "../request/downloading.ts";
import { opensRequest } from "../schedule/assigning.ts";
import type { State, Step } from "../state.ts";
import { tokensOf } from "./allowance.ts";
import type { Partner } from "./roster.ts";
import { acceptRequest } from "./uploading.ts";

type Control = Exclude<PeerMessage, { type: "piece" }>;

/** A neighbour said something that decodes. Nothing it can say may do more than change what it is thought to hold. */
export function onPeerMessage(state: State, step: Step, peer: PeerKey, message: Control): void {
  const partner = state.roster.partner(peer);
  if (partner === undefined) return;
  if (!partner.allowance.spend(tokensOf(message), step.nowMs)) {
    const last = message.type.toUpperCase().replace("-", "_");
    expel(state, step, peer, "peer-garbage", `sent more messages than anybody needs (the last one ${last})`);
    return;
  }
  switch (message.type) {
    case "bitfield":
      partner.position = message.position;
      partner.held.clear();
      gain(state, step, partner, message.segments);
      return;
    case "have":
      partner.position = message.position;
      gain(state, step, partner, message.added);
      for (const id of message.removed) lose(state, step, partner, id);
      return;
    case "progress":
      advance(state, step, partner, message);
      return;
    case "request":
      acceptRequest(state, step, peer, message);
      return;
    case "cancel":
      state.uploads.cancel(peer, message.requestId);
      return;
    case "reject":
      onReject(state, step, peer, message.requestId, message.reason);
      return;
    case "piece-hashes":
      onHashes(state, step, peer, message);
      return;
    case "choke":
      partner.choked = message.choked;
      if (!message.choked && partner.restUntilMs <= step.nowMs + busyRestMs) partner.restUntilMs = step.nowMs;
      step.piecesFree ||= !message.choked;
      for (const job of state.jobs.all()) job.attentionMs = step.nowMs;
      return;
    // Answered by the link itself, or kept for later parts of the protocol.
    case "hello":
    case "ping":
    case "pong":
    case "bye":
    case "peers":
    case "subscribe":
    case "receipt":
      return;
  }
}

function gain(state: State, step: Step, partner: Partner, segments: readonly SegmentId[]): void {
  for (const id of segments) {
    if (partner.held.size >= peerHoldingsMax) return;
    const key = segmentKeyOf(id);
    partner.held.add(key);
    partner.arriving.delete(key);
    step.piecesFree ||= opensRequest(state, step, partner, key, null);
  }
}

function lose(state: State, step: Step, partner: Partner, id: SegmentId): void {
  const key = segmentKeyOf(id);
  partner.held.delete(key);
  partner.arriving.delete(key);
  const job = state.jobs.get(key);
  if (job !== undefined) job.attentionMs = step.nowMs;
}

/** Only what is new keeps a claim alive: repeating itself costs a peer its credit. */
function advance(
  state: State,
  step: Step,
  partner: Partner,
  { segment, pieces }: PeerMessageOf<"progress">,
): void {
  const key = segmentKeyOf(segment);
  if (partner.held.has(key)) return;
  const known = partner.arriving.get(key);
  if (known === undefined) {
    if (partner.arriving.size >= peerHoldingsMax) return;
    partner.arriving.set(key, { pieces, gainedAtMs: step.nowMs });
  } else if (setSizeOf(pieces) > setSizeOf(known.pieces)) {
    known.pieces = pieces;
    known.gainedAtMs = step.nowMs;
  }
  step.piecesFree ||= opensRequest(state, step, partner, key, pieces);
}
