import { once } from "node:events";
import type { Grant } from "@tributary/protocol";
import { startTypescriptWorker } from "../../ledger-service/typescript-worker.ts";
import type { Round } from "./crowd.ts";
import type { CrowdOptions, CrowdQuestion } from "./crowd-worker.ts";

/** A crowd with a memory of its own: what viewers remember is nothing that their tracker's heap is swept for. */
export interface CrowdThread {
  grants(): Promise<readonly Grant[]>;
  /** As the crowd's. When it resolves, nothing goes on there. */
  round(number: number): Promise<Round>;
  close(): Promise<void>;
}

export function startCrowd(options: CrowdOptions): CrowdThread {
  const worker = startTypescriptWorker(new URL("./crowd-worker.ts", import.meta.url), options);
  async function ask(question: CrowdQuestion): Promise<unknown> {
    worker.postMessage(question);
    const [answer] = (await once(worker, "message")) as [unknown];
    return answer;
  }
  return {
    grants: () => ask("grants") as Promise<readonly Grant[]>,
    round: (number) => ask(number) as Promise<Round>,
    async close() {
      await worker.terminate();
    },
  };
}
