import type { Grant } from "@tributary/protocol";
import { storedGrant } from "../adapters/database/settlement-inputs.ts";
import type { StatementStore } from "../core/accounting/statement-store.ts";
import type { Ledger } from "./contract.ts";

/** Keeps grants and statements in the ledger. */
export function createStatementStore(ledger: Pick<Ledger, "record" | "findGrants">): StatementStore {
  /**
   * Given out and not known to be on disk. A statement takes those that it speaks of along; to hand over all of its
   * grants every time would be most of the work, and to remember all that are durable much of it.
   */
  const unsaved = new Set<Grant>();

  return {
    async saveGrants(grants) {
      for (const grant of grants) unsaved.add(grant);
      await ledger.record({ grants });
      for (const grant of grants) unsaved.delete(grant);
    },
    findGrants: async (ids) => (await ledger.findGrants(ids)).map(storedGrant),
    saveStatement({ sealed, account, grants }) {
      const fresh = unsaved.size === 0 ? [] : grants.filter((grant) => unsaved.has(grant));
      const statements = [{ sealed, account }];
      const batch = fresh.length === 0 ? { statements } : { grants: fresh, statements };
      // No `await`, which would keep all of the record in memory until the disk has it.
      return ledger.record(batch).then(([taken]) => {
        if (taken !== true) throw new Error("a statement of an epoch that is settled");
        for (const grant of fresh) unsaved.delete(grant);
      });
    },
  };
}
