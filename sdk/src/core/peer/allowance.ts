import { HASH_BYTES, type PeerMessage } from "@tributary/protocol";
import { messageBurst, messagesPerSecond } from "../limits.ts";

type Control = Exclude<PeerMessage, { type: "piece" }>;

/** What one neighbour may still say: a token bucket over everything that comes over its link but wanted media. */
export interface Allowance {
  /** @returns false where it has said more than any honest neighbour has to say */
  spend(tokens: number, nowMs: number): boolean;
}

export function createAllowance(nowMs: number): Allowance {
  let tokens = messageBurst;
  let atMs = nowMs;

  return {
    spend(cost, laterMs) {
      tokens = Math.min(messageBurst, tokens + ((laterMs - atMs) * messagesPerSecond) / 1000);
      atMs = laterMs;
      if (tokens < cost) return false;
      tokens -= cost;
      return true;
    },
  };
}

/** Segment ids that cost as much as one short message to take in. */
const idsPerToken = 8;
/** Piece hashes that do. */
const hashesPerToken = 128;
/** What an honest neighbour says a few times a minute, or in answer to us. */
const rareTokens = 16;

/** One for the short messages that segments are fetched with; more for the long and for those that are rare. */
export function tokensOf(message: Control): number {
  switch (message.type) {
    case "request":
    case "cancel":
    case "reject":
    case "progress":
      return 1;
    case "have":
      return 1 + (message.added.length + message.removed.length) / idsPerToken;
    case "bitfield":
      return 1 + message.segments.length / idsPerToken;
    case "piece-hashes":
      return 1 + message.hashes.length / HASH_BYTES / hashesPerToken;
    default:
      return rareTokens;
  }
}

/** A chunk of a transfer that is over here: 16 KiB that nobody wants any more. */
export const strayChunkTokens = 8;
