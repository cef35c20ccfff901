import { expect, test } from "@playwright/test";
import {
  checkViewers,
  longestFreezeMs,
  type PageLoading,
  peerBytesOf,
  playOn,
  withScene,
} from "../src/index.ts";

const KINDS: readonly PageLoading[] = ["loader", "fLoader", "xhrSetup", "fetchSetup"];

for (const loading of KINDS) {
  test(`a page's own ${loading} fetches from the CDN whatever peers do not bring`, async () => {
    await withScene({ stream: "roots/vod-ts" }, async (scene) => {
      const first = await scene.join({ loading });
      await first.until((report) => report.bufferedEndS > 30, { what: "it has buffered 30 s" });
      const second = await scene.join({ loading });
      await second.until((report) => report.bufferedEndS > 30, { what: "it has buffered 30 s" });
      await playOn(scene, 2);
      const { reports, problems } = await checkViewers(scene);
      expect(problems).toEqual([]);
      expect(peerBytesOf(reports[1]!)).toBeGreaterThan(1_000_000);

      const media = scene.origin.log().filter(({ path }) => path.includes("seg-"));
      expect(media.length).toBeGreaterThan(0);
      expect(media.filter(({ client }) => client !== "page-made")).toEqual([]);
    });
  });
}

/** A tab stood still for up to 9 s; what a busy machine takes from a healthy one is far below this. */
const FREEZE_MS_MAX = 2000;

for (const loading of ["xhrSetup", "fLoader"] as const) {
  test(`live: viewers whose page made its own ${loading} froze, failed loads and closed each other's links`, async () => {
    // Such players leave what is listed for later: time for their engines to think of it first.
    const hls = { maxBufferLength: 4, maxMaxBufferLength: 4 };
    await withScene({ stream: "roots/live-ts", loading, hls }, async (scene) => {
      for (let count = 0; count < 3; count += 1) await scene.join();
      for (const viewer of scene.viewers)
        await viewer.until(({ stats }) => stats?.peers === 2, { what: "it has both neighbours" });
      const freezes = await Promise.all(scene.viewers.map(longestFreezeMs));
      await playOn(scene, 16);
      const { reports, problems } = await checkViewers(scene);
      expect(problems).toEqual([]);
      expect(reports.flatMap(({ warnings }) => warnings)).toEqual([]);
      expect(reports.flatMap(({ peers }) => peers).filter(({ state }) => state === "closed")).toEqual([]);
      for (const freeze of freezes) expect(await freeze()).toBeLessThan(FREEZE_MS_MAX);
      expect(reports.reduce((sum, report) => sum + peerBytesOf(report), 0)).toBeGreaterThan(1_000_000);
      const media = scene.origin.log().filter(({ path }) => path.includes("seg-"));
      expect(media.filter(({ client, range }) => client !== "page-made" || range !== null)).toEqual([]);
    });
  });
}

test("media behind a URL with a password in it plays, and other viewers share it", async () => {
  await withScene({ stream: "roots/vod-ts" }, async (scene) => {
    for (let i = 0; i < 2; i += 1) {
      const viewer = await scene.open();
      await viewer.play({
        stream: `${viewer.origin.url.replace("//", "//user:pass@")}/roots/vod-ts/index.m3u8`,
      });
      await viewer.until((report) => report.bufferedEndS > 30, { what: "it has buffered 30 s" });
    }
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    expect(peerBytesOf(reports[1]!)).toBeGreaterThan(1_000_000);
  });
});
