import { networkInterfaces } from "node:os";
import { expect, test } from "@playwright/test";
import type { EngineOptions } from "@tributary/sdk";
import { checkViewers, peerBytesOf, type Scene, withScene } from "../src/index.ts";
import { type SentSignals, watchSignals } from "../src/sent-signals.ts";
import { startTurnServer } from "../src/turn-server.ts";

const RELAY_LINE = /^\S+ \d udp \d+ 127\.0\.0\.1 \d+ typ relay raddr 0\.0\.0\.0 rport 0( |$)/;
const OWN_ADDRESSES = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ internal }) => !internal)
  .map(({ address }) => address);

/** Two viewers, the second of which takes segments from the first; what each signalled. */
async function exchange(scene: Scene): Promise<SentSignals[]> {
  const signals: SentSignals[] = [];
  for (const atLeastS of [30, 20]) {
    const viewer = await scene.open();
    signals.push(watchSignals(viewer.page));
    await viewer.play();
    await viewer.until(({ bufferedEndS }) => bufferedEndS > atLeastS, {
      what: `it has buffered ${atLeastS} s`,
    });
  }
  await scene.viewers[1]!.until((report) => peerBytesOf(report) > 500_000, {
    what: "it takes segments from the first",
  });
  expect((await checkViewers(scene)).problems).toEqual([]);
  return signals;
}

test("T9 relay-only viewers exchange segments over a TURN server, and tell nobody their addresses", async () => {
  const turn = await startTurnServer();
  const info = test.info();
  info.skip(typeof turn === "string", `Relay-only links are not tested: ${String(turn)}.`);
  if (typeof turn === "string") return;
  try {
    const engine: EngineOptions = { ice: { policy: "relay", servers: [turn.iceServer] } };
    await withScene({ stream: "roots/vod-ts", engine, hls: { maxBufferLength: 60 } }, async (scene) => {
      for (const signals of await exchange(scene)) {
        expect(signals.candidates().length).toBeGreaterThan(0);
        for (const line of signals.candidates()) expect(line).toMatch(RELAY_LINE);
        for (const frame of signals.frames())
          for (const address of OWN_ADDRESSES) expect(frame.includes(address)).toBe(false);
      }
    });
  } finally {
    await turn.stop();
  }
});

test("without that policy the same viewers do signal addresses of their own", async () => {
  await withScene({ stream: "roots/vod-ts", hls: { maxBufferLength: 60 } }, async (scene) => {
    const lines = (await exchange(scene)).flatMap((signals) => signals.candidates());
    expect(lines.some((line) => / typ host( |$)/.test(line))).toBe(true);
  });
});
