import { PIECE_BYTES } from "@tributary/protocol";
import type { Partner } from "../peer/roster.ts";
import type { State } from "../state.ts";
import type { Job } from "./jobs.ts";

/** The CDN is bringing this piece, or has. */
export function isFetched({ fetch }: Job, piece: number): boolean {
  if (fetch === null) return false;
  const firstBytes = piece * PIECE_BYTES;
  return firstBytes + PIECE_BYTES > fetch.offsetBytes && firstBytes < (fetch.endBytes ?? Infinity);
}

/** The CDN has begun to write this piece, or is through with it. */
export function isReached({ fetch }: Job, piece: number): boolean {
  if (fetch === null) return false;
  const firstBytes = piece * PIECE_BYTES;
  const reachedBytes = fetch.offsetBytes + fetch.receivedBytes;
  return reachedBytes > firstBytes && fetch.offsetBytes < firstBytes + PIECE_BYTES;
}

/** In how long the CDN begins to write a piece that it is bringing, at the rate it had lately. */
export function reachedInMs({ cdn }: State, { fetch }: Job, piece: number, nowMs: number): number {
  const rateBps = cdn.rateBps();
  if (fetch === null || rateBps === null) return 0;
  const answersAtMs = fetch.startedAtMs + cdn.firstByteMs();
  const waitMs = fetch.firstByteAtMs === null ? Math.max(0, answersAtMs - nowMs) : 0;
  const beforeBytes = piece * PIECE_BYTES - fetch.offsetBytes - fetch.receivedBytes;
  return waitMs + (beforeBytes * 8000) / rateBps;
}

/** In how long a partner will be through with all that it owes, and with so much more, at the rate it had lately. */
export function owedMs({ pendingBytes, goodput }: Partner, moreBytes = 0): number {
  return ((pendingBytes + moreBytes) * 8000) / goodput.rateBps();
}
