import { PROTOCOL_VERSION, peerKeyOf, type ClientMessageOf } from "@tributary/protocol";
import { credit } from "./accounting/credit.ts";
import { isBanned, sweepBans } from "./bans.ts";
import { isLoopback, networkOf, parseAddress, subscriberOf } from "./address.ts";
import type { HelloVerdict } from "./inputs.ts";
import * as limits from "./limits.ts";
import type { AddressState, Identity, Session, SessionId } from "./model.ts";
import { sweepRestingRoots } from "./resting-roots.ts";
import { sweepNamedAddresses } from "./named-addresses.ts";
import type { Output } from "./outputs.ts";
import { cut, hangUp, refuseForRate } from "./refusals.ts";
import type { TrackerState } from "./state.ts";
import { fullBucket, isFull, takeTokens } from "./token-bucket.ts";

export function openSession(
  state: TrackerState,
  id: SessionId,
  addressText: string,
  nonce: Uint8Array,
  nowMs: number,
  out: Output[],
): void {
  const bytes = parseAddress(addressText);
  const address = bytes === null ? addressText : subscriberOf(bytes);
  const session: Session = {
    id,
    address,
    // An address that does not parse is a network of its own.
    network: bytes === null ? addressText : isLoopback(bytes) ? null : networkOf(bytes),
    openedAtMs: nowMs,
    heardAtMs: nowMs,
    state: { kind: "awaiting-hello", nonce },
    messages: fullBucket(limits.sessionMessages, nowMs),
    bytes: fullBucket(limits.sessionBytes, nowMs),
    refusals: fullBucket(limits.sessionRefusals, nowMs),
    rootAsks: fullBucket(limits.sessionRootAsks, nowMs),
    statements: fullBucket(limits.sessionStatements, nowMs),
    statementsPending: 0,
    badMessageCount: 0,
    reportCount: 0,
    accusers: new Set(),
    rateToldAtMs: Number.NEGATIVE_INFINITY,
    named: new Set(),
    originsTold: new Set(),
  };
  state.sessions.set(id, session);
  state.counters.sessionsOpened++;
  const ofAddress = addressState(state, address, nowMs);
  ofAddress.sessionCount++;
  out.push({
    type: "send",
    session: id,
    message: {
      type: "nonce",
      version: PROTOCOL_VERSION,
      minVersion: PROTOCOL_VERSION,
      trackerId: state.config.trackerId,
      nonce,
    },
  });
  if (state.shuttingDown) {
    cut(state, session, "shutting-down", "the tracker is shutting down", out);
  } else if (session.network !== null) {
    if (ofAddress.sessionCount > limits.addressConnectionsMax) {
      const text = `more than ${limits.addressConnectionsMax} connections from ${address}`;
      cut(state, session, "rate-limited", text, out);
    } else if (!takeTokens(ofAddress.connects, limits.addressConnects, 1, nowMs)) {
      cut(state, session, "rate-limited", `too many new connections from ${address}`, out);
    }
  }
}

function addressState(state: TrackerState, address: string, nowMs: number): AddressState {
  let found = state.addresses.get(address);
  if (found === undefined) {
    found = {
      sessionCount: 0,
      connects: fullBucket(limits.addressConnects, nowMs),
      messages: fullBucket(limits.addressMessages, nowMs),
      bytes: fullBucket(limits.addressBytes, nowMs),
      conflicts: fullBucket(limits.addressConflicts, nowMs),
    };
    state.addresses.set(address, found);
  }
  return found;
}

/** Counts an incoming message; false where it is one too many and must not be looked at. */
export function withinRate(
  state: TrackerState,
  session: Session,
  sizeBytes: number,
  nowMs: number,
  out: Output[],
): boolean {
  session.heardAtMs = nowMs;
  state.counters.messagesIn++;
  state.counters.bytesIn += sizeBytes;
  const excess = excessOf(state, session, sizeBytes, nowMs);
  if (excess !== null) refuseForRate(state, session, excess, nowMs, out);
  return excess === null;
}

/** Which limit this message breaks, in words. */
function excessOf(state: TrackerState, session: Session, sizeBytes: number, nowMs: number): string | null {
  if (!takeTokens(session.messages, limits.sessionMessages, 1, nowMs))
    return `more than ${limits.sessionMessages.perSecond} messages a second`;
  if (!takeTokens(session.bytes, limits.sessionBytes, sizeBytes, nowMs))
    return `more than ${limits.sessionBytes.perSecond} bytes a second`;
  return session.network === null ? null : excessOfAddress(state, session.address, sizeBytes, nowMs);
}

function excessOfAddress(
  state: TrackerState,
  address: string,
  sizeBytes: number,
  nowMs: number,
): string | null {
  const of = addressState(state, address, nowMs);
  if (!takeTokens(of.messages, limits.addressMessages, 1, nowMs))
    return `more than ${limits.addressMessages.perSecond} messages a second from ${address}`;
  if (!takeTokens(of.bytes, limits.addressBytes, sizeBytes, nowMs))
    return `more than ${limits.addressBytes.perSecond} bytes a second from ${address}`;
  return null;
}

/** The same for a request by HTTP; loopback is bound by no limit there either. */
export function excessOfPost(
  state: TrackerState,
  addressText: string,
  sizeBytes: number,
  nowMs: number,
): string | null {
  const bytes = parseAddress(addressText);
  if (bytes !== null && isLoopback(bytes)) return null;
  return excessOfAddress(state, bytes === null ? addressText : subscriberOf(bytes), sizeBytes, nowMs);
}

export function refuseVersion(state: TrackerState, session: Session, version: number, out: Output[]): void {
  const text = `this tracker speaks version ${PROTOCOL_VERSION}, the client version ${version}`;
  cut(state, session, "version", text, out);
}

export function receiveHello(
  state: TrackerState,
  session: Session,
  nonce: Uint8Array,
  hello: ClientMessageOf<"hello">,
  out: Output[],
): void {
  if (hello.version !== PROTOCOL_VERSION) {
    refuseVersion(state, session, hello.version, out);
    return;
  }
  session.state = { kind: "checking-hello", sessionKey: hello.sessionKey };
  out.push({ type: "check-hello", session: session.id, nonce, hello });
}

export function finishHello(
  state: TrackerState,
  session: Session,
  sessionKey: Uint8Array,
  verdict: HelloVerdict,
  nowMs: number,
  out: Output[],
): void {
  if (verdict.kind === "refused") {
    cut(state, session, verdict.code, verdict.reason, out);
    return;
  }
  const { open, verifier, iceServersFor } = state.config;
  const admission = (verdict.kind === "signed" ? verdict.admission : null) ?? null;
  if (verdict.kind === "unsigned" && !open) {
    cut(state, session, "bad-signature", "HELLO is not signed, and this tracker is not open", out);
    return;
  }
  if (admission === null && !open) {
    const text = "no token: viewers need one from their publisher here (to admit everybody, run with --open)";
    cut(state, session, "not-admitted", text, out);
    return;
  }
  const key = peerKeyOf(verdict.peer);
  const signed = verdict.kind === "signed";
  const identity: Identity = { peer: verdict.peer, key, sessionKey, signed, admission };
  if (isBanned(state, key, nowMs)) {
    cut(state, session, "banned", "several viewers reported false bytes of this key; come back later", out);
    return;
  }
  const previous = state.byPeer.get(key);
  if (previous !== undefined) {
    // A client that lost its connection comes back before the old socket times out. The key of an unsigned
    // session is no secret to its partners, so that one is replaced only from where it came.
    if (!identity.signed && (isSigned(previous) || previous.address !== session.address)) {
      cut(state, session, "bad-signature", "another session uses this key; sign HELLO to replace it", out);
      return;
    }
    cut(state, previous, "not-admitted", "the same session key connected again", out);
  }
  session.state = { kind: "admitted", identity };
  state.byPeer.set(key, session);
  out.push({
    type: "send",
    session: session.id,
    message: {
      type: "welcome",
      peer: identity.peer,
      timeMs: Math.floor(nowMs),
      p2pAllowed: true,
      verifier,
      announceIntervalMs: limits.announceIntervalMs,
      iceServers: iceServersFor(key, nowMs),
      resumeTicket: admission?.resumeTicket ?? new Uint8Array(0),
      variant: "",
    },
  });
  if (verdict.kind === "signed" && verdict.delegation !== undefined)
    credit(state, session, identity, verdict.delegation, nowMs, out);
}

function isSigned({ state }: Session): boolean {
  return "identity" in state && state.identity.signed;
}

/** Hangs up on whoever is silent, and forgets addresses that nothing is known of but full buckets. */
export function sweepSessions(state: TrackerState, nowMs: number, out: Output[]): void {
  for (const session of state.sessions.values()) {
    const waiting = session.state.kind === "awaiting-hello" || session.state.kind === "checking-hello";
    if (waiting && nowMs - session.openedAtMs >= limits.helloTimeoutMs)
      hangUp(state, session, `no HELLO within ${limits.helloTimeoutMs / 1000} s`, out);
    else if (nowMs - session.heardAtMs >= limits.silentTimeoutMs)
      hangUp(state, session, `silent for ${limits.silentTimeoutMs / 1000} s; send PING`, out);
  }
  sweepNamedAddresses(state, nowMs);
  sweepBans(state, nowMs);
  sweepRestingRoots(state, nowMs);
  for (const [address, of] of state.addresses) {
    const idle =
      of.sessionCount === 0 &&
      isFull(of.connects, limits.addressConnects, nowMs) &&
      isFull(of.messages, limits.addressMessages, nowMs) &&
      isFull(of.bytes, limits.addressBytes, nowMs) &&
      isFull(of.conflicts, limits.addressConflicts, nowMs);
    if (idle) state.addresses.delete(address);
  }
}
