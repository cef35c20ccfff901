import { expect, test } from "@playwright/test";
import type { Fault, LoggedRequest } from "@tributary/demo-player/origin";
import {
  alteredDeliveries,
  isHarmless,
  type PlayerError,
  type Scene,
  type SceneOptions,
  type Viewer,
  type ViewerReport,
  withScene,
} from "../src/index.ts";

type Comparison = Pick<SceneOptions, "stream" | "hls"> & {
  readonly fault: Omit<Fault, "client">;
  /** When both have seen enough. */
  readonly done: (report: ViewerReport) => boolean;
};

interface Side {
  readonly errors: readonly PlayerError[];
  /** Media requests with their answers, in the order in which they ended. */
  readonly requests: readonly Pick<LoggedRequest, "path" | "range" | "status">[];
  readonly report: ViewerReport;
}

/** The same trouble for a viewer with plain hls.js and for a lonely viewer with the SDK. */
async function sideBySide({ fault, done, ...options }: Comparison): Promise<{ plain: Side; ours: Side }> {
  return withScene(options, async (scene) => {
    for (const client of ["viewer-1", "viewer-2"])
      scene.origin.faults.add({ ...fault, client: `^${client}$` });
    const plain = await scene.join({ engine: null });
    const ours = await scene.join();
    for (const viewer of [plain, ours]) await viewer.until(done, { what: "it has come as far as it should" });
    const reports = [await plain.report(), await ours.report()] as const;
    expect(plain.complaints).toEqual([]);
    expect(ours.complaints).toEqual([]);
    return { plain: sideOf(scene, plain.name, reports[0]), ours: sideOf(scene, ours.name, reports[1]) };
  });
}

function sideOf({ origin }: Scene, name: string, report: ViewerReport): Side {
  const requests = origin
    .log()
    .filter(({ client, path }) => client === name && path.includes("seg-"))
    .map(({ path, range, status }) => ({ path, range, status }));
  return {
    errors: report.errors.filter(({ details }) => details !== "bufferSeekOverHole"),
    requests,
    report,
  };
}

const about = (side: Side, name: string): Side["requests"] =>
  side.requests.filter(({ path }) => path.includes(name));

test("the CDN has lost a segment: the same errors after the same requests", async () => {
  const { plain, ours } = await sideBySide({
    stream: "vod-ts",
    fault: { match: "seg-2\\.ts", status: 404 },
    done: ({ errors }) => errors.filter(({ details }) => details === "fragLoadError").length >= 3,
  });
  expect(plain.errors[0]).toMatchObject({ details: "fragLoadError", status: 404 });
  expect(ours.errors.slice(0, 3)).toEqual(plain.errors.slice(0, 3));
  expect(about(ours, "seg-2.ts").slice(0, 3)).toEqual(about(plain, "seg-2.ts").slice(0, 3));
});

test("live, the CDN has lost a segment: a viewer asked for it 150 times a second, plain hls.js four times in all", async () => {
  await withScene({ stream: "roots/live-ts" }, async (scene) => {
    const viewers = [
      await scene.join({ engine: null }),
      await scene.join({ engine: null }),
      await scene.join(),
      await scene.join(),
    ];
    for (const viewer of viewers.slice(2))
      await viewer.until(({ stats }) => stats?.peers === 1, { what: "it has its neighbour" });
    const sequenceOf = (path: string) => Number(/seg-(\d+)\.ts/.exec(path)?.[1] ?? -1);
    // Two segments on: no player and no engine has heard of that one yet.
    const lost = Math.max(...scene.origin.log().map(({ path }) => sequenceOf(path))) + 2;
    scene.origin.faults.add({ match: `seg-${lost}\\.ts`, status: 404 });
    const requestsOf = ({ name }: Viewer) =>
      scene.origin.log().filter(({ client, path }) => client === name && sequenceOf(path) === lost).length;
    for (const viewer of viewers)
      await viewer.until(({ errors }) => errors.some(({ details }) => details === "bufferSeekOverHole"), {
        what: "it has played up to the hole and over it",
        timeoutMs: 60_000,
      });
    const plainMost = Math.max(...viewers.slice(0, 2).map(requestsOf));
    expect(plainMost).toBeGreaterThan(0);
    for (const viewer of viewers) {
      const { errors, deliveries } = await viewer.report();
      expect(deliveries.some(({ path }) => sequenceOf(path) > lost)).toBe(true);
      expect(errors.filter(({ fatal }) => fatal)).toEqual([]);
      const refusals = errors.filter(({ details }) => details === "fragLoadError");
      for (const { status } of refusals) expect(status).toBe(404);
      // One for each that the player made, and one ahead of it.
      expect(requestsOf(viewer)).toBeLessThanOrEqual(refusals.length + 1);
      expect(requestsOf(viewer)).toBeLessThanOrEqual(plainMost + 1);
    }
  });
});

test("the CDN answers 500 twice: the same errors and retries, then it plays on", async () => {
  const { plain, ours } = await sideBySide({
    stream: "vod-ts",
    fault: { match: "seg-1\\.ts", status: 500, times: 2 },
    done: ({ currentTimeS }) => currentTimeS > 5,
  });
  expect(plain.errors.map(({ details, status }) => [details, status])).toEqual([
    ["fragLoadError", 500],
    ["fragLoadError", 500],
  ]);
  expect(ours.errors).toEqual(plain.errors);
  expect(about(ours, "seg-1.ts").map(({ status }) => status)).toEqual([500, 500, 200]);
});

test("the CDN drops the connection inside a segment: the same error, then it plays on", async () => {
  const { plain, ours } = await sideBySide({
    stream: "vod-ts",
    fault: { match: "seg-1\\.ts", dropAfterBytes: 100_000, times: 1 },
    done: ({ currentTimeS }) => currentTimeS > 5,
  });
  expect(plain.errors).toMatchObject([{ details: "fragLoadError", fatal: false, status: 0 }]);
  expect(ours.errors).toEqual(plain.errors);
});

test("the CDN does not answer: the same timeouts, then it plays on", async () => {
  const { plain, ours } = await sideBySide({
    stream: "vod-ts",
    hls: {
      fragLoadPolicy: {
        default: {
          maxTimeToFirstByteMs: 1500,
          maxLoadTimeMs: 20_000,
          timeoutRetry: { maxNumRetry: 4, retryDelayMs: 0, maxRetryDelayMs: 0 },
          errorRetry: { maxNumRetry: 6, retryDelayMs: 1000, maxRetryDelayMs: 8000 },
        },
      },
    },
    fault: { match: "seg-1\\.ts", delayMs: 4000, times: 2 },
    done: ({ currentTimeS }) => currentTimeS > 5,
  });
  expect(plain.errors.map(({ details }) => details)).toEqual(["fragLoadTimeOut", "fragLoadTimeOut"]);
  expect(ours.errors.map(({ details }) => details)).toEqual(["fragLoadTimeOut", "fragLoadTimeOut"]);
});

test("the CDN is slow: it starts and plays as plain hls.js does", async () => {
  const { plain, ours } = await sideBySide({
    stream: "vod-ts",
    fault: { match: "seg-", bytesPerSecond: 100_000 },
    done: ({ currentTimeS }) => currentTimeS > 8,
  });
  expect([plain.report.stalls, ours.report.stalls]).toEqual([0, 0]);
  expect([plain.errors, ours.errors]).toEqual([[], []]);
  expect(ours.report.startupMs).toBeLessThan(plain.report.startupMs! * 1.1 + 300);
});

test("the CDN ignores ranges: hls.js gets the range it asked for all the same", async () => {
  const { plain, ours } = await sideBySide({
    stream: "vod-byterange",
    fault: { match: "all\\.ts", ignoreRange: true },
    done: ({ currentTimeS }) => currentTimeS > 3,
  });
  expect(ours.errors).toEqual(plain.errors);
  for (const { bytes, range } of ours.report.deliveries) expect(bytes).toBe(range!.end - range!.start);
});

test("the CDN ignores ranges when a late segment's tail is fetched: the segment arrives whole", async () => {
  // A piece in little more than a second: of four, some come in time and never all.
  const slowUplink = { upload: { maxBps: 400_000 } };
  await withScene(
    { stream: "roots/vod-ts", faults: [{ match: "seg-", ignoreRange: true }] },
    async (scene) => {
      const first = await scene.join({ engine: slowUplink });
      await first.until((report) => report.bufferedEndS > 30, { what: "it has buffered 30 s" });
      const second = await scene.join();
      const report = await second.until(({ currentTimeS }) => currentTimeS > 12, {
        what: "it has played 12 s",
        timeoutMs: 30_000,
      });
      expect(report.stalls).toBe(0);
      expect(report.errors.filter((error) => !isHarmless(error))).toEqual([]);
      expect(await alteredDeliveries(scene.origin, [report])).toEqual([]);
      const ranged = scene.origin
        .log()
        .filter(({ client, range }) => client === "viewer-2" && range !== null);
      expect(ranged.length).toBe(1);
      expect(report.warnings.filter(({ code }) => code === "range-unsupported")).toHaveLength(ranged.length);
    },
  );
});
