import { type Claim, type Link, type SegmentKey, segmentKeyOf } from "@tributary/protocol";
import type { LieName } from "../contract.ts";
import type { Identity } from "./identity.ts";
import { type Lie, pause, type Stage } from "./lie.ts";
import type { Listed } from "./media.ts";
import { receiptFor } from "./receipt.ts";

/** As many as a viewer queues for one peer: what is queued when it chokes must not go out either. */
const OPEN_MAX = 16;
const LOOK_EVERY_MS = 50;

/** What one identity has taken and gave no receipt for, and its last receipt. It outlives links. */
interface Tab {
  readonly owed: Map<SegmentKey, Link>;
  claim: Claim | null;
  /** Turns that it has done something about. */
  turns: number;
}

const tabs = new WeakMap<Identity, Tab>();

/**
 * Takes whole segments, as many at a time as it can have queued, and gives no receipts. With the first turn it drops
 * its link and comes back; with each later one it gives a receipt for all that it owes, and goes on taking.
 */
export const freeloaders = {
  freeloader: {
    claims: "nothing",
    async begin(stage) {
      const tab = tabs.get(stage.identity) ?? { owed: new Map(), claim: null, turns: 0 };
      tabs.set(stage.identity, tab);
      const asking = askOn(stage, tab);
      while (await stage.wire.ready()) {
        if (stage.turns() > tab.turns) {
          tab.turns += 1;
          if (tab.turns === 1) return stage.wire.drop();
          await pay(stage, tab);
        }
        asking.next();
        await pause(LOOK_EVERY_MS);
      }
    },
  },
} as const satisfies Partial<Record<LieName, Lie>>;

/** Keeps requests open while it is served, and goes on knocking while it is not. */
function askOn({ wire, media, listen, lied }: Stage, { owed }: Tab): { next(): void } {
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
    lied();
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
    next() {
      const segments = [...held];
      if (segments.length === 0) return;
      const count = choked ? 1 : OPEN_MAX - open.size;
      for (let more = 0; more < count; more += 1) void ask(segments[(lastId + more) % segments.length]!);
    },
  };
}

async function pay(stage: Stage, tab: Tab): Promise<void> {
  const links = [...tab.owed.values()];
  tab.owed.clear();
  const { sealed, claim } = await receiptFor(stage, tab.claim, links);
  tab.claim = claim;
  stage.wire.send({ type: "receipt", bytes: sealed });
}
