import { peerKeyOf, segmentKeyOf } from "@tributary/protocol";
import { expect, it } from "vitest";
import { createCore, defaultCoreConfig, type Core, type Input, type Output } from "./index.ts";
import type { SegmentInfo } from "./model.ts";
import { countEntries } from "./testing/count-entries.ts";

const segmentBytes = 50_000;
const segmentMs = 4000;
const windowCount = 6;
const neighbour = peerKeyOf(new Uint8Array(16).fill(1));

function listed(sequence: number): SegmentInfo {
  const id = { track: 7, sequence, part: -1, fingerprint: sequence };
  const source = { url: `https://cdn.test/${sequence}.ts`, rangeStartBytes: null, rangeLengthBytes: null };
  return {
    id,
    key: segmentKeyOf(id),
    startMs: sequence * segmentMs,
    durationMs: segmentMs,
    source,
    root: null,
  };
}

/** A live viewer with a neighbour that has nothing, a verifier, and room for three segments. */
function tuneIn(cdnMs: number) {
  const { made: core, count } = countEntries((): Core =>
    createCore({ ...defaultCoreConfig, storageMaxBytes: 3 * segmentBytes }),
  );
  const waiting: { readonly atMs: number; readonly input: Input }[] = [];
  let nowMs = 0;
  let request = 0;

  function input(what: Input): void {
    const out: Output[] = [];
    core.handle(what, nowMs, out);
    out.forEach(answer);
  }
  const later = (delayMs: number, what: Input) => void waiting.push({ atMs: nowMs + delayMs, input: what });

  function answer(output: Output): void {
    if (output.type === "http-fetch") {
      later(cdnMs, {
        type: "http-started",
        fetch: output.fetch,
        expectedBytes: segmentBytes,
        rangeIgnored: false,
      });
      later(cdnMs, { type: "http-done", fetch: output.fetch, receivedBytes: segmentBytes });
    } else if (output.type === "ask-roots") {
      const roots = output.segments.map(({ id }) => ({
        segment: segmentKeyOf(id),
        root: { hash: `root-${id.sequence}`, sizeBytes: segmentBytes },
      }));
      later(50, { type: "roots", roots });
    } else if (output.type === "hash-segment") {
      const root = `root-${output.segment.split(".")[1]}`;
      later(5, { type: "segment-hashed", segment: output.segment, sizeBytes: segmentBytes, root });
    }
  }

  const viewer = {
    count,
    input,
    want(sequence: number) {
      const timeouts = { firstByteMs: 10_000, loadMs: 120_000 };
      const segment = listed(sequence);
      input({ type: "segment-wanted", request: ++request, segment, kind: "main", timeouts, shareable: true });
    },
    /** The window ends with this segment from now on, for the time of one. */
    pass(lastSequence: number) {
      const segments = Array.from({ length: windowCount }, (_, index) =>
        listed(lastSequence - windowCount + 1 + index),
      );
      const view = {
        track: 7,
        kind: "main",
        live: true,
        targetDurationMs: segmentMs,
        partTargetMs: 0,
        segments,
      } as const;
      input({ type: "playlist-updated", view });
      for (const endMs = nowMs + segmentMs; nowMs < endMs; nowMs += 50) {
        for (const due of waiting.filter(({ atMs }) => atMs <= nowMs)) {
          waiting.splice(waiting.indexOf(due), 1);
          input(due.input);
        }
        if ((core.nextDeadlineMs() ?? Infinity) <= nowMs) input({ type: "tick" });
      }
    },
  };
  input({ type: "tracker-ready", p2pAllowed: true, verifier: true });
  input({ type: "swarm", viewerCount: 2, copiesTarget: 1, ticket: 1 });
  viewer.pass(5);
  viewer.want(3);
  viewer.pass(6);
  input({ type: "first-frame" });
  input({ type: "peer-connected", peer: neighbour, ticket: 2 });
  return viewer;
}

it("the roots of segments that a viewer skipped were kept for ever", () => {
  const viewer = tuneIn(100);
  const counts: number[] = [];
  for (let last = 7; last < 500; last += 1) {
    viewer.pass(last);
    // It hangs again and again, and goes on at the live edge.
    if (last % 20 < 5) viewer.want(last - 2);
    if (last % 100 === 0) counts.push(viewer.count());
  }
  expect(Math.max(...counts)).toBeLessThanOrEqual(counts[0]! + 5);
});

it("a paused viewer with a slow CDN kept a job for every segment that went by", () => {
  const viewer = tuneIn(2500);
  const counts: number[] = [];
  for (let last = 7; last < 300; last += 1) {
    viewer.pass(last);
    if (last % 50 === 0) counts.push(viewer.count());
  }
  expect(Math.max(...counts)).toBeLessThanOrEqual(counts[0]! + 5);
});
