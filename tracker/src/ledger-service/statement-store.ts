import type { Grant } from "@tributary/protocol";
import type { StatementStore } from "../core/accounting/statement-store.ts";
import type { Ledger } from "./contract.ts";

/** Keeps grants and statements in the ledger. */
export function createStatementStore(ledger: Pick<Ledger, "record" | "findGrants">): StatementStore {
  /** To hand them over with every statement again would be most of the work. */
  const durable = new WeakSet<Grant>();
  const areDurable = (grants: readonly Grant[]) => {
    for (const grant of grants) durable.add(grant);
  };

  return {
    async saveGrants(grants) {
      await ledger.record({ grants });
      areDurable(grants);
    },
    async findGrants(ids) {
      const found = await ledger.findGrants(ids);
      areDurable(found);
      return found;
    },
    async saveStatement({ sealed, account, grants }) {
      const fresh = grants.filter((grant) => !durable.has(grant));
      const statements = [{ sealed, account }];
      const [taken] = await ledger.record(
        fresh.length === 0 ? { statements } : { grants: fresh, statements },
      );
      if (taken !== true) throw new Error("a statement of an epoch that is settled");
      areDurable(fresh);
    },
  };
}
