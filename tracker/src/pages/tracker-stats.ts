import type { VerifierStats } from "../adapters/verifier/verifier.ts";
import type { CoreStats } from "../core/index.ts";

/** What /stats.json shows. */
export interface TrackerStats extends CoreStats {
  readonly uptimeMs: number;
  readonly sockets: "uws" | "ws";
  readonly open: boolean;
  readonly messagesOut: number;
  readonly bytesOut: number;
  /** Sockets cut because too much waited for them. */
  readonly slowReaders: number;
  /** Null where it is switched off. */
  readonly verifier: VerifierStats | null;
}
