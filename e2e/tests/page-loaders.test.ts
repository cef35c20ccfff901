import { expect, test } from "@playwright/test";
import { checkViewers, type PageLoading, peerBytesOf, playOn, withScene } from "../src/index.ts";

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
