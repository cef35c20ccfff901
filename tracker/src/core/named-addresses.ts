import { parseAddress, isPublicAddress, subscriberOf, type AddressBlock, inBlock } from "./address.ts";
import { namedAddress, namedAddressesMax } from "./limits.ts";
import type { Session } from "./model.ts";
import type { TrackerState } from "./state.ts";
import { fullBucket, isFull, takeTokens } from "./token-bucket.ts";

/**
 * One candidate line in the only form that every browser reads alike: nothing may look harmless here and lead
 * elsewhere there. Group 1 is the address.
 */
const CANDIDATE =
  /^[^ ]+ \d{1,5} (?:udp|tcp) \d{1,10} ([^ ]+) \d{1,5} typ (?:host|srflx|prflx|relay)(?: [^ ]+)*$/i;
/** What browsers show instead of a private address; it means nothing outside the receiver's own network. */
const MDNS_NAME = /^[0-9a-f-]{36}\.local$/i;

export type CandidateFault =
  /** Not a candidate as browsers write it, or one with a host name, which a receiver would look up. */
  | "malformed"
  /** The address is named too often, by all sessions together. */
  | "too-often";

/**
 * Whether a candidate may be passed on. Whoever gets it sends connectivity checks to its address, so that sessions
 * together could aim many viewers at a stranger: an address that is not the sender's own is passed on to so many
 * receivers, whoever names it. The sender's own, the operator's TURN servers and addresses that lead no further than
 * the receiver's own network are free. Null: pass it on.
 */
export function candidateFault(
  state: TrackerState,
  session: Session,
  line: string,
  nowMs: number,
): CandidateFault | null {
  // The end of candidates.
  if (line === "") return null;
  const text = CANDIDATE.exec(line)?.[1];
  if (text === undefined) return "malformed";
  if (MDNS_NAME.test(text)) return null;
  const address = parseAddress(text);
  if (address === null) return "malformed";
  if (session.network === null || !isPublicAddress(address)) return null;
  if (state.config.turnBlocks.some((block) => isIn(address, block))) return null;
  const key = subscriberOf(address);
  if (key === session.address) return null;
  if (!session.named.has(key)) {
    if (session.named.size >= namedAddressesMax) return "too-often";
    session.named.add(key);
  }
  let bucket = state.namedAddresses.get(key);
  if (bucket === undefined) state.namedAddresses.set(key, (bucket = fullBucket(namedAddress, nowMs)));
  return takeTokens(bucket, namedAddress, 1, nowMs) ? null : "too-often";
}

const isIn = (address: Uint8Array, block: AddressBlock) =>
  block[0].length === address.length && inBlock(address, block);

/** Forgets addresses that nobody named for a while. */
export function sweepNamedAddresses({ namedAddresses }: TrackerState, nowMs: number): void {
  for (const [key, bucket] of namedAddresses)
    if (isFull(bucket, namedAddress, nowMs)) namedAddresses.delete(key);
}
