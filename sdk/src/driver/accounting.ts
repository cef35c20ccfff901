import { sha256 } from "@noble/hashes/sha2.js";
import { decodeBase64Url, HASH_BYTES, type PeerKey } from "@tributary/protocol";
import { type Identity, verifySignature } from "../adapters/crypto/identity.ts";
import {
  createAccounts,
  type AccountsInput,
  type AccountsOutput,
  type Output,
  type ReceiptNews,
  type TrustedRoot,
} from "../core/index.ts";
import type { Clock } from "../driver-contract.ts";

export interface AccountingEnvironment {
  readonly clock: Clock;
  readonly subtle: SubtleCrypto;
  readonly identity: Identity;
  cdnBytes(): number;
  rootOf(segment: Extract<Output, { type: "send-piece" }>["segment"]): TrustedRoot | null;
  giveReceipt(peer: PeerKey, bytes: Uint8Array): void;
  sendStatement(sealed: Uint8Array): void;
  /** Sends bytes while the page closes. */
  readonly beacon: ((url: string, bytes: Uint8Array) => void) | null;
  credit(peer: PeerKey, good: boolean): void;
  tell(news: ReceiptNews): void;
}

/** Runs the accounts beside the engine: what they ask for is done in the background, and nobody waits for it. */
export interface Accounting {
  feed(input: AccountsInput): void;
  proved(output: Extract<Output, { type: "piece-proved" }>): void;
  sent(output: Extract<Output, { type: "send-piece" }>): void;
  /** What the tracker at this URL may not know yet goes out beside its socket, which closes now. Null: none is there. */
  lastWords(trackerUrl: string | null): void;
  destroy(): void;
}

export function createAccounting(environment: AccountingEnvironment): Accounting {
  const { clock, subtle, identity } = environment;
  const accounts = createAccounts({
    sessionKey: identity.sessionKey,
    sha256,
    cdnBytes: () => environment.cdnBytes(),
  });
  let armed: { readonly atMs: number; readonly callOff: () => void } | null = null;
  let over = false;

  function feed(input: AccountsInput): void {
    if (over) return;
    const out: AccountsOutput[] = [];
    accounts.handle(input, clock.now(), out);
    out.forEach(perform);
    const atMs = accounts.nextDeadlineMs();
    if (atMs === null || (armed !== null && armed.atMs <= atMs)) return;
    armed?.callOff();
    const callOff = clock.after(Math.max(1, atMs - clock.now()), () => {
      armed = null;
      feed({ type: "tick" });
    });
    armed = { atMs, callOff };
  }

  function perform(output: AccountsOutput): void {
    switch (output.type) {
      case "sign": {
        const { job, preimage } = output;
        return void identity.sign(preimage).then((signature) => feed({ type: "signed", job, signature }));
      }
      case "verify": {
        const { job, key, signature, preimage } = output;
        return void verifySignature(subtle, key, signature, preimage).then((verdict) =>
          feed({ type: "verified", job, valid: verdict === "valid" }),
        );
      }
      case "give-receipt":
        return environment.giveReceipt(output.peer, output.bytes);
      case "state":
        return environment.sendStatement(output.bytes);
      case "credit":
        return environment.credit(output.peer, output.good);
      case "event":
        return environment.tell(output.event);
    }
  }

  return {
    feed,
    proved({ peer, segment, root, bytes, complete }) {
      feed({ type: "proved", peer, segment, root: rootBytes(root), bytes, complete });
    },
    sent({ peer, segment, lengthBytes }) {
      const root = environment.rootOf(segment);
      feed({
        type: "sent",
        peer,
        segment,
        root: root && rootBytes(root),
        bytes: lengthBytes,
        segmentBytes: root?.sizeBytes ?? 0,
      });
    },
    lastWords(trackerUrl) {
      if (trackerUrl === null) return;
      const url = `${trackerUrl.replace(/^ws/, "http").replace(/\/?([?#].*)?$/, "")}/statement`;
      for (const sealed of accounts.lastWords()) environment.beacon?.(url, sealed);
    },
    destroy() {
      over = true;
      armed?.callOff();
    },
  };
}

/** Playlists are read with care: a trusted root is well-formed. */
const rootBytes = ({ hash }: TrustedRoot) => decodeBase64Url(hash) ?? new Uint8Array(HASH_BYTES);
