import type { PeerKey } from "@tributary/protocol";
import { dropTransfersOf } from "../request/transfers.ts";
import { warn, type State, type Step } from "../state.ts";

/** A peer that broke the protocol or lied is gone at once and for good; what it sent and nobody proved is too. */
export function expel(
  state: State,
  step: Step,
  peer: PeerKey,
  code: "peer-garbage" | "peer-lied" | "peer-banned",
  what: string,
): void {
  forgetUnproved(state, peer);
  dropTransfersOf(state, step, peer);
  state.uploads.removePeer(peer);
  const wasPartner = state.roster.partner(peer) !== undefined;
  state.roster.ban(peer);
  step.out.push({ type: "close-peer", peer, reason: code });
  if (code === "peer-lied") step.out.push({ type: "report-peer", peer });
  if (wasPartner)
    step.out.push({ type: "event", event: { type: "peer", peer, state: "closed", reason: code } });
  warn(step, code, `Peer ${peer.slice(0, 8)} ${what}; it was disconnected.`);
}

/** Only pieces that matched the list outlive their author. */
export function forgetUnproved(state: State, peer: PeerKey): void {
  for (const job of state.jobs.all()) {
    for (const piece of state.inventory.get(job.key)?.pieces ?? []) {
      if (piece.author !== peer || piece.state === "verified") continue;
      piece.state = "missing";
      piece.author = null;
      piece.writer = null;
    }
  }
}
