import { peerKeyOf, pieceSetOf, segmentKeyOf } from "@tributary/protocol";
import { expect, it } from "vitest";
import { createCore, defaultCoreConfig } from "../index.ts";
import type { Input } from "../inputs.ts";
import type { Output } from "../outputs.ts";

const pieceBytes = 65_536;
const sizeBytes = 10 * pieceBytes;
const [knowing, ignorant] = [1, 2].map((byte) => peerKeyOf(new Uint8Array(16).fill(byte)));
const segments = [0, 1].map((sequence) => {
  const id = { track: 7, sequence, part: -1, fingerprint: 1000 + sequence };
  return {
    id,
    key: segmentKeyOf(id),
    startMs: sequence * 4000,
    durationMs: 4000,
    source: { url: `https://cdn.test/${sequence}.ts`, rangeStartBytes: null, rangeLengthBytes: null },
    root: { hash: `root-${sequence}`, sizeBytes },
  };
});
const first = (count: number) => pieceSetOf(count, () => true);

/** A viewer that fetches its second segment from the CDN, beside two neighbours that want it too. */
function scene(uplinkBps: number) {
  const core = createCore(defaultCoreConfig);
  const sent: Output[] = [];
  let fetch = 0;
  const feed = (input: Input, nowMs: number) => {
    const out: Output[] = [];
    core.handle(input, nowMs, out);
    for (const output of out) if (output.type === "http-fetch") fetch = output.fetch;
    sent.push(...out);
  };
  const want = (request: number, nowMs: number) =>
    feed(
      {
        type: "segment-wanted",
        request,
        segment: segments[request]!,
        kind: "main",
        timeouts: { firstByteMs: 10_000, loadMs: 120_000 },
        shareable: true,
      },
      nowMs,
    );
  const view = {
    track: 7,
    kind: "main",
    live: false,
    targetDurationMs: 4000,
    partTargetMs: 0,
    segments,
  } as const;
  feed({ type: "playlist-updated", view }, 0);
  feed({ type: "upload-policy", allowed: true, maxBps: uplinkBps, maxBytes: Infinity }, 0);
  want(0, 0);
  feed({ type: "http-done", fetch, receivedBytes: sizeBytes }, 10);
  const position = { track: 7, audioTrack: 0, wanted: 1, audioWanted: 0, positionMs: 0, uplinkClass: 4 };
  for (const peer of [knowing!, ignorant!]) {
    feed({ type: "peer-connected", peer, ticket: 1 }, 20);
    feed({ type: "peer-message", peer, message: { type: "bitfield", position, segments: [] } }, 20);
  }
  feed(
    { type: "playhead", positionMs: 4000, rate: 1, bufferedEndMs: 4000, paused: false, hidden: false },
    1000,
  );
  want(1, 1000);
  feed({ type: "http-started", fetch, expectedBytes: sizeBytes, rangeIgnored: false }, 1000);
  return {
    sent,
    knows: (count: number) =>
      feed(
        {
          type: "peer-message",
          peer: knowing!,
          message: { type: "progress", segment: segments[1]!.id, pieces: first(count) },
        },
        1000,
      ),
    arrived: (count: number, nowMs: number) =>
      feed({ type: "http-progress", fetch, receivedBytes: count * pieceBytes }, nowMs),
    toldTo: (peer: typeof knowing) =>
      sent.flatMap((output) =>
        output.type === "send-to-peer" && output.peer === peer && output.message.type === "progress"
          ? [output.message.pieces]
          : [],
      ),
  };
}

it("tells a neighbour only of pieces that it has not got itself", () => {
  const { knows, arrived, toldTo } = scene(1e9);
  knows(3);
  arrived(2, 1010);
  arrived(3, 1200);
  expect(toldTo(ignorant)).toEqual([first(0), first(2), first(3)]);
  expect(toldTo(knowing)).toEqual([first(0)]);
  arrived(4, 1400);
  expect(toldTo(knowing)).toEqual([first(0), first(4)]);
});

it("speaks of the next piece when its uplink could be through with one", () => {
  const { arrived, toldTo } = scene(4_000_000);
  arrived(1, 1010);
  arrived(2, 1120);
  expect(toldTo(ignorant)).toEqual([first(0), first(1)]);
  arrived(3, 1150);
  expect(toldTo(ignorant)).toEqual([first(0), first(1), first(3)]);
});

it("never waits longer than neighbours can do without news, however slow its uplink", () => {
  const { arrived, toldTo } = scene(100_000);
  arrived(1, 1010);
  arrived(2, 1300);
  arrived(3, 1320);
  expect(toldTo(ignorant)).toEqual([first(0), first(1), first(3)]);
});
