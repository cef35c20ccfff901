import { createHmac } from "node:crypto";
import type { Transaction } from "kysely";
import { encodeHex, type Grant, type SegmentId, segmentKeyOf } from "@tributary/protocol";
import type { GrantBatch, GrantToSettle, TrustedRoot } from "../../ledger/settlement/input.ts";
import { readIn } from "./read-in.ts";
import type { Schema } from "./schema.ts";

type Tx = Transaction<Schema>;

/** A segment that a viewer was paid for, under a name that only this tracker can make. @param secret 32 bytes */
export function paidSegmentKey(secret: Uint8Array, downloader: Uint8Array, segment: SegmentId): Buffer {
  const named = Buffer.concat([downloader, Buffer.from(segmentKeyOf(segment))]);
  return createHmac("sha256", secret)
    .update("tributary/paid-segment/v1\0")
    .update(named)
    .digest()
    .subarray(0, 16);
}

/** What is known of the segments that some grants speak of. */
export async function readKnownSegments(
  transaction: Tx,
  grants: readonly GrantToSettle[],
  secret: Uint8Array,
): Promise<Pick<GrantBatch, "rootsOf" | "paidBefore">> {
  const compared = grants.filter(
    ({ uploader, downloader, putOff }) => putOff || (uploader.length > 0 && downloader.length > 0),
  );
  const bySwarm = segmentsBy(compared, ({ swarm }) => swarm);
  const byDownloader = segmentsBy(compared, ({ downloaderKey }) => downloaderKey);
  return {
    rootsOf: await readRoots(transaction, bySwarm),
    paidBefore: await readPaid(transaction, byDownloader, secret),
  };
}

/** Segments by their keys, for each of those whose segments they are: by its id in hex. */
type Segments = ReadonlyMap<string, { readonly of: Uint8Array; readonly segments: Map<string, SegmentId> }>;

function segmentsBy(grants: readonly GrantToSettle[], ownerOf: (grant: Grant) => Uint8Array): Segments {
  const groups = new Map<string, { of: Uint8Array; segments: Map<string, SegmentId> }>();
  for (const { grant, uploader, downloader } of grants) {
    const key = encodeHex(ownerOf(grant));
    const group = groups.get(key) ?? { of: ownerOf(grant), segments: new Map<string, SegmentId>() };
    groups.set(key, group);
    for (const { links } of [...uploader, ...downloader])
      for (const { segment } of links) group.segments.set(segmentKeyOf(segment), segment);
  }
  return groups;
}

async function readRoots(transaction: Tx, bySwarm: Segments): Promise<GrantBatch["rootsOf"]> {
  const known = new Map<string, Map<string, TrustedRoot[]>>();
  for (const [swarm, { of, segments }] of bySwarm) {
    const roots = new Map<string, TrustedRoot[]>();
    known.set(swarm, roots);
    const rows = await readIn([...segments.keys()], (chunk) =>
      transaction
        .selectFrom("segment_root")
        .selectAll()
        .where("swarm", "=", Buffer.from(of))
        .where("segment", "in", chunk)
        .orderBy("segment")
        .orderBy("root")
        .execute(),
    );
    for (const { segment, root, size_bytes } of rows) {
      const rivals = roots.get(segment) ?? [];
      rivals.push({ root: new Uint8Array(root), sizeBytes: Number(size_bytes) });
      roots.set(segment, rivals);
    }
  }
  return (swarm, segment) => known.get(swarm)?.get(segmentKeyOf(segment)) ?? [];
}

async function readPaid(
  transaction: Tx,
  byDownloader: Segments,
  secret: Uint8Array,
): Promise<GrantBatch["paidBefore"]> {
  const names = new Map<string, string>();
  const keys: Buffer[] = [];
  for (const [hex, { of, segments }] of byDownloader)
    for (const [segmentKey, segment] of segments) {
      const key = paidSegmentKey(secret, of, segment);
      keys.push(key);
      names.set(encodeHex(key), `${hex} ${segmentKey}`);
    }
  const rows = await readIn(keys, (chunk) =>
    transaction.selectFrom("paid_segment").selectAll().where("key", "in", chunk).execute(),
  );
  const bytes = new Map(rows.map((row) => [names.get(encodeHex(row.key)), Number(row.bytes)]));
  return (downloader, segment) => bytes.get(`${downloader} ${segmentKeyOf(segment)}`) ?? 0;
}
