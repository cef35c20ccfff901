import { expect, test } from "@playwright/test";
import { checkViewers, peerBytesOf, playOn, type Viewer, withScene } from "../src/index.ts";

const NO_VERIFIER = { flags: ["--no-verifier"] };

async function bufferedUp(viewer: Viewer): Promise<void> {
  await viewer.until((report) => report.bufferedEndS > 30, { what: "it has buffered 30 s" });
}

test("roots in the playlist are enough: no verifier, no copy beyond the viewers'", async () => {
  await withScene({ stream: "roots/vod-ts", tracker: NO_VERIFIER, viewers: 1 }, async (scene) => {
    await bufferedUp(scene.viewers[0]!);
    await bufferedUp(await scene.join());
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    expect(peerBytesOf(reports[1]!)).toBeGreaterThan(1_000_000);
    expect([...scene.origin.bytes().byClient.keys()].sort()).toEqual(["viewer-1", "viewer-2"]);
  });
});

test("the verifier is enough: one copy of each segment for it, whatever the number of viewers", async () => {
  await withScene({ stream: "vod-ts", viewers: 1 }, async (scene) => {
    await bufferedUp(scene.viewers[0]!);
    await bufferedUp(await scene.join());
    await bufferedUp(await scene.join());
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    for (const report of reports.slice(1)) expect(peerBytesOf(report)).toBeGreaterThan(1_000_000);
    const verified = scene.origin.log().filter(({ client }) => client === "verifier");
    expect(new Set(verified.map(({ path }) => path)).size).toBe(verified.length);
  });
});

test("T2 a root that the verifier got wrong is put out of use for everybody by the first viewer who knows better", async () => {
  const damaged = { match: "/seg-5\\.ts", client: "^verifier$", corrupt: true };
  await withScene({ stream: "vod-ts", viewers: 1, faults: [damaged] }, async (scene) => {
    await bufferedUp(scene.viewers[0]!);
    await bufferedUp(await scene.join());
    await bufferedUp(await scene.join());
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    expect((await scene.tracker.stats()).roots.quarantined).toBe(1);
    for (const { segments } of reports) {
      expect(segments.find(({ sequence }) => sequence === 5)!.peerBytes).toBe(0);
      expect(segments.find(({ sequence }) => sequence === 5)!.cdnBytes).toBeGreaterThan(0);
    }
    for (const report of reports.slice(1)) expect(peerBytesOf(report)).toBeGreaterThan(1_000_000);
    for (const { warnings } of reports) expect(warnings.map(({ code }) => code)).not.toContain("peer-lied");
  });
});

test("without any root nothing from a peer is delivered", async () => {
  await withScene({ stream: "vod-ts", tracker: NO_VERIFIER, viewers: 1 }, async (scene) => {
    await bufferedUp(scene.viewers[0]!);
    await bufferedUp(await scene.join());
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    for (const report of reports) expect(peerBytesOf(report)).toBe(0);
  });
});

test("a viewer whose CDN copy is damaged passes it on to nobody", async () => {
  const damaged = { match: "/seg-[2-6]\\.ts", client: "^viewer-1$", corrupt: true };
  await withScene({ stream: "roots/vod-ts", faults: [damaged] }, async (scene) => {
    const first = await scene.join();
    await bufferedUp(first);
    const second = await scene.join();
    await bufferedUp(second);
    await playOn({ viewers: [second] }, 3);
    const { reports, problems } = await checkViewers({ origin: scene.origin, viewers: [second] });
    expect(problems).toEqual([]);
    const fromPeers = reports[0]!.segments.filter(({ peerBytes }) => peerBytes > 0);
    expect(fromPeers.length).toBeGreaterThan(2);
    expect(fromPeers.filter(({ sequence }) => sequence >= 2 && sequence <= 6)).toEqual([]);
    expect(reports[0]!.stats!.hashFailures).toBe(0);
    expect((await first.report()).warnings.map(({ code }) => code)).toContain("root-conflict");
  });
});

test("a wrong root in the playlist costs P2P, not playback", async () => {
  await withScene({ stream: "roots/vod-ts" }, async (scene) => {
    const zeros = `${"A".repeat(43)}`;
    for (let i = 0; i < 2; i += 1) {
      const viewer = await scene.open();
      await viewer.page.route("**/media.m3u8", async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replaceAll(/(TRIBUTARY-ROOT:)[^,]+/g, `$1${zeros}`);
        await route.fulfill({ response, body });
      });
      await viewer.play();
      await bufferedUp(viewer);
    }
    await playOn(scene, 2);
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    for (const report of reports) expect(peerBytesOf(report)).toBe(0);
  });
});
