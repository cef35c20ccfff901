import type { LedgerBatch } from "../adapters/database/settlement-inputs.ts";
import type { Recorded } from "./thread-messages.ts";

/**
 * Between transactions: so that many statements share one, each of which costs more than what is in it. Nobody notices
 * such a delay of an acknowledgement.
 */
const GATHER_MS = 25;

interface Recording {
  readonly batch: LedgerBatch;
  readonly resolve: (taken: boolean[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Gathers batches while those before them are on their way to the disk, and hands them over together.
 * @param recordAll may take `memory` away, in which all statements are; tells of each batch what became of it; rejects where the ledger is gone
 */
export function createRecorder(
  recordAll: (batches: readonly LedgerBatch[], memory: ArrayBuffer) => Promise<readonly Recorded[]>,
): (batch: LedgerBatch) => Promise<boolean[]> {
  let waiting: Recording[] = [];
  let working = false;

  async function work(): Promise<void> {
    working = true;
    while (waiting.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      const together = waiting;
      waiting = [];
      try {
        const packed = packStatements(together.map(({ batch }) => batch));
        const recorded = await recordAll(packed.batches, packed.memory);
        for (const [at, { resolve, reject }] of together.entries()) {
          const result = recorded[at]!;
          if (result.ok) resolve([...result.taken]);
          else reject(new Error(result.message));
        }
      } catch (error) {
        for (const { reject } of together) reject(error as Error);
      }
    }
    working = false;
  }

  return (batch) =>
    new Promise((resolve, reject) => {
      waiting.push({ batch, resolve, reject });
      if (!working) void work();
    });
}

/** Copies all statements into one piece of memory, which goes to another thread as a whole and not one by one. */
function packStatements(batches: readonly LedgerBatch[]): { batches: LedgerBatch[]; memory: ArrayBuffer } {
  let sizeBytes = 0;
  for (const { statements = [] } of batches) for (const { sealed } of statements) sizeBytes += sealed.length;
  const memory = new ArrayBuffer(sizeBytes);
  let at = 0;
  const packed = batches.map((batch) => {
    if (batch.statements === undefined) return batch;
    const statements = batch.statements.map(({ sealed, account }) => {
      const copy = new Uint8Array(memory, at, sealed.length);
      copy.set(sealed);
      at += sealed.length;
      return { sealed: copy, account };
    });
    return { ...batch, statements };
  });
  return { batches: packed, memory };
}
