import { describe, expect, it } from "vitest";
import { annotate, PlaylistError, type SegmentReference } from "./annotate.ts";

function named({ uri, range }: SegmentReference): string {
  return range === null ? uri : `${uri}[${range.offset}+${range.length}]`;
}

function rootsIn(text: string): string[] {
  return [...text.matchAll(/^#EXT-X-TRIBUTARY-ROOT:(.*)$/gm)].map((match) => match[1] ?? "");
}

describe("annotate", () => {
  it("puts a root right before each segment's URI", () => {
    const text =
      "#EXTM3U\n#EXTINF:4,\na.ts\n#EXTINF:4,\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z\nb.ts\n";
    expect(annotate(text, named).split("\n")).toEqual([
      "#EXTM3U",
      "#EXTINF:4,",
      "#EXT-X-TRIBUTARY-ROOT:a.ts",
      "a.ts",
      "#EXTINF:4,",
      "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z",
      "#EXT-X-TRIBUTARY-ROOT:b.ts",
      "b.ts",
      "",
    ]);
  });

  it("changes nothing the second time and replaces stale roots", () => {
    const once = annotate("#EXTM3U\n#EXTINF:4,\na.ts\n", named);
    expect(annotate(once, named)).toBe(once);
    expect(rootsIn(annotate(once, () => "new"))).toEqual(["new"]);
  });

  it("follows byte ranges that go on where the last one of the file ended", () => {
    const text =
      "#EXTM3U\n#EXTINF:4,\n#EXT-X-BYTERANGE:10@5\na.ts\n#EXTINF:4,\n#EXT-X-BYTERANGE:20\na.ts\n#EXTINF:4,\nb.ts\n";
    expect(rootsIn(annotate(text, named))).toEqual(["a.ts[5+10]", "a.ts[15+20]", "b.ts"]);
  });

  it("refuses a byte range without a start", () => {
    expect(() => annotate("#EXTM3U\n#EXTINF:4,\n#EXT-X-BYTERANGE:20\na.ts\n", named)).toThrow(PlaylistError);
  });

  it("covers parts, ranges included, and neither hints nor init segments", () => {
    const text = [
      "#EXTM3U",
      '#EXT-X-MAP:URI="init.mp4"',
      '#EXT-X-PART:DURATION=1,URI="p0.m4s",INDEPENDENT=YES',
      '#EXT-X-PART:DURATION=1,URI="s.m4s",BYTERANGE="7@3"',
      '#EXT-X-PART:DURATION=1,URI="s.m4s",BYTERANGE="8"',
      "#EXTINF:3,",
      "s.m4s",
      '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p1.m4s"',
    ].join("\n");
    expect(rootsIn(annotate(text, named))).toEqual(["p0.m4s", "s.m4s[3+7]", "s.m4s[10+8]", "s.m4s"]);
  });

  it("leaves out what is marked as a gap", () => {
    const text =
      '#EXTM3U\n#EXT-X-PART:DURATION=1,URI="p.m4s",GAP=YES\n#EXTINF:4,\n#EXT-X-GAP\na.ts\n#EXTINF:4,\nb.ts\n';
    expect(rootsIn(annotate(text, named))).toEqual(["b.ts"]);
  });

  it("keeps the playlist's line ends", () => {
    const text = "#EXTM3U\r\n#EXTINF:4,\r\na.ts\r\n";
    expect(annotate(text, named)).toBe("#EXTM3U\r\n#EXTINF:4,\r\n#EXT-X-TRIBUTARY-ROOT:a.ts\r\na.ts\r\n");
  });
});
