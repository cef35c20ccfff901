import type { PeerKey, SignalKind } from "@tributary/protocol";
import type { Clock } from "../../driver-contract.ts";

export interface HeldSignal {
  readonly peer: PeerKey;
  readonly kind: SignalKind;
  readonly body: Uint8Array;
}

/** Signals that came before they may be acted upon. */
export interface HeldSignals {
  hold(peer: PeerKey, kind: SignalKind, body: Uint8Array): void;
  /** In the order of their arrival; what is too old for its sender to be still waiting is dropped. */
  release(): HeldSignal[];
}

const heldMax = 256;
/** The offerer gives up after 10 s. */
const freshMs = 8_000;

export function createHeldSignals(clock: Clock): HeldSignals {
  let held: (HeldSignal & { readonly atMs: number })[] = [];
  const fresh = () => held.filter(({ atMs }) => clock.now() - atMs < freshMs);
  return {
    hold(peer, kind, body) {
      if (held.length >= heldMax) held = fresh();
      if (held.length < heldMax) held.push({ peer, kind, body, atMs: clock.now() });
    },
    release() {
      const released = fresh();
      held = [];
      return released;
    },
  };
}
