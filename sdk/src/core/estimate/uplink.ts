import { goodputGuessBps } from "./goodput.ts";

/** What this viewer's uplink carries, from how fast the channels drain while there is something to send. */
export interface UplinkEstimate {
  /** Bits per second; the guess before the first sample. */
  rateBps(): number;
  /** When that was seen last, -Infinity for never. */
  seenAtMs(): number;
  /** Bytes were given to channels. */
  filled(nowMs: number): void;
  /** Channels drained by that much; `leftBytes` is what waits in all of them together. */
  drained(bytes: number, leftBytes: number, nowMs: number): void;
}

/** Shorter busy times say more about timers, and about buffers that were empty, than about the line... */
const busyMinMs = 40;
/** ...unless that much went out in them. */
const burstBytes = 256 * 1024;
/** What goes out first goes into the buffers of the browser and of the router, as fast as these are... */
const absorbedBytes = 48 * 1024;
/** ...once more when they had this long to become empty. */
const idleMs = 500;
/** Before the first measure so little is given at once that it has left in a moment: short gaps belong to one busy time. */
const gapMs = 20;
const newestWeight = 0.3;

export function createUplinkEstimate(): UplinkEstimate {
  let rate: number | null = null;
  let seenAtMs = -Infinity;
  let busySinceMs: number | null = null;
  let isEmpty = true;
  let idleSinceMs = -Infinity;
  let toAbsorbBytes = absorbedBytes;
  let drainedBytes = 0;

  return {
    rateBps: () => rate ?? goodputGuessBps,
    seenAtMs: () => seenAtMs,
    filled(nowMs) {
      if (!isEmpty) return;
      isEmpty = false;
      const restMs = nowMs - idleSinceMs;
      if (restMs >= idleMs) toAbsorbBytes = absorbedBytes;
      if (busySinceMs !== null && rate === null && restMs <= gapMs) return;
      busySinceMs = nowMs;
      drainedBytes = 0;
    },
    drained(bytes, leftBytes, nowMs) {
      if (busySinceMs === null || isEmpty) return;
      if (toAbsorbBytes > 0) {
        toAbsorbBytes -= bytes;
        busySinceMs = nowMs;
      } else {
        drainedBytes += bytes;
        const busyMs = nowMs - busySinceMs;
        if (busyMs >= busyMinMs || drainedBytes >= burstBytes) {
          const seen = (drainedBytes * 8000) / Math.max(busyMs, 1);
          rate = rate === null ? seen : rate + (seen - rate) * newestWeight;
          busySinceMs = seenAtMs = nowMs;
          drainedBytes = 0;
        }
      }
      if (leftBytes > 0) return;
      isEmpty = true;
      idleSinceMs = nowMs;
    },
  };
}
