import { expect, test } from "@playwright/test";
import { nameHash } from "@tributary/protocol";
import {
  checkViewers,
  peerBytesOf,
  playOn,
  reportsOf,
  type Scene,
  type SceneOptions,
  until,
  type ViewerReport,
  withScene,
} from "../src/index.ts";

/** How much of the second viewer's media must come from the first: all but its first segment, of eight at least. */
const SHARE_MIN = 0.7;

/** A viewer plays, a second one joins when the first has something to give. */
async function twoViewers(
  stream: SceneOptions["stream"],
  then: (scene: Scene) => Promise<void>,
): Promise<void> {
  await withScene({ stream, viewers: 1 }, async (scene) => {
    await scene.viewers[0]!.until((report) => report.bufferedEndS - report.currentTimeS > 10, {
      what: "it has buffered 10 s",
    });
    await scene.join();
    await then(scene);
  });
}

async function expectSharing(scene: Scene): Promise<void> {
  const { reports, problems } = await checkViewers(scene);
  expect(problems).toEqual([]);
  const second = reports[1]!;
  const deliveredBytes = second.deliveries.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(peerBytesOf(second) / deliveredBytes).toBeGreaterThan(SHARE_MIN);
  expect(peerBytesOf(second)).toBe(second.stats!.peerBytes);
  expect(scene.origin.bytes().byClient.get("viewer-2")!.bytes).toBeLessThan(deliveredBytes * (1 - SHARE_MIN));
}

for (const stream of ["vod-ts", "vod-fmp4", "vod-byterange"] as const) {
  test(`${stream}: a second viewer takes most of it from the first`, async () => {
    await twoViewers(stream, async (scene) => {
      await scene.viewers[1]!.until((report) => report.bufferedEndS > 28, { what: "it has buffered 28 s" });
      await playOn(scene, 2);
      await expectSharing(scene);
    });
  });
}

test("vod-aes: ciphertext is shared, and each viewer gets the key from the CDN", async () => {
  await twoViewers("vod-aes", async (scene) => {
    await scene.viewers[1]!.until((report) => report.bufferedEndS > 28, { what: "it has buffered 28 s" });
    await playOn(scene, 2);
    await expectSharing(scene);
    const keyRequests = scene.origin.log().filter(({ path }) => path.endsWith("aes.key"));
    expect(new Set(keyRequests.map(({ client }) => client))).toEqual(new Set(["viewer-1", "viewer-2"]));
  });
});

test("vod-audio: picture and sound are both shared, the other language too", async () => {
  await twoViewers("vod-audio", async (scene) => {
    await scene.viewers[1]!.until((report) => report.bufferedEndS > 28, { what: "it has buffered 28 s" });
    await expectSharing(scene);
    const pathsFromPeers = async (): Promise<Set<string>> => {
      const { segments, deliveries } = await scene.viewers[1]!.report();
      const tracks = new Set(segments.filter(({ peerBytes }) => peerBytes > 0).map(({ track }) => track));
      return new Set([...tracks, ...deliveries.map(({ path }) => path.split("/")[2] ?? "")].map(String));
    };
    const before = await pathsFromPeers();
    for (const viewer of scene.viewers) {
      await viewer.call("setAudioTrack", 1);
      await viewer.until((report) => report.deliveries.some(({ path }) => path.includes("/high/seg-")), {
        what: "it plays the other sound",
      });
      await viewer.until((report) => report.bufferedEndS > 28, { what: "it has buffered 28 s again" });
    }
    await playOn(scene, 2);
    const after = await pathsFromPeers();
    expect(after.size - before.size).toBe(2);
    await expectSharing(scene);
  });
});

test("vod-abr: a switch of level keeps the connection and goes on sharing", async () => {
  await twoViewers("vod-abr", async (scene) => {
    const [first, second] = [scene.viewers[0]!, scene.viewers[1]!];
    await second.until((report) => report.bufferedEndS > 20, { what: "it has buffered 20 s" });
    for (const viewer of [first, second]) {
      await viewer.call("setLevel", 0);
      await viewer.until(
        (report) => report.deliveries.filter(({ path }) => path.includes("/180/")).length >= 4,
        {
          what: "it has four segments of the small picture",
        },
      );
    }
    await playOn(scene, 3);
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    const { segments, peers } = reports[1]!;
    expect(new Set(segments.filter(({ peerBytes }) => peerBytes > 0).map(({ track }) => track)).size).toBe(2);
    expect(peers.map(({ state }) => state)).toEqual(["connected"]);
  });
});

/** Three viewers beside one without the SDK, all from the same moment on. */
async function besidePlain(stream: SceneOptions["stream"], seconds: number): Promise<LiveOutcome> {
  return withScene({ stream }, async (scene) => {
    const plain = await scene.open({ engine: null });
    for (let i = 0; i < 3; i += 1) await scene.open();
    await windowSlides(scene.origin.url, stream);
    await Promise.all(scene.viewers.map((viewer) => viewer.play()));
    // Their playheads leap to the live edge when they begin: that is not playing on.
    for (const viewer of scene.viewers)
      await viewer.until(({ startupMs }) => startupMs !== null, { what: "it plays" });
    await playOn(scene, seconds);
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    const plainHeldBackS = heldBackS(await plain.report());
    return { reports, excessS: Math.max(...reports.map((report) => heldBackS(report) - plainHeldBackS)) };
  });
}

/** Who joins just before a segment comes begins a whole segment further back than who joins just after it. */
async function windowSlides(origin: string, stream: string): Promise<void> {
  const text = async (path: string): Promise<string> => (await fetch(`${origin}/${stream}/${path}`)).text();
  const [media] = (await text("index.m3u8"))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const sequence = async (): Promise<string | undefined> =>
    /^#EXT-X-MEDIA-SEQUENCE:(\d+)$/m.exec(await text(media!))?.[1];
  const before = await sequence();
  await until(async () => (await sequence()) !== before, { what: "the live window slides" });
}

/** Latency without what the start took: that depends on what else the machine does, and it stays in the latency. */
function heldBackS({ latencyS, startupMs }: ViewerReport): number {
  return latencyS! - startupMs! / 1000;
}

interface LiveOutcome {
  readonly reports: readonly ViewerReport[];
  /** Latency of the viewer that is furthest behind, above that of plain hls.js. */
  readonly excessS: number;
}

for (const stream of ["live-ts", "live-fmp4"] as const) {
  test(`${stream}: viewers share at the latency of plain hls.js`, async () => {
    const { reports, excessS } = await besidePlain(stream, 16);
    expect(excessS).toBeLessThan(0.5);
    expect(reports.reduce((sum, report) => sum + peerBytesOf(report), 0)).toBeGreaterThan(1_000_000);
  });
}

test("live-abr: viewers share the size that all switch to, time and again, and nobody stalls", async () => {
  await withScene({ stream: "live-abr", viewers: 3 }, async (scene) => {
    const { viewers } = scene;
    const shared = async (size: number): Promise<number> => {
      const track = nameHash(`${size}/media.m3u8`);
      const segments = (await reportsOf(viewers)).flatMap((report) => report.segments);
      return segments.filter((segment) => segment.track === track && segment.peerBytes > 0).length;
    };
    for (const viewer of viewers)
      await viewer.until(({ startupMs }) => startupMs !== null, { what: "it plays" });
    for (const [level, size] of [180, 240, 360].entries()) {
      for (const viewer of viewers) await viewer.call("setLevel", level);
      const before = await shared(size);
      await until(async () => (await shared(size)) >= before + 2, {
        what: `two more segments of ${size} lines came from other viewers`,
      });
    }
    for (const viewer of viewers) await viewer.call("setLevel", -1);
    await playOn(scene, 5);
    expect((await checkViewers(scene)).problems).toEqual([]);
  });
});

/** How much of all parts must come from other viewers. */
const LIVE_PARTS_SHARE_MIN = 0.4;

for (const stream of ["ll", "ll-ranges"] as const) {
  test(`${stream}: low-latency parts are shared, at the latency of plain hls.js`, async () => {
    const { reports, excessS } = await besidePlain(stream, 15);
    // One begins up to a part nearer to the edge than another, by when it came: plain viewers are 2.8 to 3.9 s behind it.
    expect(excessS).toBeLessThan(1 + 0.5);
    const parts = reports.flatMap(({ segments }) => segments).filter(({ part }) => part >= 0);
    const shared = parts.filter(({ peerBytes }) => peerBytes > 0);
    expect(parts.length).toBeGreaterThan(3 * 15);
    // Two thirds is all there is, for one of the three fetches each part; until they are connected each fetches its own.
    expect(shared.length / parts.length).toBeGreaterThan(LIVE_PARTS_SHARE_MIN);
  });
}
