/** What this browser keeps of the log between visits, so that another past cannot be shown to it later. */
export interface KeptLog {
  /** "name+c74f20a3+ARpc…" */
  readonly key: string;
  /** The newest checkpoint that was seen, signed. */
  readonly checkpoint: string;
  readonly seenAtMs: number;
}

export interface LogMemory {
  read(): KeptLog | null;
  keep(log: KeptLog): void;
}

const NAME = "tributary-log";

export function createLogMemory(storage: Pick<Storage, "getItem" | "setItem">): LogMemory {
  return {
    read() {
      try {
        const kept = JSON.parse(storage.getItem(NAME) ?? "null") as Partial<KeptLog> | null;
        const { key, checkpoint, seenAtMs } = kept ?? {};
        if (typeof key !== "string" || typeof checkpoint !== "string" || typeof seenAtMs !== "number")
          return null;
        return { key, checkpoint, seenAtMs };
      } catch {
        return null;
      }
    },
    keep(log) {
      try {
        storage.setItem(NAME, JSON.stringify(log));
      } catch {
        // A browser that keeps nothing sees every log for the first time.
      }
    },
  };
}
