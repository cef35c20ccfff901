import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import {
  encodeHex,
  type Grant,
  grantMessage,
  type PeerKey,
  type SegmentId,
  segmentKeyOf,
  type Statement,
  statementMessage,
} from "@tributary/protocol";
import {
  createAccounts,
  type AccountsInput,
  type AccountsOutput,
  type ReceiptNews,
} from "../receipt/accounts.ts";

export const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());

/** The tracker's clock when the rig's own stands at zero. */
export const TRACKER_MS = 1_700_000_000_000;
export const SEGMENT_BYTES = 1_000_000;

export function segmentOf(sequence: number): SegmentId {
  return { track: 1, sequence, part: -1, fingerprint: sequence };
}

export const rootOf = (sequence: number) => sha256(Uint8Array.of(sequence));

/** One viewer's accounts with a real key; signatures are answered at once, unless held back. */
export function createAccountant(clock: { nowMs: number }) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const sessionKey = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
  const accounts = createAccounts({ sessionKey, sha256, cdnBytes: () => 77 });
  const viewer = {
    accounts,
    sessionKey,
    peer: encodeHex(sha256(sessionKey).subarray(0, 16)) as PeerKey,
    /** Receipts on their way; the test carries them over, or loses them. */
    receipts: [] as Uint8Array[],
    statements: [] as Statement[],
    sealed: [] as Uint8Array[],
    credits: [] as boolean[],
    news: [] as ReceiptNews[],
    feed(input: AccountsInput) {
      const out: AccountsOutput[] = [];
      accounts.handle(input, clock.nowMs, out);
      for (const output of out) perform(output);
    },
    sign: (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, privateKey)),
  };

  function perform(output: AccountsOutput): void {
    switch (output.type) {
      case "sign":
        return viewer.feed({ type: "signed", job: output.job, signature: viewer.sign(output.preimage) });
      case "verify": {
        const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), output.key]);
        const key = createPublicKey({ key: spki, format: "der", type: "spki" });
        const valid = verify(null, output.preimage, key, output.signature);
        return viewer.feed({ type: "verified", job: output.job, valid });
      }
      case "give-receipt":
        viewer.receipts.push(output.bytes);
        return;
      case "state": {
        const parsed = statementMessage.parse(output.bytes);
        if (!parsed.ok) throw new Error(parsed.reason);
        viewer.statements.push(parsed.value);
        viewer.sealed.push(output.bytes);
        return;
      }
      case "credit":
        viewer.credits.push(output.good);
        return;
      case "event":
        viewer.news.push(output.event);
    }
  }
  return viewer;
}

/** An uploader and a downloader with a grant between them. */
export function createPair() {
  const clock = { nowMs: 0 };
  const up = createAccountant(clock);
  const down = createAccountant(clock);
  let grants = 0;

  const grantFor = (changes: Partial<Grant>): Grant => ({
    trackerKeyId: new Uint8Array(8),
    grantId: new Uint8Array(16).fill(++grants),
    epoch: 1,
    publisher: new Uint8Array(16),
    swarm: new Uint8Array(32),
    uploaderKey: up.sessionKey,
    downloaderKey: down.sessionKey,
    notBeforeMs: TRACKER_MS,
    expiryMs: TRACKER_MS + 600_000,
    maxBytes: 2 ** 33,
    payClass: "paid",
    ...changes,
  });
  const sealed = (grant: Grant) => grantMessage.seal(grant, new Uint8Array(64));

  const pair = {
    clock,
    up,
    down,
    /** A grant for what `up` serves `down`, sealed; nobody is told. */
    grantOf: (changes: Partial<Grant> = {}) => sealed(grantFor(changes)),
    grant(changes: Partial<Grant> = {}): Grant {
      const value = grantFor(changes);
      for (const viewer of [up, down]) viewer.feed({ type: "granted", grants: [sealed(value)] });
      return value;
    },
    link(open: boolean) {
      up.feed({ type: "link", peer: down.peer, open });
      down.feed({ type: "link", peer: up.peer, open });
    },
    /** Bytes of a segment go over and prove true. */
    transfer(sequence: number, bytes = SEGMENT_BYTES, complete = true) {
      pair.send(sequence, bytes);
      pair.prove(sequence, bytes, complete);
    },
    send(sequence: number, bytes: number) {
      const segment = segmentKeyOf(segmentOf(sequence));
      const root = rootOf(sequence);
      up.feed({ type: "sent", peer: down.peer, segment, root, bytes, segmentBytes: SEGMENT_BYTES });
    },
    prove(sequence: number, bytes: number, complete: boolean) {
      const segment = segmentOf(sequence);
      down.feed({ type: "proved", peer: up.peer, segment, root: rootOf(sequence), bytes, complete });
    },
    /** Carries the receipts over that are on their way. */
    deliver() {
      for (const bytes of down.receipts.splice(0)) up.feed({ type: "receipt", peer: down.peer, bytes });
    },
    /** Time passes; ticks come when they are due. */
    pass(ms: number) {
      const endMs = clock.nowMs + ms;
      for (;;) {
        const due = [up, down].flatMap(({ accounts }) => accounts.nextDeadlineMs() ?? []);
        const nextMs = Math.min(...due);
        if (nextMs > endMs) break;
        clock.nowMs = Math.max(clock.nowMs + 1, nextMs);
        for (const viewer of [up, down]) viewer.feed({ type: "tick" });
      }
      clock.nowMs = endMs;
    },
  };
  for (const viewer of [up, down]) viewer.feed({ type: "welcome", timeMs: TRACKER_MS });
  return pair;
}
