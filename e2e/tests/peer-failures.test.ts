import { expect, test } from "@playwright/test";
import {
  checkViewers,
  peerBytesOf,
  playOn,
  type Scene,
  until,
  type Viewer,
  withScene,
} from "../src/index.ts";

/** Slow enough that a segment of 240 kB takes seconds: trouble meets transfers half done. */
const SLOW_UPLINK = { upload: { maxBps: 600_000 } };

async function withHolders(
  count: number,
  then: (scene: Scene, joiner: Viewer) => Promise<void>,
): Promise<void> {
  await withScene({ stream: "roots/vod-ts", engine: SLOW_UPLINK, viewers: count }, async (scene) => {
    for (const viewer of scene.viewers)
      await viewer.until((report) => report.bufferedEndS - report.currentTimeS > 6, {
        what: "it has buffered 6 s",
      });
    const joiner = await scene.join();
    await joiner.until(
      (report) => (report.stats?.peerList ?? []).some(({ downloadedBytes }) => downloadedBytes > 0),
      { what: "a peer has begun to send" },
    );
    await then(scene, joiner);
  });
}

test("every peer vanishes in the middle of a segment: playback goes on from the CDN", async () => {
  await withHolders(2, async (scene, joiner) => {
    const leavers = scene.viewers.filter((viewer) => viewer !== joiner);
    await Promise.all(leavers.map((viewer) => viewer.crash()));
    const alone = { origin: scene.origin, viewers: [joiner] };
    await playOn(alone, 8);
    await joiner.until(({ stats }) => stats!.peers === 0, { what: "it has given the dead links up" });
    expect((await checkViewers(alone)).problems).toEqual([]);
  });
});

test("T12 a peer goes silent with its connection open: playback goes on from the CDN", async () => {
  await withHolders(1, async (scene, joiner) => {
    const resume = await scene.viewers[0]!.freeze();
    const alone = { origin: scene.origin, viewers: [joiner] };
    await playOn(alone, 8);
    expect((await checkViewers(alone)).problems).toEqual([]);
    await resume();
  });
});

test("viewers leave and come all the time: those who stay never notice", async () => {
  await withScene({ stream: "live-ts", viewers: 2 }, async (scene) => {
    for (let round = 0; round < 3; round += 1) {
      const guest = await scene.join();
      await guest.until((report) => report.currentTimeS > 0 && (report.stats?.peers ?? 0) > 0, {
        what: "it plays, with peers",
      });
      await (round === 1 ? guest.crash() : guest.close());
    }
    const stayed = { origin: scene.origin, viewers: scene.viewers.slice(0, 2) };
    await playOn(stayed, 8);
    expect((await checkViewers(stayed)).problems).toEqual([]);
  });
});

test("the tracker dies: links live on, and a newcomer plays from the CDN", async () => {
  await withScene({ stream: "roots/live-ts", viewers: 3 }, async (scene) => {
    for (const viewer of scene.viewers)
      await viewer.until(({ stats }) => stats!.peers === 2, { what: "it knows both others" });
    await scene.tracker.kill();
    for (const viewer of scene.viewers)
      await viewer.until(({ stats }) => stats!.tracker === "lost", { what: "it has noticed" });
    const before = (await Promise.all(scene.viewers.map((viewer) => viewer.report()))).map(peerBytesOf);
    await scene.join();
    await playOn(scene, 14);
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    const gained = reports.slice(0, 3).map((report, i) => peerBytesOf(report) - before[i]!);
    expect(gained.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(500_000);
    expect(reports[3]!.stats).toMatchObject({ peers: 0, peerBytes: 0 });
    expect(reports[3]!.warnings.map(({ code }) => code)).toEqual(["tracker-unreachable"]);
  });
});

test("the tracker comes back: viewers find it again and meet a newcomer", async () => {
  await withScene({ stream: "roots/vod-ts", viewers: 1 }, async (scene) => {
    const [first] = scene.viewers as [Viewer];
    await first.until(({ stats }) => stats!.tracker === "ready", { what: "it knows the tracker" });
    await scene.tracker.kill();
    await first.until(({ stats }) => stats!.tracker === "lost", { what: "it has lost the tracker" });
    await scene.restartTracker();
    await first.until(({ stats }) => stats!.tracker === "ready", { what: "it has found the tracker again" });
    await first.until(({ bufferedEndS }) => bufferedEndS > 30, { what: "it has buffered 30 s" });
    const second = await scene.join();
    await second.until((report) => peerBytesOf(report) > 500_000, {
      what: "it takes segments from the first",
    });
    expect((await checkViewers(scene)).problems).toEqual([]);
  });
});

test("no tracker at all: plain playback, and explain() says so", async () => {
  await withScene({ stream: "vod-ts", tracker: null, viewers: 1 }, async (scene) => {
    await playOn(scene, 3);
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    expect(reports[0]!.stats).toMatchObject({ tracker: "off", peers: 0, peerBytes: 0 });
    expect(reports[0]!.warnings).toEqual([]);
    expect(reports[0]!.explain).toMatch(/tracker/i);
    expect(scene.origin.log().filter(({ path }) => path.includes("seg-0.ts"))).toHaveLength(1);
  });
});

test("a destroyed engine leaves the swarm, and its player plays on from the CDN", async () => {
  await withScene({ stream: "roots/live-ts", viewers: 2 }, async (scene) => {
    const [first, second] = scene.viewers as [Viewer, Viewer];
    await first.until(({ stats }) => stats!.peers === 1, { what: "it knows the other" });
    await first.call("destroyEngine");
    await second.until(({ stats }) => stats!.peers === 0, { what: "the other is alone" });
    await until(async () => (await scene.tracker.stats()).sessions.joined === 1, {
      what: "the tracker counts one viewer",
    });
    await playOn(scene, 9);
    const { problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
  });
});
