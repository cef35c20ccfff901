import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loadRendition } from "./fixtures.ts";
import { startClock } from "./live-window.ts";
import { lowLatencyStream } from "./low-latency.ts";
import type { Resource, Stream } from "./resource.ts";

const rendition = loadRendition("fmp4-360");
const shape = { segmentMs: 4000, roundCount: rendition.segments.length, windowCount: 6 };

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

function start(parts: "files" | "ranges"): Stream {
  return lowLatencyStream(rendition, startClock(Date.now(), shape), Date.now, { parts });
}

async function get(
  stream: Stream,
  name: string,
  query = "",
  endBytes = Infinity,
): Promise<Resource | number | null> {
  const request = {
    name,
    query: new URLSearchParams(query),
    endBytes,
    roots: false,
    signal: new AbortController().signal,
  };
  return stream(request);
}

async function text(stream: Stream, query = ""): Promise<string> {
  const found = await get(stream, "media.m3u8", query);
  if (found === null || typeof found === "number") throw new Error(`no playlist: ${found}`);
  return Buffer.from(found.bytes).toString();
}

it("lists the parts of the segment being recorded and hints at the next one", async () => {
  const stream = start("files");
  vi.advanceTimersByTime(2500);
  const lines = (await text(stream)).trimEnd().split("\n");
  expect(lines.slice(-3)).toEqual([
    '#EXT-X-PART:DURATION=1.00000,URI="part-6-0.m4s",INDEPENDENT=YES',
    '#EXT-X-PART:DURATION=1.00000,URI="part-6-1.m4s"',
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-6-2.m4s"',
  ]);
  expect(lines.filter((line) => line.startsWith("#EXT-X-PART:"))).toHaveLength(3 * 4 + 2);
});

it("holds a blocking reload until the part is there", async () => {
  const stream = start("files");
  let answer: string | null = null;
  const pending = text(stream, "_HLS_msn=6&_HLS_part=1").then((found) => (answer = found));
  await vi.advanceTimersByTimeAsync(1999);
  expect(answer).toBeNull();
  await vi.advanceTimersByTimeAsync(1);
  expect(await pending).toContain('URI="part-6-1.m4s"');
});

it("answers a reload for what is there at once and refuses one from too far ahead", async () => {
  const stream = start("files");
  expect(await text(stream, "_HLS_msn=5&_HLS_part=3")).toContain("seg-5.m4s");
  expect(await get(stream, "media.m3u8", "_HLS_msn=9")).toBe(400);
  expect(await get(stream, "media.m3u8", "_HLS_part=1")).toBe(400);
});

it("holds a hinted part until it is recorded, and knows no part further away", async () => {
  const stream = start("files");
  let part: Resource | number | null = null;
  const pending = get(stream, "part-6-0.m4s").then((found) => (part = found));
  await vi.advanceTimersByTimeAsync(999);
  expect(part).toBeNull();
  await vi.advanceTimersByTimeAsync(1);
  await pending;
  expect(part).toMatchObject({ kind: "media" });
  expect(await get(stream, "part-99-0.m4s")).toBeNull();
  expect(await get(stream, "part-6-4.m4s")).toBeNull();
});

it("gives a range that is recorded at once, and holds one that reaches into the part being recorded", async () => {
  const stream = start("ranges");
  vi.advanceTimersByTime(2500);
  const [first, second] = [...(await text(stream)).matchAll(/URI="seg-6\.m4s",BYTERANGE="(\d+)@/g)].map(
    ([, length]) => Number(length),
  );
  const recordedBytes = first! + second!;
  for (const endBytes of [first!, recordedBytes]) {
    const found = (await get(stream, "seg-6.m4s", "", endBytes)) as Resource;
    expect(found.bytes).toHaveLength(recordedBytes);
  }
  let hinted: Resource | number | null = null;
  const pending = get(stream, "seg-6.m4s", "", recordedBytes + 1).then((found) => (hinted = found));
  await vi.advanceTimersByTimeAsync(499);
  expect(hinted).toBeNull();
  await vi.advanceTimersByTimeAsync(1);
  expect(((await pending) as Resource).bytes.length).toBeGreaterThan(recordedBytes);
});

it("gives the same bytes in parts, in ranges and in the whole segment", async () => {
  const files = start("files");
  const whole = (await get(files, "seg-5.m4s")) as Resource;
  const parts = await Promise.all([0, 1, 2, 3].map((part) => get(files, `part-5-${part}.m4s`)));
  expect(Buffer.concat(parts.map((part) => (part as Resource).bytes)).equals(whole.bytes)).toBe(true);

  const ranges = [...(await text(start("ranges"))).matchAll(/URI="seg-5\.m4s",BYTERANGE="(\d+)@(\d+)"/g)];
  const ends = ranges.map(([, length, offset]) => Number(length) + Number(offset));
  expect(ranges.map(([, , offset]) => Number(offset))).toEqual([0, ...ends.slice(0, 3)]);
  expect(ends[3]).toBe(whole.bytes.length);
});
