export const KILL_EPOCH_MS = 60_000;
/** What a child works on. */
export interface KillLoad {
  readonly dataDir: string;
  readonly startEpoch: number;
}
