import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  accumulate,
  type Claim,
  EMPTY_ACC,
  encodeHex,
  type Grant,
  receiptMessage,
  type StatementEntry,
  statementMessage,
} from "@tributary/protocol";
import { rawPublicKeyOf } from "../../adapters/crypto/ed25519.ts";
import { sha256 } from "../../adapters/database/sha256.ts";

/** Segments that come over each grant between two statements: about what ten partners share of a minute. */
const LINKS = 2;
const SEGMENT_BYTES = 1_000_000;

/**
 * What a viewer tells of its grants. `downloads`: it got something over each, and its one signature is all there is to
 * check. `both`: it served over half of them, and each of those brings the downloader's signed receipt.
 */
export type Kind = "downloads" | "both";

/** One signature, as whoever checks it sees it. */
export interface Signed {
  readonly key: KeyObject;
  readonly preimage: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Round {
  readonly statements: readonly Uint8Array[];
  /** All that the statements contain. */
  readonly signatures: readonly Signed[];
}

/** Viewers with a key each, and grants among them. */
export interface Crowd {
  readonly grants: readonly Grant[];
  /** One statement of each viewer about all its grants. Rounds go on from each other, from 1. */
  round(number: number): Round;
}

interface Viewer {
  readonly sessionKey: Uint8Array;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** @param grantsEach of each viewer; half of them go the other way where the kind is `both` */
export function createCrowd(kind: Kind, viewerCount: number, grantsEach: number, epoch: number): Crowd {
  const viewers = Array.from({ length: viewerCount }, (): Viewer => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    return { sessionKey: rawPublicKeyOf(publicKey), privateKey, publicKey };
  });
  const nowMs = Date.now();
  // Each viewer downloads from those after it, and so serves those before it.
  const downloadsEach = kind === "both" ? grantsEach / 2 : grantsEach;
  const transfers = viewers.flatMap((downloader, at) =>
    Array.from({ length: downloadsEach }, (_, partner) => {
      const uploader = viewers[(at + 1 + partner) % viewerCount]!;
      const grantId = new Uint8Array(16);
      new DataView(grantId.buffer).setUint32(0, at * downloadsEach + partner);
      const grant: Grant = {
        trackerKeyId: new Uint8Array(8),
        grantId,
        epoch,
        publisher: new Uint8Array(16),
        swarm: new Uint8Array(32).fill(1),
        uploaderKey: uploader.sessionKey,
        downloaderKey: downloader.sessionKey,
        notBeforeMs: nowMs,
        expiryMs: nowMs + 600_000,
        maxBytes: 2 ** 33,
        payClass: "paid",
      };
      const claim: Claim = { grantId, seq: 0, bytes: 0, segments: 0, acc: EMPTY_ACC };
      return { grant, uploader, downloader, claim };
    }),
  );

  function round(number: number): Round {
    const signatures: Signed[] = [];
    const signed = ({ privateKey, publicKey }: Viewer, preimage: Uint8Array): Uint8Array => {
      const signature = new Uint8Array(sign(null, preimage, privateKey));
      signatures.push({ key: publicKey, preimage, signature });
      return signature;
    };
    const entries = new Map<Viewer, StatementEntry[]>(viewers.map((viewer) => [viewer, []]));
    for (const transfer of transfers) {
      const links = linksOf(number);
      let { claim }: { claim: Claim } = transfer;
      for (const { segment, bytes } of links)
        claim = {
          ...claim,
          bytes: claim.bytes + bytes,
          segments: claim.segments + 1,
          acc: accumulate(sha256, claim.acc, segment, new Uint8Array(32), bytes),
        };
      claim = { ...claim, seq: number };
      transfer.claim = claim;
      const { downloader, uploader } = transfer;
      entries.get(downloader)!.push({ ...claim, role: "downloader", links, receipt: null });
      if (kind !== "both") continue;
      const value = { ...claim, timestampMs: Date.now(), links };
      const receipt = receiptMessage.seal(value, signed(downloader, receiptMessage.preimage(value)));
      entries.get(uploader)!.push({ ...claim, role: "uploader", links, receipt });
    }
    const statements = [...entries].map(([viewer, all]) => {
      const sorted = all.sort((a, b) => (encodeHex(a.grantId) < encodeHex(b.grantId) ? -1 : 1));
      const { sessionKey } = viewer;
      const value = { sessionKey, epoch, seq: number, timestampMs: Date.now(), cdnBytes: 0, entries: sorted };
      return statementMessage.seal(value, signed(viewer, statementMessage.preimage(value)));
    });
    return { statements, signatures };
  }

  return { grants: transfers.map(({ grant }) => grant), round };
}

const linksOf = (round: number) =>
  Array.from({ length: LINKS }, (_, at) => {
    const sequence = round * LINKS + at;
    return { segment: { track: 1, sequence, part: -1, fingerprint: sequence }, bytes: SEGMENT_BYTES };
  });
