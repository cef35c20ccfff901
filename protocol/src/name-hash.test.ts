import { expect, test } from "vitest";
import { nameHash } from "./name-hash.ts";

// From the draft's own list of test values for 32-bit FNV-1a.
test.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["b", 0xe70c2de5],
  ["fo", 0x6222e842],
  ["foobar", 0xbf9cf968],
])("%j is hashed as published", (name, expected) => {
  expect(nameHash(name)).toBe(expected);
});

test("beyond ASCII every code unit counts whole, a lone surrogate too", () => {
  expect(nameHash("\u0161")).not.toBe(nameHash("a"));
  expect(nameHash("\ud83d")).not.toBe(nameHash("\ud83e"));
});

test("the segments of a long title all have numbers of their own", () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `/title/1080p/segment-${index}.m4s`);
  expect(new Set(names.map(nameHash)).size).toBe(names.length);
});
