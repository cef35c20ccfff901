import type { Grant } from "@tributary/protocol";
import type { StatementRecord } from "./model.ts";

/** Where grants and statements wait for settlement. */
export interface StatementStore {
  /**
   * Keeps grants until their epochs are settled, so that statements about them can be checked after a restart. Nobody
   * waits for it: a grant that a crash takes along is worth what is transferred until its successor comes.
   */
  saveGrants(grants: readonly Grant[]): Promise<void>;
  /** Those of the ids that were saved, in any order. */
  findGrants(ids: readonly Uint8Array[]): Promise<readonly Grant[]>;
  /** When it resolves, the statement survives a crash. Rejects where that cannot be had. May be told twice. */
  saveStatement(record: StatementRecord): Promise<void>;
}
