import { Fragment, M3U8Parser, PlaylistLevelType, type LevelDetails } from "hls.js";
import { afterEach, expect, test, vi } from "vitest";
import { createPlaylists } from "./playlists.ts";
import { createSegmentUrls } from "./segment-urls.ts";

const PLAYLIST = "https://cdn.example/live/../live/v1/index.m3u8?token=1";

afterEach(() => vi.restoreAllMocks());

function parse(names: readonly string[], first = 0): LevelDetails {
  const segments = names.map((name) => `#EXTINF:2,\n${name}`);
  const text = ["#EXTM3U", "#EXT-X-TARGETDURATION:2", `#EXT-X-MEDIA-SEQUENCE:${first}`, ...segments].join(
    "\n",
  );
  return M3U8Parser.parseLevelPlaylist(text, PLAYLIST, 0, PlaylistLevelType.MAIN, 0, null);
}

test("the URLs are those that hls.js loads from", () => {
  const names = [
    "a.ts",
    "b.ts?token=2",
    "2026/11/c-1.ts",
    "../d.ts",
    "/e.ts",
    "./f.ts",
    "g h.ts",
    "https://x.example/i.ts",
  ];
  names.push("//x.example/j.ts", "?k", "l.ts#m", "n/../o.ts", "p..ts", "%20.ts", "a.ts");
  const urlOf = createSegmentUrls();
  const ours = parse(names).fragments.map((fragment) => urlOf(fragment));
  expect(ours).toEqual(parse(names).fragments.map((fragment) => fragment.url));
});

test("each base has its folder", () => {
  const urlOf = createSegmentUrls();
  const of = (base: string, name: string) => {
    const fragment = new Fragment(PlaylistLevelType.MAIN, base);
    fragment.relurl = name;
    return urlOf(fragment);
  };
  expect(of("https://a.example/x/index.m3u8", "1.ts")).toBe("https://a.example/x/1.ts");
  expect(of("https://b.example/index.m3u8", "1.ts")).toBe("https://b.example/1.ts");
  expect(of("https://b.example/index.m3u8", "2.ts")).toBe("https://b.example/2.ts");
});

test("a live window of hours held the page up at each refresh: every segment's URL was resolved and hashed again", () => {
  const count = 1_000;
  const window = (first: number) =>
    parse(
      Array.from({ length: count }, (_, i) => `s${first + i}.ts`),
      first,
    );
  const segmentKey = vi.fn((url: string) => url);
  const playlists = createPlaylists({ trackKey: null, segmentKey });
  playlists.listed({ multivariantUrl: PLAYLIST, playlists: [{ url: PLAYLIST, rendition: "" }] });
  const resolved = vi.spyOn(Object.getPrototypeOf(Fragment.prototype) as Fragment, "url", "get");
  const details = window(0);
  playlists.updated(details, PLAYLIST, "main", true);
  expect(resolved).toHaveBeenCalledTimes(1);
  expect(segmentKey).toHaveBeenCalledTimes(count);
  const view = playlists.updated(window(1), PLAYLIST, "main", true)!;
  expect(resolved).toHaveBeenCalledTimes(2);
  expect(segmentKey).toHaveBeenCalledTimes(count + 1);
  expect(view.segments.at(-1)!.source.url).toBe(`https://cdn.example/live/v1/s${count}.ts`);
});
