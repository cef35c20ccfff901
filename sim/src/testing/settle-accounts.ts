import { encodeHex, type Grant, type StatementEntry } from "@tributary/protocol";
import { comparePair, type PairAccount } from "../../../tracker/src/ledger/settlement/pair.ts";
import { type playAccounts, rootsOf, sha256 } from "./accounts-world.ts";

export type AccountsRun = ReturnType<typeof playAccounts>;

/** Compares every grant's two sides by the ledger's own rule, the last statements of both waited for. */
export function settleAccounts({
  durable,
  grants,
}: AccountsRun): readonly (PairAccount & { readonly grant: Grant })[] {
  const stated = new Map<string, Record<StatementEntry["role"], StatementEntry[]>>();
  for (const { statement } of durable)
    for (const entry of statement.entries) {
      const id = encodeHex(entry.grantId);
      const sides = stated.get(id) ?? { uploader: [], downloader: [] };
      sides[entry.role].push(entry);
      stated.set(id, sides);
    }
  return grants.flatMap((grant) => {
    const sides = stated.get(encodeHex(grant.grantId));
    if (sides === undefined) return [];
    const both = { ...sides, putOff: true };
    return [{ grant, ...comparePair(both, rootsOf, (bytes) => sha256(bytes)) }];
  });
}
