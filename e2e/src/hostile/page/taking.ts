import { type Link, type SegmentKey, segmentKeyOf } from "@tributary/protocol";
import type { Stage } from "./lie.ts";
import type { Listed } from "./media.ts";

/** As many as a viewer queues for one peer: what is queued when it chokes must not go out either. */
const OPEN_MAX = 16;

/** What one identity has taken and gave no receipt for. */
export type Owed = Map<SegmentKey, Link>;

export interface Taking {
  /** Keeps requests open while it is served, and knocks once while it is not. */
  next(): void;
  isChoked(): boolean;
}

/** Asks for whole segments, whatever the other side says it has. */
export function takeFrom({ wire, media, listen }: Stage, owed: Owed, asked: () => void): Taking {
  const held = new Set<Listed>();
  const open = new Map<number, { readonly segment: Listed; leftBytes: number }>();
  let lastId = 0;
  let choked = false;

  async function learn(key: SegmentKey): Promise<void> {
    const segment = media.find(key);
    if (segment === undefined) return;
    await media.bytesOf(segment.url);
    held.add(segment);
  }

  function took(requestId: number, bytes: number): void {
    const request = open.get(requestId);
    if (request === undefined) return;
    const { id, key } = request.segment;
    owed.set(key, { segment: id, bytes: (owed.get(key)?.bytes ?? 0) + bytes });
    request.leftBytes -= bytes;
    if (request.leftBytes === 0) open.delete(requestId);
  }

  listen((message) => {
    if (message.type === "bitfield") for (const id of message.segments) void learn(segmentKeyOf(id));
    if (message.type === "have") for (const id of message.added) void learn(segmentKeyOf(id));
    if (message.type === "choke") choked = message.choked;
    if (message.type === "reject") open.delete(message.requestId);
    if (message.type === "piece") took(message.requestId, message.data.length);
  });

  async function ask(segment: Listed): Promise<void> {
    const requestId = ++lastId;
    open.set(requestId, { segment, leftBytes: (await media.bytesOf(segment.url)).length });
    asked();
    wire.send({
      type: "request",
      requestId,
      segment: segment.id,
      firstPiece: 0,
      pieceCount: 0,
      deadlineMs: 30_000,
      wantsList: false,
    });
  }

  return {
    isChoked: () => choked,
    next() {
      const segments = [...held];
      if (segments.length === 0) return;
      const count = choked ? 1 : OPEN_MAX - open.size;
      for (let more = 0; more < count; more += 1) void ask(segments[(lastId + more) % segments.length]!);
    },
  };
}
