import {
  decodeCandidate,
  decodeDescription,
  encodeDescription,
  peerKeyOf,
  type ClientMessageOf,
  type Decoded,
} from "@tributary/protocol";
import type { Membership, Session } from "./model.ts";
import { candidateFault, type CandidateFault } from "./named-addresses.ts";
import type { Output } from "./outputs.ts";
import { refuse, refuseForRate } from "./refusals.ts";
import type { TrackerState } from "./state.ts";

/** Only pairs that the tracker introduced may signal: nobody can be reached by guessing ids. */
export function relaySignal(
  state: TrackerState,
  session: Session,
  { identity, membership }: { identity: { peer: Uint8Array }; membership: Membership },
  { peer, kind, body }: ClientMessageOf<"signal">,
  nowMs: number,
  out: Output[],
): void {
  const key = peerKeyOf(peer);
  const receiver = state.byPeer.get(key);
  if (receiver === undefined || !membership.introduced.has(receiver)) {
    refuse(state, session, "not-introduced", `${kind} for ${key}: not introduced, or gone`, nowMs, out);
    return;
  }
  const faults: CandidateFault[] = [];
  const isPassable = (line: string) => {
    const fault = candidateFault(state, session, line, nowMs);
    if (fault !== null) faults.push(fault);
    return fault === null;
  };
  const passable =
    kind === "candidate" ? passableCandidate(body, isPassable) : passableDescription(body, isPassable);
  if (!passable.ok) {
    refuse(state, session, "bad-message", `${kind}: ${passable.reason}`, nowMs, out);
    return;
  }
  state.counters.candidatesDropped += faults.length;
  if (faults.includes("malformed"))
    refuse(state, session, "bad-message", `${kind}: a candidate that is none, or names a host`, nowMs, out);
  if (faults.includes("too-often"))
    refuseForRate(state, session, "candidates name addresses that are not yours", nowMs, out);
  // Either may have cut the session.
  if (passable.value === null || !state.sessions.has(session.id)) return;
  state.counters.signalsRelayed++;
  out.push({
    type: "send",
    session: receiver.id,
    message: { type: "signal", peer: identity.peer, kind, body: passable.value },
  });
}

/** Null where nothing is left to pass on. */
function passableCandidate(
  body: Uint8Array,
  isPassable: (line: string) => boolean,
): Decoded<Uint8Array | null> {
  const decoded = decodeCandidate(body);
  return decoded.ok ? { ok: true, value: isPassable(decoded.value.candidate) ? body : null } : decoded;
}

/** A description is worth passing on without any candidate: those that trickle follow. */
function passableDescription(body: Uint8Array, isPassable: (line: string) => boolean): Decoded<Uint8Array> {
  const decoded = decodeDescription(body);
  if (!decoded.ok) return decoded;
  const candidates = decoded.value.candidates.filter(isPassable);
  const isWhole = candidates.length === decoded.value.candidates.length;
  return { ok: true, value: isWhole ? body : encodeDescription({ ...decoded.value, candidates }) };
}
