import type { SegmentKey } from "@tributary/protocol";
import type { CoreEvent, Input, LoadFailure } from "@tributary/sdk/core";

export type SegmentEvent = Extract<CoreEvent, { type: "segment" }>;
export type Chunk = Extract<Input, { type: "chunk-received" }>;

/** How a load of the player ended. "left" is a viewer that went away meanwhile. */
export type LoadEnd = "delivered" | "failed" | "cancelled" | "left";

/**
 * What checkers and measures may watch. `viewer` is the viewer's number, `sequence` the segment's. A watcher
 * implements what it needs and changes nothing.
 */
export interface Probe {
  arrived?(viewer: number, atMs: number): void;
  left?(viewer: number, atMs: number): void;
  wanted?(viewer: number, request: number, sequence: number, atMs: number): void;
  ended?(viewer: number, request: number, sequence: number, end: LoadEnd, atMs: number): void;
  failed?(viewer: number, failure: LoadFailure): void;
  /** The engine handed a segment to the player; `unproved` pieces of it hold bytes that do not match the root. */
  delivered?(viewer: number, sequence: number, sizeBytes: number, unproved: number, atMs: number): void;
  /** What the engine says went into a segment. */
  credited?(viewer: number, sequence: number, event: SegmentEvent): void;
  /** Media bytes of a peer reached this viewer's engine. */
  chunk?(viewer: number, chunk: Chunk): void;
  /** A piece matched the list that matched the trusted root. */
  verified?(viewer: number, sequence: number, bytes: number): void;
  /** The CDN put bytes on the wire for this viewer, or for the verifier (-1); they may yet be aborted. */
  cdnBytes?(viewer: number, sequence: number, bytes: number): void;
  cdnRequest?(viewer: number, sequence: number, atMs: number, isRange: boolean): void;
  uploaded?(viewer: number, bytes: number): void;
  message?(type: string): void;
  started?(viewer: number, startupMs: number): void;
  stalled?(viewer: number, atMs: number): void;
  /** The stall or the wait after a seek is over. */
  resumed?(viewer: number, waitedMs: number, reason: "stall" | "seek", atMs: number): void;
  played?(viewer: number, playedMs: number): void;
  linked?(viewer: number, atMs: number): void;
  linkFailed?(viewer: number): void;
  warned?(viewer: number, code: string): void;
  evicted?(viewer: number, key: SegmentKey): void;
}

type Watchers = { [K in keyof Required<Probe>]: NonNullable<Probe[K]> };

/** One probe that calls all; a method nobody implements costs one empty call. */
export function combine(probes: readonly Probe[]): Watchers {
  const all = <K extends keyof Probe>(name: K) => {
    const listening = probes.flatMap((probe) => {
      const method = probe[name];
      return method === undefined ? [] : [method.bind(probe) as (...values: unknown[]) => void];
    });
    const [only] = listening;
    if (only === undefined) return () => {};
    if (listening.length === 1) return only;
    return (...values: unknown[]) => {
      for (const method of listening) method(...values);
    };
  };
  return {
    arrived: all("arrived"),
    left: all("left"),
    wanted: all("wanted"),
    ended: all("ended"),
    failed: all("failed"),
    delivered: all("delivered"),
    credited: all("credited"),
    chunk: all("chunk"),
    verified: all("verified"),
    cdnBytes: all("cdnBytes"),
    cdnRequest: all("cdnRequest"),
    uploaded: all("uploaded"),
    message: all("message"),
    started: all("started"),
    stalled: all("stalled"),
    resumed: all("resumed"),
    played: all("played"),
    linked: all("linked"),
    linkFailed: all("linkFailed"),
    warned: all("warned"),
    evicted: all("evicted"),
  };
}

export type Watch = Watchers;
