import { PIECE_BYTES } from "@tributary/protocol";
import {
  acksRoomFactor,
  busyPageMs,
  channelHighWaterBytes,
  giveWayAheadMs,
  narrowTrustMs,
  narrowUplinkBps,
  queuingUplinkBps,
  tooNarrowUplinkBps,
  uploadWindowMaxBytes,
  uploadWindowMinBytes,
  uploadWindowMs,
  uploadWindowSlowMinBytes,
  uploadWindowSlowMs,
} from "../limits.ts";
import type { Job } from "../request/jobs.ts";
import type { State, Step } from "../state.ts";

export function uploadRateBps({ uplink, uploads }: State): number {
  return Math.min(uplink.rateBps(), uploads.capBps());
}

export function pieceMs(state: State): number {
  return (PIECE_BYTES * 8000) / uploadRateBps(state);
}

/**
 * Acknowledgements of what the CDN sends take about a fortieth of it on the way up. Where that is much of the uplink,
 * nothing is uploaded while the CDN brings what the player waits for: behind uploads it came in seconds.
 */
export function givesWay(state: State, { nowMs }: Step): boolean {
  const { uplink, cdn } = state;
  const rateBps = uplink.rateBps();
  if (rateBps > narrowUplinkBps) return false;
  if (rateBps > queuingUplinkBps && rateBps * acksRoomFactor > (cdn.rateBps() ?? 0)) return false;
  const isNeeded = ({ ahead, fetch, rescueAtMs }: Job) =>
    !ahead && (fetch !== null || rescueAtMs < nowMs + giveWayAheadMs);
  return state.jobs.all().some(isNeeded);
}

/** Whatever it uploads keeps requests and acknowledgements of its own back for too long; or its page is only busy. */
export function isTooNarrow({ uplink, lateness }: State, { nowMs }: Step): boolean {
  if (lateness.worstMs(nowMs) > busyPageMs) return false;
  return uplink.rateBps() < tooNarrowUplinkBps && nowMs < uplink.seenAtMs() + narrowTrustMs;
}

/** What waits in channels here waits long, or may for all that is known. */
export function isSlow(state: State): boolean {
  return state.uplink.seenAtMs() === -Infinity || pieceMs(state) > uploadWindowSlowMs;
}

function windowSlowBytes({ uplink }: State): number {
  if (uplink.seenAtMs() === -Infinity) return uploadWindowSlowMinBytes;
  return Math.max(uploadWindowSlowMinBytes, (uplink.rateBps() * uploadWindowSlowMs) / 8000);
}

export function uploadWindowBytes(state: State): number {
  if (isSlow(state)) return windowSlowBytes(state);
  const wishedBytes = (state.uplink.rateBps() * uploadWindowMs) / 8000;
  return Math.min(uploadWindowMaxBytes, Math.max(uploadWindowMinBytes, wishedBytes));
}

/** One channel that is held back at its other end leaves the others of a slow uplink their part. */
export function channelMostBytes(state: State): number {
  return isSlow(state) ? uploadWindowBytes(state) / 2 : channelHighWaterBytes;
}
