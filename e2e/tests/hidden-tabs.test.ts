import { expect, test } from "@playwright/test";
import { checkViewers, peerBytesOf, playOn, withScene } from "../src/index.ts";

test("hidden tabs, slowed down as browsers do: they play and share on", async () => {
  await withScene({ stream: "roots/live-ts", tabs: true }, async (scene) => {
    for (let i = 0; i < 3; i += 1) {
      const viewer = await scene.join();
      // Browsers load no media in a tab that was never seen.
      await viewer.until(({ startupMs }) => startupMs !== null, { what: "it plays" });
    }
    await scene.browser.newPage();
    for (const viewer of scene.viewers) await viewer.until(({ hidden }) => hidden, { what: "it is hidden" });
    const before = (await checkViewers(scene)).reports.map(peerBytesOf);
    await playOn(scene, 16);
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    expect(reports.map(({ hidden }) => hidden)).toEqual([true, true, true]);
    const gained = reports.map((report, i) => peerBytesOf(report) - before[i]!);
    expect(gained.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(500_000);
  });
});
