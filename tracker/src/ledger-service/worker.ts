import { parentPort, workerData } from "node:worker_threads";
import type { LedgerBatch } from "../adapters/database/settlement-inputs.ts";
import type { Ledger, LedgerOptions } from "./contract.ts";
import { openLedger } from "./ledger.ts";
import type { Answer, Call } from "./thread-messages.ts";

interface Recording {
  readonly id: number;
  readonly batch: LedgerBatch;
}

const answer = (message: Answer) => parentPort?.postMessage(message);
const failed = (id: number, error: unknown) =>
  answer({ id, ok: false, message: error instanceof Error ? error.message : String(error) });

try {
  serve(await openLedger(workerData as LedgerOptions));
} catch (error) {
  answer({ ready: false, message: (error as Error).message });
  parentPort?.close();
}

function serve(ledger: Ledger): void {
  const { logKey, terms, openedMs } = ledger;
  let recordings: Recording[] = [];
  let recording = false;

  /** Whatever came in while the last transaction reached the disk goes into the next one: one fsync for all. */
  async function recordAll(): Promise<void> {
    recording = true;
    while (recordings.length > 0) {
      const together = recordings;
      recordings = [];
      try {
        const taken = await ledger.record(merged(together.map(({ batch }) => batch)));
        let at = 0;
        for (const { id, batch } of together)
          answer({ id, ok: true, value: taken.slice(at, (at += batch.statements?.length ?? 0)) });
      } catch {
        // One of them is at fault: each for itself, so that the others do not suffer.
        for (const { id, batch } of together)
          await ledger.record(batch).then(
            (value) => answer({ id, ok: true, value }),
            (error: unknown) => failed(id, error),
          );
      }
    }
    recording = false;
  }

  parentPort?.on("message", ({ id, method, args }: Call) => {
    if (method === "record") {
      recordings.push({ id, batch: args[0] as LedgerBatch });
      if (!recording) void recordAll();
      return;
    }
    const run = ledger[method] as (...args: readonly unknown[]) => Promise<unknown>;
    run(...args).then(
      (value) => answer({ id, ok: true, value }),
      (error: unknown) => failed(id, error),
    );
  });
  answer({ ready: true, facts: { logKey, terms, openedMs } });
}

function merged(batches: readonly LedgerBatch[]): LedgerBatch {
  const all = <Key extends keyof LedgerBatch>(key: Key) =>
    batches.flatMap((batch) => (batch[key] ?? []) as never[]) as unknown as NonNullable<LedgerBatch[Key]>;
  return {
    grants: all("grants"),
    statements: all("statements"),
    roots: all("roots"),
    swarms: all("swarms"),
    sessions: all("sessions"),
    egress: all("egress"),
  };
}
