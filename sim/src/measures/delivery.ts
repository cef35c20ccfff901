import type { Probe } from "../probe.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import type { Stream } from "../stream/stream.ts";
import { round, spreadOf, type Spread } from "./figures.ts";

export interface DeliveryFigures {
  /** 1 less CDN bytes over media bytes delivered; aborted copies and the verifier's count. */
  readonly offload: number;
  /** The same for what was delivered once everybody had arrived. */
  readonly settledOffload: number;
  /** CDN bytes over the segment's size, for each segment first listed or wanted once all had arrived. */
  readonly copies: Spread;
  /** The same without viewers that never had a link: nobody can help those, and they are a share of all. */
  readonly linkedCopies: Spread;
  /** Requests to the CDN for those segments, partial ones too. */
  readonly requests: Spread;
  readonly cdnBytes: number;
  readonly deliveredBytes: number;
  /** Verified bytes of peers that were delivered. */
  readonly peerBytes: number;
  /** Bytes of both sources that nothing came of, over the bytes delivered. */
  readonly waste: number;
  /** Viewers that a delivered segment has passed since the CDN, itself excluded. */
  readonly hops: Spread;
  readonly segments: { readonly peers: number; readonly cdn: number; readonly mixed: number };
}

export interface DeliveryMeasure extends Probe {
  figures(): DeliveryFigures;
}

/** Where bytes came from. */
export function measureDelivery(
  scenario: Scenario,
  stream: Stream,
  viewers: number,
  viewerOf: (peer: string) => number,
): DeliveryMeasure {
  const cdnBytesOf = new Float64Array(stream.segmentCount);
  const unlinkedBytesOf = new Float64Array(stream.segmentCount);
  const linked = new Uint8Array(viewers);
  const requestsOf = new Float64Array(stream.segmentCount);
  const firstWantedMs = new Float64Array(stream.segmentCount).fill(Infinity);
  const depths = new Map<number, Uint8Array>();
  const hopCounts = new Float64Array(256);
  const total = { cdnBytes: 0, deliveredBytes: 0, peerBytes: 0, chunkBytes: 0 };
  const settled = { cdnBytes: 0, deliveredBytes: 0 };
  const segments = { peers: 0, cdn: 0, mixed: 0 };
  const isSettled = (sequence: number) => firstWantedMs[sequence]! >= scenario.settledMs;

  return {
    wanted(_, __, sequence, atMs) {
      if (atMs < firstWantedMs[sequence]!) firstWantedMs[sequence] = atMs;
    },
    linked: (viewer) => void (linked[viewer] = 1),
    cdnBytes(viewer, sequence, bytes) {
      if (viewer >= 0 && linked[viewer] === 0) unlinkedBytesOf[sequence]! += bytes;
      cdnBytesOf[sequence]! += bytes;
      total.cdnBytes += bytes;
    },
    cdnRequest: (_, sequence) => void (requestsOf[sequence]! += 1),
    chunk: (_, { lengthBytes }) => void (total.chunkBytes += lengthBytes),
    delivered(_, sequence, sizeBytes) {
      total.deliveredBytes += sizeBytes;
      if (isSettled(sequence)) settled.deliveredBytes += sizeBytes;
    },
    credited(viewer, sequence, { peerBytes, cdnBytes, from }) {
      total.peerBytes += peerBytes;
      if (cdnBytes === 0) segments.peers += 1;
      else if (peerBytes === 0) segments.cdn += 1;
      else segments.mixed += 1;
      let depthOf = depths.get(sequence);
      if (depthOf === undefined) depths.set(sequence, (depthOf = new Uint8Array(viewers)));
      let depth = 0;
      for (const peer of from) depth = Math.max(depth, Math.min(255, depthOf[viewerOf(peer)]! + 1));
      depthOf[viewer] = depth;
      hopCounts[depth]! += 1;
    },
    figures() {
      const copies: number[] = [];
      const linkedCopies: number[] = [];
      const requests: number[] = [];
      for (let sequence = 0; sequence < stream.segmentCount; sequence++) {
        if (!isSettled(sequence) || firstWantedMs[sequence] === Infinity) continue;
        const linkedBytes = cdnBytesOf[sequence]! - unlinkedBytesOf[sequence]!;
        copies.push(cdnBytesOf[sequence]! / stream.sizeOf(sequence));
        linkedCopies.push(linkedBytes / stream.sizeOf(sequence));
        requests.push(requestsOf[sequence]!);
        settled.cdnBytes += cdnBytesOf[sequence]!;
      }
      const share = (part: number, whole: number) => (whole === 0 ? 0 : round(1 - part / whole));
      const usedCdnBytes = total.deliveredBytes - total.peerBytes;
      const wasted = total.chunkBytes - total.peerBytes + Math.max(0, total.cdnBytes - usedCdnBytes);
      return {
        offload: share(total.cdnBytes, total.deliveredBytes),
        settledOffload: share(settled.cdnBytes, settled.deliveredBytes),
        copies: spreadOf(copies),
        linkedCopies: spreadOf(linkedCopies),
        requests: spreadOf(requests),
        cdnBytes: total.cdnBytes,
        deliveredBytes: total.deliveredBytes,
        peerBytes: total.peerBytes,
        waste: total.deliveredBytes === 0 ? 0 : round(wasted / total.deliveredBytes),
        hops: hopSpread(hopCounts),
        segments,
      };
    },
  };
}

function hopSpread(counts: Float64Array): Spread {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return { mean: 0, p50: 0, p95: 0, max: 0 };
  const at = (share: number) => {
    let left = share * all;
    return counts.findIndex((count) => (left -= count) < 0);
  };
  const sum = counts.reduce((total, count, hops) => total + count * hops, 0);
  const max = counts.findLastIndex((count) => count > 0);
  return { mean: round(sum / all), p50: at(0.5), p95: at(0.95), max };
}
