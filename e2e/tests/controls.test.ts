import { expect, test } from "@playwright/test";
import { checkViewers, peerBytesOf, playOn, type Viewer, withScene } from "../src/index.ts";

/** Loads only a little ahead, so that there is something left to load later. */
const THRIFTY = { maxBufferLength: 8, maxMaxBufferLength: 8 };

test("a seek to where nothing is buffered takes the segments there from a peer", async () => {
  await withScene({ stream: "roots/vod-ts" }, async (scene) => {
    const first = await scene.join();
    await first.until((report) => report.bufferedEndS > 55, { what: "it has nearly all" });
    const second = await scene.join({ hls: THRIFTY });
    await second.until(({ stats, currentTimeS }) => stats!.peers === 1 && currentTimeS > 1, {
      what: "it plays, with a peer",
    });
    await second.call("seek", 42);
    await second.until(({ currentTimeS }) => currentTimeS > 44, { what: "it plays there" });
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    const there = reports[1]!.segments.filter(({ sequence }) => sequence >= 10);
    expect(there.length).toBeGreaterThan(0);
    expect(there.reduce((sum, { peerBytes }) => sum + peerBytes, 0)).toBeGreaterThan(200_000);
  });
});

test("pause() stops taking from peers and giving to them, resume() goes on", async () => {
  await withScene({ stream: "roots/vod-ts", hls: THRIFTY }, async (scene) => {
    const first = await scene.join({ hls: {} });
    await first.until((report) => report.bufferedEndS > 55, { what: "it has nearly all" });
    const second = await scene.join();
    await second.until((report) => peerBytesOf(report) > 0, { what: "it takes segments from the first" });
    await second.call("pauseEngine");
    // A segment that was under way keeps the pieces that it had.
    const { segments } = await second.report();
    const next = await second.until((report) => report.segments.length > segments.length, {
      what: "the segment that was under way has come",
    });
    const paused = peerBytesOf(next);
    await playOn({ viewers: [second] }, 9);
    const still = await second.report();
    expect(peerBytesOf(still)).toBe(paused);
    expect(still.explain).toMatch(/paused/i);
    await second.call("resumeEngine");
    await second.until((report) => peerBytesOf(report) > paused, { what: "it takes segments again" });
    expect((await checkViewers(scene)).problems).toEqual([]);
  });
});

/** Makes the page's browser say what kind of link it has, as a phone's does when it changes. */
const setLink = ({ page }: Viewer, type: "cellular" | "wifi") =>
  page.evaluate((kind) => {
    const { connection } = navigator as unknown as { connection?: EventTarget };
    const link = connection ?? new EventTarget();
    Object.defineProperty(link, "type", { value: kind, configurable: true });
    Object.defineProperty(navigator, "connection", { value: link, configurable: true });
    link.dispatchEvent(new Event("change"));
  }, type);

test("T11 a viewer on a cellular link uploads not one byte, and serves newcomers once it has another link", async () => {
  await withScene({ stream: "roots/vod-ts", hls: THRIFTY }, async (scene) => {
    const first = await scene.open({ hls: {} });
    await setLink(first, "cellular");
    await first.play();
    await first.until((report) => report.bufferedEndS > 55, { what: "it has nearly all" });
    const second = await scene.join();
    await second.until(({ stats, currentTimeS }) => stats!.peers === 1 && currentTimeS > 1, {
      what: "it plays, with a peer",
    });
    await playOn({ viewers: [second] }, 9);
    expect(peerBytesOf(await second.report())).toBe(0);
    expect((await first.report()).stats!.uploadedBytes).toBe(0);
    expect((await checkViewers(scene)).problems).toEqual([]);
    // A viewer says whether it uploads when a link begins.
    await second.close();
    await setLink(first, "wifi");
    const third = await scene.join();
    await third.until((report) => peerBytesOf(report) > 0, { what: "it takes segments from the first" });
    expect((await first.report()).stats!.uploadedBytes).toBeGreaterThan(0);
    expect((await checkViewers(scene)).problems).toEqual([]);
  });
});
