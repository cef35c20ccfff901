import { encodeHex, type Grant } from "@tributary/protocol";
import type { StatementStore } from "../core/accounting/statement-store.ts";
import type { StatementRecord } from "../core/index.ts";

/** Forgets everything with the process, so it is no store to acknowledge anything by: for tests of the sockets only. */
export function createMemoryStatements() {
  const grants = new Map<string, Grant>();
  const statements: StatementRecord[] = [];
  const store: StatementStore = {
    saveGrants(issued) {
      for (const grant of issued) grants.set(encodeHex(grant.grantId), grant);
      return Promise.resolve();
    },
    findGrants: (ids) => Promise.resolve(ids.flatMap((id) => grants.get(encodeHex(id)) ?? [])),
    saveStatement(record) {
      statements.push(record);
      return Promise.resolve();
    },
  };
  return { store, statements };
}
