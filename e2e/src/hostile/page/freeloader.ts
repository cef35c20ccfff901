import type { Claim } from "@tributary/protocol";
import type { LieName } from "../contract.ts";
import type { Identity } from "./identity.ts";
import { type Lie, pause, type Stage } from "./lie.ts";
import { receiptFor } from "./receipt.ts";
import { type Owed, takeFrom } from "./taking.ts";

const LOOK_EVERY_MS = 50;

/** What one identity owes, and its last receipt. It outlives links. */
interface Tab {
  readonly owed: Owed;
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
      const taking = takeFrom(stage, tab.owed, stage.lied);
      while (await stage.wire.ready()) {
        if (stage.turns() > tab.turns) {
          tab.turns += 1;
          if (tab.turns === 1) return stage.wire.drop();
          await pay(stage, tab);
        }
        taking.next();
        await pause(LOOK_EVERY_MS);
      }
    },
  },
} as const satisfies Partial<Record<LieName, Lie>>;

async function pay(stage: Stage, tab: Tab): Promise<void> {
  const links = [...tab.owed.values()];
  tab.owed.clear();
  const { sealed, claim } = await receiptFor(stage, tab.claim, links);
  tab.claim = claim;
  stage.wire.send({ type: "receipt", bytes: sealed });
}
