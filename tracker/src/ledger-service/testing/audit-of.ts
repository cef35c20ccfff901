import { loadTrackerKey } from "../../adapters/crypto/tracker-key.ts";
import type { Database } from "../../adapters/database/open-database.ts";
import { audit } from "../audit.ts";
import { logFolderOf } from "../log-folder.ts";
import { logSigner } from "../log-key.ts";

/** An audit of a tracker's database by the key and the published log in its data folder. */
export const auditOf = (database: Database, dataDir: string) =>
  audit(database, logFolderOf(dataDir), logSigner(loadTrackerKey(dataDir)));
