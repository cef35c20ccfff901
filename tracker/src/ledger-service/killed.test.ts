import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createSeededRandom } from "../testing/seeded-random.ts";
import { type Acknowledged, recover, workAndDie } from "./testing/kill.ts";

/** `npm run ledger:kill` takes more: KILL_MOMENTS=200. */
const MOMENTS = Number(process.env["KILL_MOMENTS"] ?? 3);
const SEED = Number(process.env["KILL_SEED"] ?? Date.now() % 1_000_000);
const WORK_MS_MAX = 400;
const RECOVERY_MS_MAX = 2_000;

it(
  `keeps what it acknowledged, and its sums, through ${MOMENTS} kills at random moments`,
  async () => {
    console.info(`KILL_SEED=${SEED}`);
    const random = createSeededRandom(SEED);
    const dataDir = mkdtempSync(join(tmpdir(), "tributary-kill-"));
    const recoveries: number[] = [];
    let startEpoch = 1;
    let stated = 0;
    for (let moment = 0; moment < MOMENTS; moment++) {
      const died: Acknowledged = await workAndDie({ dataDir, startEpoch }, random() * WORK_MS_MAX);
      const { recoveryMs, lost, findings } = await recover(dataDir, died);
      expect({ lost, findings }).toEqual({ lost: [], findings: [] });
      recoveries.push(recoveryMs);
      stated += died.stated.length;
      startEpoch = died.lastEpoch + 2;
    }
    const slowestMs = Math.max(...recoveries);
    console.info(`${stated} statements acknowledged, slowest recovery ${Math.round(slowestMs)} ms`);
    expect(slowestMs).toBeLessThan(RECOVERY_MS_MAX);
    rmSync(dataDir, { recursive: true });
  },
  20_000 + MOMENTS * 15_000,
);
