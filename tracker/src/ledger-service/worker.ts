import { parentPort, workerData } from "node:worker_threads";
import type { LedgerBatch } from "../adapters/database/settlement-inputs.ts";
import type { Ledger, LedgerOptions } from "./contract.ts";
import { openLedger } from "./ledger.ts";
import type { Answer, Call, Recorded } from "./thread-messages.ts";

const answer = (message: Answer) => parentPort?.postMessage(message);
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

try {
  serve(await openLedger(workerData as LedgerOptions));
} catch (error) {
  answer({ ready: false, message: (error as Error).message });
  parentPort?.close();
}

function serve(ledger: Ledger): void {
  const { logKey, terms, openedMs } = ledger;

  /** One transaction, and one fsync, for all. */
  async function recordAll(batches: readonly LedgerBatch[]): Promise<Recorded[]> {
    try {
      const taken = await ledger.record(merged(batches));
      let at = 0;
      return batches.map(({ statements = [] }) => ({
        ok: true,
        taken: taken.slice(at, (at += statements.length)),
      }));
    } catch {
      // One of them is at fault: each for itself, so that the others do not suffer.
      const recorded: Recorded[] = [];
      for (const batch of batches)
        recorded.push(
          await ledger.record(batch).then(
            (taken) => ({ ok: true, taken }),
            (error: unknown) => ({ ok: false, message: messageOf(error) }),
          ),
        );
      return recorded;
    }
  }

  parentPort?.on("message", ({ id, method, args }: Call) => {
    const run = (method === "recordAll" ? recordAll : ledger[method]) as (
      ...args: readonly unknown[]
    ) => Promise<unknown>;
    run(...args).then(
      (value) => answer({ id, ok: true, value }),
      (error: unknown) => answer({ id, ok: false, message: messageOf(error) }),
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
