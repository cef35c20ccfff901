import { Worker } from "node:worker_threads";
import type { Ledger, LedgerOptions } from "./contract.ts";
import { createRecorder } from "./recorder.ts";
import type { Answer, Call, LedgerFacts, Recorded } from "./thread-messages.ts";
import { startTypescriptWorker } from "./typescript-worker.ts";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Opens the ledger in a thread of its own, so that its fsync never holds up a socket.
 * @throws Error in plain words where it cannot be opened
 */
export function startLedgerThread(options: LedgerOptions): Promise<Ledger> {
  const worker = startWorker(options);
  const waiting = new Map<number, Waiting>();
  let lastCall = 0;
  let ended: Error | null = null;

  const endWith = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  const call: CallThread = (method, args, transfer = []) =>
    new Promise((resolve, reject) => {
      if (ended !== null) {
        reject(ended);
        return;
      }
      const id = ++lastCall;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, method, args } satisfies Call, transfer);
    });

  return new Promise((resolve, reject) => {
    worker.on("message", (answer: Answer) => {
      if ("ready" in answer) {
        if (answer.ready) resolve(ledgerOver(answer.facts, call, worker));
        else reject(new Error(answer.message));
        return;
      }
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (answer.ok) asked?.resolve(answer.value);
      else asked?.reject(new Error(answer.message));
    });
    worker.on("error", (error: Error) => {
      reject(error);
      endWith(error);
    });
    worker.on("exit", () => {
      const error = new Error("the ledger has ended");
      reject(error);
      endWith(error);
    });
  });
}

type CallThread = (
  method: Call["method"],
  args: readonly unknown[],
  transfer?: readonly ArrayBuffer[],
) => Promise<unknown>;

function ledgerOver(facts: LedgerFacts, call: CallThread, worker: Worker): Ledger {
  const method =
    (name: Call["method"]) =>
    (...args: readonly unknown[]) =>
      call(name, args);
  const record = createRecorder(
    (batches, memory) => call("recordAll", [batches], [memory]) as Promise<readonly Recorded[]>,
  );
  return {
    ...facts,
    record,
    findGrants: method("findGrants") as Ledger["findGrants"],
    reportEgress: method("reportEgress") as Ledger["reportEgress"],
    takeLease: method("takeLease") as Ledger["takeLease"],
    deposit: method("deposit") as Ledger["deposit"],
    settleDue: method("settleDue") as Ledger["settleDue"],
    earningsOf: method("earningsOf") as Ledger["earningsOf"],
    proofOf: method("proofOf") as Ledger["proofOf"],
    spendingOf: method("spendingOf") as Ledger["spendingOf"],
    async close() {
      // What was handed over so far is kept.
      await record({});
      await call("close", []);
      await worker.terminate();
    },
  };
}

function startWorker(workerData: LedgerOptions): Worker {
  const folder = new URL(".", import.meta.url);
  // As the build names it.
  if (import.meta.url.endsWith(".js")) return new Worker(new URL("ledger-worker.js", folder), { workerData });
  return startTypescriptWorker(new URL("./worker.ts", import.meta.url), workerData);
}
