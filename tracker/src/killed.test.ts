import { expect, it } from "vitest";
import { killAtMoments } from "./testing/kills/kills.ts";

const MOMENTS = 20;
const SEED = Number(process.env["KILL_SEED"] ?? Date.now() % 1_000_000);
const RECOVERY_MS_MAX = 2_000;

it(`keeps what it acknowledged, its sums and each payment single through ${MOMENTS} kills under load`, async () => {
  console.info(`KILL_SEED=${SEED}`);
  const { acknowledged, resent, epochs, paidBytes, recoveryMs } = await killAtMoments(MOMENTS, SEED);
  const slowestMs = Math.max(...recoveryMs);
  console.info(
    `${acknowledged} and ${resent} statements, ${epochs} epochs, slowest recovery ${slowestMs} ms`,
  );
  expect(acknowledged).toBeGreaterThan(MOMENTS);
  expect(resent).toBeGreaterThan(0);
  expect(epochs).toBeGreaterThan(MOMENTS / 2);
  expect(paidBytes).toBeGreaterThan(0);
  expect(slowestMs).toBeLessThan(RECOVERY_MS_MAX);
}, 300_000);
