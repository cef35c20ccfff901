import { peerAccount } from "../accounts.ts";
import type { Transfer } from "../transfers.ts";
import type { EpochFacts } from "./input.ts";

/**
 * What convicted liars have in escrow is voided, in place of any release: the escrow is their deposit. The money stays in
 * the escrow account, so that nobody gains by having another convicted.
 * @param transfers of this epoch, its own rewards included
 * @param liars accounts of sessions that signed two claims for one receipt
 * @param deposits their pending rewards, of whatever epoch
 */
export function slash(
  transfers: readonly Transfer[],
  liars: readonly Uint8Array[],
  deposits: readonly Transfer[],
  { epoch, matured }: Pick<EpochFacts, "epoch" | "matured">,
): readonly Transfer[] {
  const convicted = new Set(liars.map((account) => peerAccount(account).id));
  const isConvicted = ({ credit }: Transfer) => convicted.has(credit);
  const kept = transfers.filter((transfer) => transfer.code !== "release" || !isConvicted(transfer));
  const rewards = kept.filter(({ code }) => code === "reward");
  const held = new Map(
    [...deposits, ...matured, ...rewards].filter(isConvicted).map((reward) => [reward.id, reward]),
  );
  const voids = [...held.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, debit, credit, amount }): Transfer => {
      return {
        id: `${id}/slash`,
        debit,
        credit,
        amount,
        epoch,
        code: "slash",
        pendingId: id,
        state: "voided",
      };
    });
  return [...kept, ...voids];
}
