import { createHash } from "node:crypto";
import { nameHash, type AskedSegment, type SegmentId } from "@tributary/protocol";
import { expect, test } from "vitest";
import { createRootQuestions } from "./root-questions.ts";

const sha256 = async (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
const digestOf = (name: string) => sha256(Buffer.from(name));
const source = { url: "https://cdn.example/a.mp4?t=1", rangeStartBytes: null, rangeLengthBytes: null };

const segment = (sequence = 1, path = "/a.mp4"): SegmentId => ({
  track: 1,
  sequence,
  part: -1,
  fingerprint: nameHash(path),
});

async function rootOf(id: SegmentId, name: string, fill = 1) {
  return { segment: id, name: await digestOf(name), sizeBytes: 9, root: new Uint8Array(32).fill(fill) };
}

function create() {
  const sent: AskedSegment[] = [];
  const clock = { now: () => 0, after: () => () => undefined };
  const questions = createRootQuestions(clock, { sha256 }, ({ segments }) => sent.push(...segments) > 0);
  return { questions, sent };
}

test("a root of another path that has the segment's fingerprint is not taken for the segment's", async () => {
  const lie = "/lie/ke8bzh2.mp4";
  expect(segment(1, lie)).toEqual(segment());
  const { questions } = create();
  questions.ask([{ id: segment(), source }]);
  const truth = await rootOf(segment(), "0+0@/a.mp4");
  expect(await questions.answered([await rootOf(segment(), `0+0@${lie}`, 2), truth])).toEqual([truth]);
});

test("a root of another byte range, or of what nobody asked about, is not taken", async () => {
  const { questions } = create();
  questions.ask([{ id: segment(), source: { ...source, rangeStartBytes: 10, rangeLengthBytes: 20 } }]);
  const truth = await rootOf(segment(), "10+20@/a.mp4");
  const others = [await rootOf(segment(), "0+0@/a.mp4"), await rootOf(segment(), "10+21@/a.mp4")];
  const unasked = await rootOf(segment(2), "10+20@/a.mp4");
  expect(await questions.answered([...others, truth, unasked])).toEqual([truth]);
});

test("a contradicted root is named by what was asked about", async () => {
  const { questions } = create();
  expect(questions.nameOf(segment())).toBeNull();
  questions.ask([{ id: segment(), source }]);
  expect(await questions.nameOf(segment())).toEqual(await digestOf("0+0@/a.mp4"));
});

test("names are remembered for so many segments, the last asked about", async () => {
  const { questions } = create();
  const ids = Array.from({ length: 1_025 }, (_, sequence) => segment(sequence));
  for (const id of ids) questions.ask([{ id, source }]);
  const roots = await Promise.all(ids.map((id) => rootOf(id, "0+0@/a.mp4")));
  expect(await questions.answered(roots)).toEqual(roots.slice(1));
});

test("a password in a media URL is not sent to the tracker", () => {
  const { questions, sent } = create();
  questions.ask([{ id: segment(), source: { ...source, url: "https://user:pass@cdn.example/a.mp4?t=1" } }]);
  questions.flush();
  expect(sent.map(({ url }) => url)).toEqual([source.url]);
});
