import { expect, test } from "vitest";
import type { SegmentInfo } from "../core/index.ts";
import { createOrigins } from "./origins.ts";

const segmentAt = (url: string) => ({ source: { url } }) as SegmentInfo;

test("a password in a media URL is not told to the tracker", () => {
  const told: string[][] = [];
  const origins = createOrigins((list) => told.push(list));
  origins.note([
    segmentAt("https://user:p@ss@cdn.example:8443/a@b/seg-1.ts"),
    segmentAt("http://other.example?@"),
  ]);
  expect(told).toEqual([["https://cdn.example:8443", "http://other.example"]]);
});
