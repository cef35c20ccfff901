import { expect, test } from "@playwright/test";
import { encodeTrackerMessage } from "@tributary/protocol";
import type { EngineOptions } from "@tributary/sdk";
import { checkViewers, playOn, withScene } from "../src/index.ts";
import { startRawTracker } from "../src/raw-tracker.ts";

/** The viewer plays as if there were no tracker, and hears of the trouble once. */
async function expectOneWarning(tracker: string, code: string): Promise<void> {
  await withScene({ stream: "vod-ts", tracker: null, engine: { tracker } }, async (scene) => {
    const viewer = await scene.join();
    await viewer.until(({ warnings }) => warnings.length > 0, { what: "it warns" });
    await playOn(scene, 6);
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    expect(reports[0]!.warnings.map((warning) => warning.code)).toEqual([code]);
    expect(reports[0]!.warnings[0]!.message).not.toBe("");
    expect(reports[0]!.stats).toMatchObject({ peers: 0, peerBytes: 0 });
  });
}

async function expectOneWarningFrom(messages: readonly Uint8Array[], code: string): Promise<void> {
  const tracker = await startRawTracker(messages);
  try {
    await expectOneWarning(tracker.url, code);
  } finally {
    await tracker.close();
  }
}

test("a tracker that is not there: one warning, plain playback", async () => {
  const gone = await startRawTracker([]);
  await gone.close();
  await expectOneWarning(gone.url, "tracker-unreachable");
});

test("a tracker that talks garbage: one warning, plain playback", async () => {
  const garbage = Uint8Array.from({ length: 300 }, (_, i) => (i * 73) & 0xff);
  await expectOneWarningFrom([garbage, Uint8Array.of(), garbage.subarray(7)], "tracker-refused");
});

test("a tracker of another version: one warning, plain playback", async () => {
  const nonce = encodeTrackerMessage({
    type: "nonce",
    version: 99,
    minVersion: 99,
    trackerId: new Uint8Array(32).fill(1),
    nonce: new Uint8Array(32).fill(2),
  });
  await expectOneWarningFrom([nonce], "tracker-version");
});

for (const tracker of ["not a url", "http://127.0.0.1/"]) {
  test(`a tracker's URL that is none (${tracker}): one warning, plain playback`, async () => {
    await expectOneWarning(tracker, "tracker-unreachable");
  });
}

test("an ICE server that the browser refuses: one warning, plain playback, and explain() says so", async () => {
  const turn = { urls: ["turn:127.0.0.1:9"], username: "x".repeat(510), credential: "c" };
  const flags = ["--ice-server", JSON.stringify(turn)];
  await withScene({ stream: "vod-ts", tracker: { flags }, viewers: 2 }, async (scene) => {
    // The newcomer is the one that makes offers.
    const newcomer = scene.viewers[1]!;
    await newcomer.until(({ warnings }) => warnings.length > 0, { what: "it warns" });
    await playOn(scene, 6);
    const { reports, problems } = await checkViewers(scene);
    expect(problems).toEqual([]);
    const { warnings, explain, stats } = reports[1]!;
    expect(warnings).toMatchObject([{ code: "p2p-unavailable" }]);
    expect(warnings[0]!.message).toMatch(/browser refuses to make connections.*username is too long/);
    expect(explain).toBe(warnings[0]!.message);
    expect(stats).toMatchObject({ tracker: "ready", peers: 0, peerBytes: 0 });
  });
});

test("a wrong option: a TypeError that names it", async () => {
  await withScene({ stream: "vod-ts", tracker: null }, async (scene) => {
    const wrong = [
      ["tracker", { tracker: 7 }],
      ["upload.maxBps", { upload: { maxBps: -1 } }],
      ["trackers", { trackers: "wss://127.0.0.1" }],
    ] as const;
    for (const [name, engine] of wrong) {
      const viewer = await scene.open({ engine: engine as unknown as EngineOptions });
      await expect(viewer.play()).rejects.toThrow(new RegExp(`TypeError.*\\b${name}\\b`));
    }
  });
});
