import { parentPort, workerData } from "node:worker_threads";
import { createCrowd, type Kind } from "./crowd.ts";

export interface CrowdOptions {
  readonly kind: Kind;
  readonly viewers: number;
  readonly grantsEach: number;
  readonly epoch: number;
}

/** All grants, or the round of that number. */
export type CrowdQuestion = "grants" | number;

const { kind, viewers, grantsEach, epoch } = workerData as CrowdOptions;
const crowd = createCrowd(kind, viewers, grantsEach, epoch);
parentPort!.on("message", (question: CrowdQuestion) =>
  parentPort!.postMessage(question === "grants" ? crowd.grants : crowd.round(question)),
);
