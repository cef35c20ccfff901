import {
  accumulate,
  bytesOfLinks,
  type Claim,
  EMPTY_ACC,
  type Grant,
  type Link,
  PEER_ID_BYTES,
  peerKeyOf,
  type Receipt,
  receiptMessage,
  rootPreimage,
  segmentKeyOf,
} from "@tributary/protocol";
import { type Identity, sha256 } from "./identity.ts";
import type { Stage } from "./lie.ts";
import { listOf } from "./media.ts";

export interface SealedReceipt {
  readonly sealed: Uint8Array;
  readonly claim: Claim;
}

/** An honest receipt for what came over a link, after the last one for the same grant. */
export async function receiptFor(
  stage: Stage,
  before: Claim | null,
  links: readonly Link[],
): Promise<SealedReceipt> {
  const receipt = await claimFor(stage, before, links);
  return { sealed: await sealedBy(stage.identity, receipt), claim: receipt };
}

/** The same without its signature. */
export async function claimFor(stage: Stage, before: Claim | null, links: readonly Link[]): Promise<Receipt> {
  const { grantId } = await grantFrom(stage);
  const last = before ?? { seq: 0, bytes: 0, segments: 0, acc: EMPTY_ACC };
  let acc = last.acc;
  for (const link of links) acc = await linked(acc, link, await rootOf(stage, link));
  return {
    grantId,
    seq: last.seq + 1,
    bytes: last.bytes + bytesOfLinks(links),
    segments: last.segments + links.length,
    acc,
    timestampMs: Date.now(),
    links,
  };
}

export async function sealedBy({ sign }: Identity, receipt: Receipt): Promise<Uint8Array> {
  return receiptMessage.seal(receipt, await sign(receiptMessage.preimage(receipt)));
}

/** The one for what the other side uploads. A test is over before it is renewed. */
export const grantFrom = (stage: Stage): Promise<Grant> => grantOf(stage, "downloaderKey", "uploaderKey");
/** The one for what it would download. */
export const grantTo = (stage: Stage): Promise<Grant> => grantOf(stage, "uploaderKey", "downloaderKey");

type Side = "uploaderKey" | "downloaderKey";

async function grantOf({ grants, wire, identity }: Stage, own: Side, others: Side): Promise<Grant> {
  for (const grant of grants()) {
    const other = peerKeyOf((await sha256(grant[others])).subarray(0, PEER_ID_BYTES));
    const isOwn = grant[own].every((byte, at) => byte === identity.sessionKey[at]);
    if (isOwn && other === wire.peer) return grant;
  }
  throw new Error("the tracker granted nothing");
}

/** The browser hashes asynchronously: what is to be hashed is taken out first. */
function linked(acc: Uint8Array, { segment, bytes }: Link, root: Uint8Array): Promise<Uint8Array> {
  return sha256(accumulate((preimage) => preimage, acc, segment, root, bytes));
}

async function rootOf({ media }: Stage, { segment }: Link): Promise<Uint8Array> {
  const { sizeBytes, hashes } = await listOf(await media.bytesOf(media.find(segmentKeyOf(segment))!.url));
  return sha256(rootPreimage(sizeBytes, hashes));
}
