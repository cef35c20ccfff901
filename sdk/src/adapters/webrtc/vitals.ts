/** An ICE check round on a LAN takes well under a second; beyond this a NAT is in the way. */
const handshakeMaxMs = 10_000;
/** A connection says "disconnected" during short radio gaps too, and recovers from most of them within this. */
const graceMs = 3_000;
const silenceBeforePingMs = 2_000;
const pingTimeoutMs = 3_000;
/** Busy links are pinged too, for their round-trip time. */
const pingEveryMs = 5_000;

export type Verdict =
  | { readonly kind: "fine" }
  | { readonly kind: "ping"; readonly nonce: number }
  | { readonly kind: "dead"; readonly reason: string };

/** Signs of life of one link, judged whenever somebody looks at the clock. */
export interface Vitals {
  opened(nowMs: number): void;
  heard(nowMs: number): void;
  state(state: RTCPeerConnectionState, nowMs: number): void;
  pong(nonce: number, nowMs: number): void;
  rttMs(): number | null;
  check(nowMs: number): Verdict;
  forgive(nowMs: number): void;
}

export function createVitals(createdAtMs: number): Vitals {
  let handshakeSinceMs: number | null = createdAtMs;
  let heardAtMs = createdAtMs;
  let disconnectedAtMs: number | null = null;
  let pingedAtMs = createdAtMs;
  let ping: { readonly nonce: number; readonly sentAtMs: number } | null = null;
  let nextNonce = 1;
  let rttMs: number | null = null;

  return {
    opened(nowMs) {
      handshakeSinceMs = null;
      heardAtMs = nowMs;
      // The first PING goes out with the first check: a fresh link has no round-trip time yet.
      pingedAtMs = nowMs - pingEveryMs;
    },
    heard: (nowMs) => void (heardAtMs = nowMs),
    state(state, nowMs) {
      disconnectedAtMs = state === "disconnected" ? (disconnectedAtMs ?? nowMs) : null;
    },
    pong(nonce, nowMs) {
      if (ping?.nonce !== nonce) return;
      rttMs = nowMs - ping.sentAtMs;
      ping = null;
    },
    rttMs: () => rttMs,
    check(nowMs) {
      if (handshakeSinceMs !== null) {
        const late = nowMs - handshakeSinceMs > handshakeMaxMs;
        return late
          ? { kind: "dead", reason: `not connected within ${handshakeMaxMs / 1000} s` }
          : { kind: "fine" };
      }
      if (disconnectedAtMs !== null && nowMs - disconnectedAtMs > graceMs) {
        return { kind: "dead", reason: "the connection was lost" };
      }
      if (ping !== null && nowMs - ping.sentAtMs > pingTimeoutMs) {
        if (heardAtMs < ping.sentAtMs) return { kind: "dead", reason: "no answer to PING" };
        ping = null;
      }
      if (ping !== null) return { kind: "fine" };
      if (nowMs - heardAtMs < silenceBeforePingMs && nowMs - pingedAtMs < pingEveryMs)
        return { kind: "fine" };
      pingedAtMs = nowMs;
      ping = { nonce: nextNonce++, sentAtMs: nowMs };
      return { kind: "ping", nonce: ping.nonce };
    },
    forgive(nowMs) {
      if (handshakeSinceMs !== null) handshakeSinceMs = nowMs;
      if (disconnectedAtMs !== null) disconnectedAtMs = nowMs;
      heardAtMs = nowMs;
      ping = null;
    },
  };
}
