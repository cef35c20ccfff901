import { EMPTY_ACC, type Receipt } from "@tributary/protocol";
import type { LieName } from "../contract.ts";
import { createIdentity } from "./identity.ts";
import { type Lie, pause, type Stage } from "./lie.ts";
import { claimFor, grantTo, receiptFor, sealedBy } from "./receipt.ts";
import { type Owed, takeFrom, type Taking } from "./taking.ts";

const LOOK_EVERY_MS = 50;
/** So often it shows a receipt again that counted once. */
const REPLAYS = 3;

/**
 * Takes until it is choked, then gives false receipts for more. With its turn it gives a true one, takes until it is
 * choked again, and gives that true one again and again.
 */
export const forgers = {
  forger: {
    claims: "nothing",
    async begin(stage) {
      const owed: Owed = new Map();
      const taking = takeFrom(stage, owed, () => {});
      const give = (bytes: Uint8Array) => stage.wire.send({ type: "receipt", bytes });
      const lie = (bytes: Uint8Array) => {
        give(bytes);
        stage.lied();
      };
      await takeUntil(stage, taking, taking.isChoked);
      for (const bytes of await falseReceipts(stage, owed)) lie(bytes);
      await takeUntil(stage, taking, () => stage.turns() > 0);
      const { sealed } = await receiptFor(stage, null, [...owed.values()]);
      give(sealed);
      await takeUntil(stage, taking, () => !taking.isChoked());
      await takeUntil(stage, taking, taking.isChoked);
      for (let again = 0; again < REPLAYS; again += 1) lie(sealed);
      await takeUntil(stage, taking, () => false);
    },
  },
} as const satisfies Partial<Record<LieName, Lie>>;

/** Goes on asking meanwhile. */
async function takeUntil({ wire }: Stage, taking: Taking, isOver: () => boolean): Promise<void> {
  while (!isOver() && (await wire.ready())) {
    taking.next();
    await pause(LOOK_EVERY_MS);
  }
}

/** Each is right in all but one thing. */
async function falseReceipts(stage: Stage, owed: Owed): Promise<readonly Uint8Array[]> {
  const { identity } = stage;
  const links = [...owed.values()];
  const truth = await claimFor(stage, null, links);
  const inflated = links.map((link) => ({ ...link, bytes: 2 * link.bytes }));
  const ofOtherContent: Receipt = { ...truth, acc: EMPTY_ACC };
  const ofOtherDirection: Receipt = { ...truth, grantId: (await grantTo(stage)).grantId };
  const ofNoGrant: Receipt = { ...truth, grantId: new Uint8Array(truth.grantId.length).fill(0x66) };
  return [
    await sealedBy(await createIdentity(), truth),
    await sealedBy(identity, await claimFor(stage, null, inflated)),
    await sealedBy(identity, ofOtherContent),
    await sealedBy(identity, ofOtherDirection),
    await sealedBy(identity, ofNoGrant),
  ];
}
