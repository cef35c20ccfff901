import type { Probe } from "../probe.ts";
import { giniOf, quantile, round, spreadOf, type Spread } from "./figures.ts";

export interface PeerFigures {
  readonly links: number;
  readonly linksFailed: number;
  /** Bytes uploaded over bytes watched, for each viewer. */
  readonly uploadShare: Spread;
  readonly uploadGini: number;
  /** Share of all uploads that the tenth of the viewers with most of them did. */
  readonly topTenthShare: number;
  /** Time that uplinks were in use. */
  readonly uplinkBusy: Spread;
  /** Control messages for each segment delivered, by type. */
  readonly messagesPerSegment: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
}

export interface PeerMeasure extends Probe {
  figures(busyRatios: readonly number[]): PeerFigures;
}

/** Who carried the load, and what it took to agree on it. */
export function measurePeers(viewers: number): PeerMeasure {
  const uploadedBytes = new Float64Array(viewers);
  const watchedBytes = new Float64Array(viewers);
  const messages = new Map<string, number>();
  const warnings = new Map<string, number>();
  let deliveries = 0;
  let links = 0;
  let linksFailed = 0;
  return {
    uploaded: (viewer, bytes) => void (uploadedBytes[viewer]! += bytes),
    delivered(viewer, _, sizeBytes) {
      deliveries += 1;
      watchedBytes[viewer]! += sizeBytes;
    },
    message: (type) => void messages.set(type, (messages.get(type) ?? 0) + 1),
    warned: (_, code) => void warnings.set(code, (warnings.get(code) ?? 0) + 1),
    linked: () => void (links += 0.5),
    linkFailed: () => void (linksFailed += 1),
    figures(busyRatios) {
      const shares = uploadedBytes.map((bytes, index) =>
        watchedBytes[index] === 0 ? 0 : bytes / watchedBytes[index]!,
      );
      const sorted = uploadedBytes.slice().sort();
      const total = sorted.reduce((sum, bytes) => sum + bytes, 0);
      const limit = quantile(sorted, 0.9);
      const top = sorted.filter((bytes) => bytes >= limit).reduce((sum, bytes) => sum + bytes, 0);
      return {
        links,
        linksFailed,
        uploadShare: spreadOf(shares),
        uploadGini: giniOf(uploadedBytes),
        topTenthShare: total === 0 ? 0 : round(top / total),
        uplinkBusy: spreadOf(busyRatios),
        messagesPerSegment: perSegment(messages, deliveries),
        warnings: inOrder(warnings),
      };
    },
  };
}

function perSegment(counts: Map<string, number>, deliveries: number): Record<string, number> {
  const rates = new Map(
    [...counts].map(([type, count]) => [type, round(count / Math.max(1, deliveries), 2)]),
  );
  return inOrder(rates);
}

function inOrder(counts: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
