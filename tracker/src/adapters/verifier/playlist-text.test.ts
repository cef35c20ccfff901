import { encodeBase64Url } from "@tributary/protocol";
import { expect, it } from "vitest";
import { parseMedia, parseMultivariant } from "./playlist-text.ts";

const hash = (byte: number) => new Uint8Array(32).fill(byte);
const tag = (byte: number, sizeBytes: number) =>
  `#EXT-X-TRIBUTARY-ROOT:${encodeBase64Url(hash(byte))},${sizeBytes}`;
const URL_OF_MEDIA = "https://cdn.example/show/720p/video.m3u8?token=1";

it("finds renditions and alternate audio, and the highest peak bitrate", () => {
  const text = `#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",URI="audio/en.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="en",URI="subs/en.m3u8"
#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=900000,BANDWIDTH=1200000,CODECS="avc1.4d,mp4a.40.2",AUDIO="a"
360p/video.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=5600000,AUDIO="a"

https://cdn.example/show/720p/video.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9000000,URI="iframes.m3u8"
`;
  expect(parseMultivariant(text, "https://cdn.example/show/index.m3u8")).toEqual({
    playlists: [
      "https://cdn.example/show/audio/en.m3u8",
      "https://cdn.example/show/360p/video.m3u8",
      "https://cdn.example/show/720p/video.m3u8",
    ],
    bitrateBps: 5_600_000,
  });
  expect(parseMultivariant("#EXTM3U\n#EXTINF:4,\na.ts\n", URL_OF_MEDIA)).toBeNull();
});

it("reads roots of segments and parts, byte ranges that follow each other, and sequences", () => {
  const text = `#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:41
#EXTINF:4,
${tag(1, 1000)}
#EXT-X-BYTERANGE:1000@500
all.ts
#EXTINF:4,
#EXT-X-BYTERANGE:700
${tag(2, 700)}
all.ts\r
${tag(3, 90)}
#EXT-X-PART:DURATION=1,URI="43.0.mp4"
#EXT-X-PART:DURATION=1,URI="43.mp4",BYTERANGE="20@90"
#EXTINF:4,
#EXT-X-TRIBUTARY-ROOT:mangled,5
43.mp4
#EXTINF:4,
/other/44.mp4?x=1
`;
  const { segments, live, targetMs } = parseMedia(text, URL_OF_MEDIA);
  const base = "https://cdn.example/show/720p";
  expect({ live, targetMs }).toEqual({ live: true, targetMs: 4_000 });
  const root = (byte: number, sizeBytes: number) => ({ hash: hash(byte), sizeBytes });
  expect(segments).toEqual([
    {
      sequence: 41,
      part: -1,
      url: `${base}/all.ts`,
      rangeStart: 500,
      rangeLength: 1000,
      root: root(1, 1000),
    },
    { sequence: 42, part: -1, url: `${base}/all.ts`, rangeStart: 1500, rangeLength: 700, root: root(2, 700) },
    { sequence: 43, part: 0, url: `${base}/43.0.mp4`, rangeStart: 0, rangeLength: 0, root: root(3, 90) },
    { sequence: 43, part: 1, url: `${base}/43.mp4`, rangeStart: 90, rangeLength: 20, root: null },
    { sequence: 43, part: -1, url: `${base}/43.mp4`, rangeStart: 110, rangeLength: 0, root: null },
    {
      sequence: 44,
      part: -1,
      url: "https://cdn.example/other/44.mp4?x=1",
      rangeStart: 0,
      rangeLength: 0,
      root: null,
    },
  ]);
  expect(parseMedia(`${text}#EXT-X-ENDLIST\n`, URL_OF_MEDIA).live).toBe(false);
});

it("takes no root that is mangled, empty or beyond what a segment may hold", () => {
  const roots = [
    "",
    "x,1",
    `${encodeBase64Url(hash(1))},0`,
    `${encodeBase64Url(hash(1))},99999999`,
    `${"A".repeat(44)},5`,
  ];
  for (const value of roots) {
    const { segments } = parseMedia(`#EXTM3U\n#EXT-X-TRIBUTARY-ROOT:${value}\na.ts\n`, URL_OF_MEDIA);
    expect(segments[0]?.root, value).toBeNull();
  }
});

it.each(["1e999", "Infinity", "99999999999999999999", "0x10", "-5", "1.5", ""])(
  "a BANDWIDTH of %j, which no ledger can count with, is as if there were none",
  (bandwidth) => {
    const text = `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth}\na.m3u8\n`;
    expect(parseMultivariant(text, URL_OF_MEDIA)?.bitrateBps).toBeNull();
  },
);

it("counts from 0 where #EXT-X-MEDIA-SEQUENCE is no number that a segment can have", () => {
  for (const sequence of ["1e999", "-1", "1.5", "9".repeat(16)])
    expect(parseMedia(`#EXT-X-MEDIA-SEQUENCE:${sequence}\na.ts\n`, URL_OF_MEDIA).segments).toMatchObject([
      { sequence: 0 },
    ]);
});

it("does not hold up the tracker with a playlist of two million lines, and reads the newest of them", () => {
  const { segments } = parseMedia("a\n".repeat(2_000_000), URL_OF_MEDIA);
  expect(segments).toHaveLength(50_000);
  expect(segments.at(-1)).toMatchObject({ sequence: 1_999_999 });
});

it("a finished playlist of more segments than are read was taken for a live one", () => {
  const text = "#EXT-X-BYTERANGE:10\nall.ts\n".repeat(50_001) + "#EXT-X-ENDLIST\n";
  const { live, segments } = parseMedia(text, URL_OF_MEDIA);
  expect(live).toBe(false);
  expect(segments[0]).toMatchObject({ sequence: 1, rangeStart: 10 });
  expect(segments.at(-1)).toMatchObject({ sequence: 50_000, rangeStart: 500_000 });
});
