import type { Probe } from "../probe.ts";
import type { Stream } from "../stream/stream.ts";
import { round } from "./figures.ts";

/**
 * Why a viewer asked the CDN, as somebody sees it who knows what everybody holds. startup: it had nothing yet.
 * unlinked: it has no connection. first: nobody has a byte of it. noHolder: somebody has, but none of its partners.
 * holdersBusy: partners have some of it, and all of their uplinks are in use. holderIdle: the uplink of one is not.
 */
export type Cause = "startup" | "unlinked" | "first" | "noHolder" | "holdersBusy" | "holderIdle";

const causes: readonly Cause[] = ["startup", "unlinked", "first", "noHolder", "holdersBusy", "holderIdle"];

/** A partner as it is now. */
export interface Neighbour {
  readonly index: number;
  readonly uplinkIdle: boolean;
}

export interface CauseMeasure extends Probe {
  /** Share of the CDN's bytes for each cause. */
  figures(): Readonly<Record<Cause, number>>;
}

/** Splits what the CDN sent by the reason it was asked for. */
export function measureCauses(
  stream: Stream,
  viewers: number,
  neighboursOf: (viewer: number) => Iterable<Neighbour>,
): CauseMeasure {
  /** By segment, the viewers that have bytes of it. */
  const holders = new Map<number, Set<number>>();
  const hasBegun = new Uint8Array(viewers);
  const asked = Array.from({ length: viewers }, () => new Map<number, Cause>());
  const bytesOf: Record<Cause, number> = {
    startup: 0,
    unlinked: 0,
    first: 0,
    noHolder: 0,
    holdersBusy: 0,
    holderIdle: 0,
  };

  function hold(viewer: number, sequence: number): void {
    let of = holders.get(sequence);
    if (of === undefined) holders.set(sequence, (of = new Set()));
    of.add(viewer);
  }

  function causeOf(viewer: number, sequence: number): Cause {
    if (hasBegun[viewer] === 0) return "startup";
    const neighbours = [...neighboursOf(viewer)];
    if (neighbours.length === 0) return "unlinked";
    const of = holders.get(sequence);
    if (of === undefined || of.size === Number(of.has(viewer))) return "first";
    const having = neighbours.filter(({ index }) => of.has(index));
    if (having.length === 0) return "noHolder";
    return having.some(({ uplinkIdle }) => uplinkIdle) ? "holderIdle" : "holdersBusy";
  }

  return {
    cdnRequest(viewer, sequence) {
      if (viewer >= 0) asked[viewer]!.set(sequence, causeOf(viewer, sequence));
    },
    cdnBytes(viewer, sequence, bytes) {
      if (viewer < 0) return;
      bytesOf[asked[viewer]!.get(sequence) ?? "startup"] += bytes;
      hold(viewer, sequence);
    },
    verified: hold,
    delivered(viewer, sequence) {
      hasBegun[viewer] = 1;
      asked[viewer]!.delete(sequence);
    },
    evicted: (viewer, key) => void holders.get(stream.sequenceOf(key))?.delete(viewer),
    left(viewer) {
      for (const of of holders.values()) of.delete(viewer);
    },
    figures() {
      const all = causes.reduce((sum, cause) => sum + bytesOf[cause], 0);
      const shares = causes.map((cause) => [cause, all === 0 ? 0 : round(bytesOf[cause] / all)] as const);
      return Object.fromEntries(shares) as Record<Cause, number>;
    },
  };
}
