import {
  accumulate,
  type Claim,
  EMPTY_ACC,
  encodeHex,
  type Grant,
  type Link,
  receiptMessage,
  type StatementEntry,
} from "@tributary/protocol";
import { sha256 } from "../../adapters/database/sha256.ts";
import type { TrackerClient } from "../tracker-client.ts";
import { type Film, SEGMENT_BYTES } from "./film.ts";

type Role = StatementEntry["role"];

/** What went over one grant, as both sides know it: each tells the tracker in its own time. */
export interface Transfer {
  readonly grant: Grant;
  /** By session key in hex. */
  readonly uploader: string;
  readonly downloader: string;
  readonly links: readonly Link[];
  /** How many segments each side stated with acknowledgement. */
  readonly acknowledged: Readonly<Record<Role, number>>;
  /** One more segment, if the grant allows it. Its receipt is signed at once. */
  advance(): void;
  /** What a side has to tell that is not acknowledged yet; null where nothing. */
  entryOf(role: Role): StatementEntry | null;
  acknowledge(role: Role, segments: number): void;
  /** Of how many segments this is the accumulator; undefined where it never was one. */
  segmentsOf(acc: Uint8Array): number | undefined;
}

/** @param first where in the film it begins */
export function createTransfer(grant: Grant, downloader: TrackerClient, film: Film, first: number): Transfer {
  const links: Link[] = [];
  const acknowledged = { uploader: 0, downloader: 0 };
  const chain = new Map([[encodeHex(EMPTY_ACC), 0]]);
  let claim: Claim = { grantId: grant.grantId, seq: 0, bytes: 0, segments: 0, acc: EMPTY_ACC };
  let receipt: Uint8Array | null = null;

  return {
    grant,
    uploader: encodeHex(grant.uploaderKey),
    downloader: encodeHex(grant.downloaderKey),
    links,
    acknowledged,
    advance() {
      const bytes = claim.bytes + SEGMENT_BYTES;
      if (bytes > grant.maxBytes) return;
      const { segment, root } = film.segments[(first + links.length) % film.segments.length]!;
      const link = { segment, bytes: SEGMENT_BYTES };
      links.push(link);
      const acc = accumulate(sha256, claim.acc, segment, root, SEGMENT_BYTES);
      claim = { ...claim, seq: claim.seq + 1, bytes, segments: links.length, acc };
      chain.set(encodeHex(acc), links.length);
      const value = { ...claim, timestampMs: Date.now(), links: [link] };
      receipt = receiptMessage.seal(value, downloader.sign(receiptMessage.preimage(value)));
    },
    entryOf(role) {
      if (claim.segments === acknowledged[role]) return null;
      const told = links.slice(acknowledged[role]);
      return { ...claim, role, links: told, receipt: role === "uploader" ? receipt : null };
    },
    acknowledge(role, segments) {
      acknowledged[role] = Math.max(acknowledged[role], segments);
    },
    segmentsOf: (acc) => chain.get(encodeHex(acc)),
  };
}
