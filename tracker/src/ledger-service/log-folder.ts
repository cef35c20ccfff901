import { join } from "node:path";

/** Where the log of a data directory is published. */
export const logFolderOf = (dataDir: string) => join(dataDir, "log");
