import { expect, test } from "@playwright/test";
import { checkViewers, offloadOf, peerBytesOf, playOn, until, withScene } from "../src/index.ts";

const VIEWERS = 6;
/** Six players decode on two cores. */
const TEST_TIMEOUT_MS = 90_000;

test("six viewers of one VOD, one after another: most of the bytes stay off the origin", async () => {
  test.setTimeout(TEST_TIMEOUT_MS);
  // With roots in the playlist the verifier fetches nothing: it would cost a sixth here.
  await withScene({ stream: "roots/vod-ts" }, async (scene) => {
    for (let i = 0; i < VIEWERS; i += 1) {
      const viewer = await scene.join();
      await viewer.until((report) => report.currentTimeS > 1, { what: "it has played a second" });
    }
    await until(async () => (await scene.viewers.at(-1)!.report()).bufferedEndS > 55, {
      what: "the last viewer has nearly all",
    });
    await playOn(scene, 3);
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    for (const report of reports.slice(1)) expect(peerBytesOf(report)).toBeGreaterThan(1_500_000);
    expect(offloadOf(scene.origin, reports)).toBeGreaterThan(0.65);
  });
});

test("six viewers of a live stream at the default latency: most of the bytes stay off the origin", async () => {
  test.setTimeout(TEST_TIMEOUT_MS);
  await withScene({ stream: "live-ts" }, async (scene) => {
    // One after the other: six starts at one moment leave two cores no time for the second segments.
    for (let i = 0; i < VIEWERS; i += 1) {
      const viewer = await scene.join();
      await viewer.until(({ startupMs }) => startupMs !== null, { what: "it plays" });
    }
    // The start, when nobody has anything to give, is not what this measures.
    await playOn(scene, 4);
    const before = (await checkViewers(scene)).reports.flatMap(({ deliveries }) => deliveries);
    const startBytes = scene.origin.bytes().mediaBytes;
    await playOn(scene, 24);
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    const sum = (all: readonly { bytes: number }[]): number =>
      all.reduce((total, { bytes }) => total + bytes, 0);
    const deliveredBytes = sum(reports.flatMap(({ deliveries }) => deliveries)) - sum(before);
    expect(1 - (scene.origin.bytes().mediaBytes - startBytes) / deliveredBytes).toBeGreaterThan(0.5);
  });
});
