export { createCore, type Core } from "./engine.ts";
export { defaultCoreConfig, type CoreConfig } from "./config.ts";
export type { ChunkHandle, Input } from "./inputs.ts";
export type { Output } from "./outputs.ts";
export type * from "./model.ts";
export type { CoreStats, PartnerStats } from "./stats/snapshot.ts";
export {
  createAccounts,
  type Accounts,
  type AccountsConfig,
  type AccountsCounters,
  type AccountsInput,
  type AccountsOutput,
  type ReceiptNews,
} from "./receipt/accounts.ts";
