import {
  accumulate,
  bytesOfLinks,
  type Claim,
  EMPTY_ACC,
  type Grant,
  type Link,
  PEER_ID_BYTES,
  peerKeyOf,
  receiptMessage,
  rootPreimage,
  segmentKeyOf,
} from "@tributary/protocol";
import { sha256 } from "./identity.ts";
import type { Stage } from "./lie.ts";
import { listOf } from "./media.ts";

/** An honest receipt for what came over a link, after the last one for the same grant. */
export async function receiptFor(
  stage: Stage,
  before: Claim | null,
  links: readonly Link[],
): Promise<{ readonly sealed: Uint8Array; readonly claim: Claim }> {
  const { grantId } = await grantOf(stage);
  const last = before ?? { seq: 0, bytes: 0, segments: 0, acc: EMPTY_ACC };
  let acc = last.acc;
  for (const link of links) acc = await linked(acc, link, await rootOf(stage, link));
  const claim = {
    grantId,
    seq: last.seq + 1,
    bytes: last.bytes + bytesOfLinks(links),
    segments: last.segments + links.length,
    acc,
  };
  const receipt = { ...claim, timestampMs: Date.now(), links };
  const signature = await stage.identity.sign(receiptMessage.preimage(receipt));
  return { sealed: receiptMessage.seal(receipt, signature), claim };
}

/** The one for what the other side uploads. A test is over before it is renewed. */
async function grantOf({ grants, wire, identity }: Stage): Promise<Grant> {
  for (const grant of grants()) {
    const uploader = peerKeyOf((await sha256(grant.uploaderKey)).subarray(0, PEER_ID_BYTES));
    const isOwn = grant.downloaderKey.every((byte, at) => byte === identity.sessionKey[at]);
    if (isOwn && uploader === wire.peer) return grant;
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
