import { createHash } from "node:crypto";
import { encodeBase64Url } from "@tributary/protocol";
import { expect, test } from "vitest";
import { parseRoot, rootOfTags, rootsOfText } from "./roots.ts";

const hashOf = (text: string): string =>
  encodeBase64Url(new Uint8Array(createHash("sha256").update(text).digest()));

test("a root is 32 bytes in base64url and a size", () => {
  expect(parseRoot(`${hashOf("a")},12345`)).toEqual({ hash: hashOf("a"), sizeBytes: 12345 });
});

test.each([
  undefined,
  "",
  hashOf("a"),
  `${hashOf("a")},`,
  `${hashOf("a")},0`,
  `${hashOf("a")},-5`,
  `${hashOf("a")},1e3`,
  `${hashOf("a")},99999999999`,
  `${hashOf("a")},${64 * 1024 * 1024 + 1}`,
  `${hashOf("a").slice(1)},5`,
  `${hashOf("a")}=,5`,
  // Not canonical: the two last bits of 43 characters carry nothing and must be zero.
  `${"A".repeat(42)}B,5`,
])("a mangled tag is no root: %s", (value) => {
  expect(parseRoot(value)).toBeNull();
});

test("of several tags the one nearest to the URI counts", () => {
  const tags = [
    ["EXT-X-TRIBUTARY-ROOT", `${hashOf("part")},10`],
    ["INF", "4"],
    ["EXT-X-TRIBUTARY-ROOT", `${hashOf("whole")},40`],
  ];
  expect(rootOfTags(tags)?.sizeBytes).toBe(40);
  expect(rootOfTags([["INF", "4"]])).toBeNull();
});

test("in a playlist with parts every root finds its part or segment", () => {
  const root = (name: string, size: number): string => `#EXT-X-TRIBUTARY-ROOT:${hashOf(name)},${size}`;
  const roots = rootsOfText(
    [
      "#EXTM3U",
      "#EXT-X-MEDIA-SEQUENCE:10",
      "#EXT-X-SKIP:SKIPPED-SEGMENTS=3",
      root("13.0", 1),
      '#EXT-X-PART:DURATION=1,URI="13.0.m4s"',
      '#EXT-X-PART:DURATION=1,URI="13.1.m4s"',
      root("13", 2),
      "#EXTINF:2,",
      "13.m4s",
      "#EXTINF:2,",
      "14.m4s",
      '#EXT-X-PART:DURATION=1,URI="15.0.m4s"',
      root("15.1", 3),
      '#EXT-X-PART:DURATION=1,URI="15.1.m4s"',
      '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="15.2.m4s"',
    ].join("\r\n"),
  );
  expect([...roots].map(([key, { hash, sizeBytes }]) => [key, hash, sizeBytes])).toEqual([
    ["13.0", hashOf("13.0"), 1],
    ["13.-1", hashOf("13"), 2],
    ["15.1", hashOf("15.1"), 3],
  ]);
});
