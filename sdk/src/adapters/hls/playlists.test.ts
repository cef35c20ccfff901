import { encodeBase64Url, nameHash, segmentKeyOf } from "@tributary/protocol";
import { M3U8Parser, PlaylistLevelType, type Fragment, type LevelDetails } from "hls.js";
import { expect, test } from "vitest";
import { createPlaylists, type KeyOptions, type Playlists } from "./playlists.ts";

const ORIGIN = "https://cdn.example";
const MULTIVARIANT = `${ORIGIN}/vod/index.m3u8`;
const PLAYLIST = `${ORIGIN}/vod/v1/index.m3u8`;
const HASH = encodeBase64Url(new Uint8Array(32).fill(7));

function parse(lines: readonly string[], url = PLAYLIST): LevelDetails {
  const text = ["#EXTM3U", "#EXT-X-TARGETDURATION:4", ...lines].join("\n");
  return M3U8Parser.parseLevelPlaylist(text, url, 0, PlaylistLevelType.MAIN, 0, null);
}

function playlistsWith(keys: Partial<KeyOptions> = {}): Playlists {
  const playlists = createPlaylists({ trackKey: null, segmentKey: null, ...keys });
  playlists.listed({ multivariantUrl: MULTIVARIANT, playlists: [{ url: PLAYLIST, rendition: "" }] });
  return playlists;
}

const VOD = [
  "#EXTINF:4,",
  "s0.ts?token=1",
  "#EXTINF:4,",
  "s1.ts?token=1",
  "#EXTINF:2.5,",
  "s2.ts",
  "#EXT-X-ENDLIST",
];

test("a VOD playlist becomes a view in playlist order", () => {
  const view = playlistsWith().updated(parse(VOD), PLAYLIST, "main", true);
  expect(view).toMatchObject({
    track: nameHash("v1/index.m3u8"),
    kind: "main",
    live: false,
    targetDurationMs: 4000,
    partTargetMs: 0,
  });
  expect(
    view?.segments.map(({ id, startMs, durationMs }) => [id.sequence, id.part, startMs, durationMs]),
  ).toEqual([
    [0, -1, 0, 4000],
    [1, -1, 4000, 4000],
    [2, -1, 8000, 2500],
  ]);
  const first = view!.segments[0]!;
  expect(first.id.fingerprint).toBe(nameHash("/vod/v1/s0.ts"));
  expect(first.key).toBe(segmentKeyOf(first.id));
  expect(first.source).toEqual({
    url: `${ORIGIN}/vod/v1/s0.ts?token=1`,
    rangeStartBytes: null,
    rangeLengthBytes: null,
  });
});

test("a byte range is part of the fingerprint and of the source", () => {
  const details = parse([
    "#EXTINF:4,",
    "#EXT-X-BYTERANGE:1000@500",
    "all.ts",
    "#EXTINF:4,",
    "#EXT-X-BYTERANGE:200",
    "all.ts",
  ]);
  const [first, second] = playlistsWith().updated(details, PLAYLIST, "main", true)!.segments;
  expect(first!.id.fingerprint).toBe(nameHash("/vod/v1/all.ts@500+1000"));
  expect(second!.id.fingerprint).toBe(nameHash("/vod/v1/all.ts@1500+200"));
  expect(second!.source).toMatchObject({ rangeStartBytes: 1500, rangeLengthBytes: 200 });
});

test("segmentKey replaces the path and keeps the range", () => {
  const playlists = playlistsWith({ segmentKey: (url) => new URL(url).pathname.split("/").at(-1)! });
  const details = parse(["#EXTINF:4,", "#EXT-X-BYTERANGE:10@0", `${ORIGIN}/session-9/all.ts`]);
  expect(playlists.updated(details, PLAYLIST, "main", true)!.segments[0]!.id.fingerprint).toBe(
    nameHash("all.ts@0+10"),
  );
});

test("the same segment keeps its identity when a live window slides", () => {
  const playlists = playlistsWith();
  const window = (first: number): LevelDetails =>
    parse([
      `#EXT-X-MEDIA-SEQUENCE:${first}`,
      ...[0, 1, 2].flatMap((i) => ["#EXTINF:4,", `s${first + i}.ts`]),
    ]);
  const before = playlists.updated(window(5), PLAYLIST, "main", true)!;
  const after = playlists.updated(window(6), PLAYLIST, "main", true)!;
  expect(before.live).toBe(true);
  expect(after.segments.map(({ key }) => key).slice(0, 2)).toEqual(
    before.segments.map(({ key }) => key).slice(1),
  );
});

test("an encoder restart that reuses sequence numbers gives other segments", () => {
  const playlists = playlistsWith();
  const run = (name: string): string =>
    playlists.updated(parse(["#EXTINF:4,", name]), PLAYLIST, "main", true)!.segments[0]!.key;
  expect(run("run-a/0.ts")).not.toBe(run("run-b/0.ts"));
});

test("gaps can not be fetched and are left out", () => {
  const details = parse(["#EXTINF:4,", "s0.ts", "#EXT-X-GAP", "#EXTINF:4,", "s1.ts", "#EXTINF:4,", "s2.ts"]);
  const view = playlistsWith().updated(details, PLAYLIST, "main", true)!;
  expect(view.segments.map(({ id }) => id.sequence)).toEqual([0, 2]);
});

test("roots come from the tags before each URI", () => {
  const details = parse([`#EXT-X-TRIBUTARY-ROOT:${HASH},777`, "#EXTINF:4,", "s0.ts", "#EXTINF:4,", "s1.ts"]);
  const view = playlistsWith().updated(details, PLAYLIST, "main", true)!;
  expect(view.segments.map(({ root }) => root)).toEqual([{ hash: HASH, sizeBytes: 777 }, null]);
});

const LOW_LATENCY = [
  "#EXT-X-PART-INF:PART-TARGET=1",
  "#EXT-X-MEDIA-SEQUENCE:7",
  "#EXTINF:2,",
  "s7.m4s",
  '#EXT-X-PART:DURATION=1,URI="s8.0.m4s"',
  `#EXT-X-TRIBUTARY-ROOT:${HASH},55`,
  '#EXT-X-PART:DURATION=1,URI="s8.1.m4s"',
  "#EXTINF:2,",
  "s8.m4s",
  '#EXT-X-PART:DURATION=1,URI="s9.0.m4s"',
  '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="s9.1.m4s"',
];

test("parts stand before their segment, those of an unfinished segment at the end", () => {
  const view = playlistsWith().updated(parse(LOW_LATENCY), PLAYLIST, "main", true)!;
  expect(view.partTargetMs).toBe(1000);
  expect(view.segments.map(({ id, startMs }) => [id.sequence, id.part, startMs])).toEqual([
    [7, -1, 0],
    [8, 0, 2000],
    [8, 1, 3000],
    [8, -1, 2000],
    [9, 0, 4000],
  ]);
  expect(view.segments.map(({ root }) => root?.sizeBytes ?? null)).toEqual([null, null, 55, null, null]);
});

test("a player in its normal latency mode has no use for parts", () => {
  const view = playlistsWith().updated(parse(LOW_LATENCY), PLAYLIST, "main", false)!;
  expect(view.partTargetMs).toBe(0);
  expect(view.segments.map(({ id }) => [id.sequence, id.part])).toEqual([
    [7, -1],
    [8, -1],
  ]);
});

test("a load finds its fragment or part again, where the player's timeline now has it", () => {
  const playlists = playlistsWith();
  const details = parse(LOW_LATENCY);
  const view = playlists.updated(details, PLAYLIST, "main", true)!;
  const part = details.partList![1]!;
  expect(playlists.find(part.fragment, part)).toEqual(view.segments[2]);
  const fragment = details.fragments[0] as Fragment;
  fragment.setStart(30);
  expect(playlists.find(fragment, null)).toEqual({ ...view.segments[0], startMs: 30_000 });
});

test("fragments of a skipped stretch keep their place when a delta update follows", () => {
  const playlists = playlistsWith();
  const first = parse(VOD);
  playlists.updated(first, PLAYLIST, "main", true);
  const delta = parse([
    "#EXT-X-MEDIA-SEQUENCE:1",
    "#EXTINF:4,",
    "s1.ts",
    "#EXTINF:4,",
    "s2.ts",
    "#EXTINF:4,",
    "s3.ts",
  ]);
  delta.fragments[0] = first.fragments[1]!;
  const view = playlists.updated(delta, PLAYLIST, "main", true)!;
  expect(playlists.find(first.fragments[1]!, null)?.key).toBe(view.segments[0]!.key);
});

test("I-frame playlists and fragments of unknown playlists are plain hls.js's business", () => {
  const playlists = playlistsWith();
  const iframes = parse(["#EXT-X-I-FRAMES-ONLY", ...VOD]);
  expect(playlists.updated(iframes, PLAYLIST, "main", true)).toBeNull();
  expect(playlists.find(iframes.fragments[0]!, null)).toBeNull();
  const seen = parse(VOD);
  playlists.updated(seen, PLAYLIST, "main", true);
  expect(playlists.find(seen.fragments[0]!, null)).not.toBeNull();
  playlists.listed({ multivariantUrl: MULTIVARIANT, playlists: [] });
  expect(playlists.find(seen.fragments[0]!, null)).toBeNull();
});

test("a view is worth repeating once starts have moved", () => {
  const playlists = playlistsWith();
  const details = parse(VOD);
  playlists.updated(details, PLAYLIST, "main", true);
  details.fragments.forEach((fragment) => fragment.addStart(0.1));
  expect(playlists.moved(details)).toBe(false);
  details.fragments.forEach((fragment) => fragment.addStart(10));
  expect(playlists.moved(details)).toBe(true);
  playlists.updated(details, PLAYLIST, "main", true);
  expect(playlists.moved(details)).toBe(false);
});
