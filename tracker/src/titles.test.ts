import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { encodeBase64Url, nameHash, type SegmentRoot } from "@tributary/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { nameDigestOf } from "./adapters/verifier/named-resource.ts";
import { createOriginPolicy } from "./adapters/verifier/origin-policy.ts";
import { createPlaylistReader } from "./adapters/verifier/playlist-reader.ts";
import { createTitles, type Titles } from "./titles.ts";

const swarm = new Uint8Array(32).fill(5);
const hash = (byte: number) => new Uint8Array(32).fill(byte);
const segmentLines = (sequence: number) =>
  `#EXT-X-TRIBUTARY-ROOT:${encodeBase64Url(hash(sequence))},${sequence * 100}\n#EXTINF:2,\n${sequence}.ts\n`;
const media = (first: number, last: number, end = "") =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${first}\n` +
  Array.from({ length: last - first + 1 }, (_, at) => segmentLines(first + at)).join("") +
  end;

let files: Map<string, string>;
let server: Server;
let url: string;
let nowMs: number;
let seen: SegmentRoot[];
let titles: Titles;

beforeEach(async () => {
  files = new Map();
  nowMs = 1_000_000;
  seen = [];
  server = createServer((request, response) => {
    const body = files.get(request.url ?? "");
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const policy = createOriginPolicy({ open: true, host: "127.0.0.1", trustProxy: false, origins: [] });
  titles = createTitles(
    createPlaylistReader(policy),
    (_swarm, roots) => seen.push(...roots),
    () => nowMs,
  );
});
afterEach(() => {
  titles.close();
  server.closeAllConnections();
  server.close();
});

function watch(playlist: string | null = `${url}/show/index.m3u8`): void {
  const viewer = { swarm, publisher: new Uint8Array(16), sessionKey: new Uint8Array(32), network: null };
  titles.watched([{ ...viewer, playlist }]);
}
const sequences = () => seen.map(({ segment }) => segment.sequence);

it("names segments as viewers do, and knows the bitrate", async () => {
  files.set("/show/index.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1500000\nlow/video.m3u8\n");
  files.set("/show/low/video.m3u8", media(7, 8, "#EXT-X-ENDLIST\n"));
  watch();
  expect(titles.bitrateOf(swarm)).toBe("reading");
  await expect.poll(() => titles.bitrateOf(swarm)).toBe(1_500_000);
  const track = nameHash("low/video.m3u8");
  expect(seen).toEqual(
    [7, 8].map((sequence) => ({
      segment: { track, sequence, part: -1, fingerprint: nameHash(`/show/low/${sequence}.ts`) },
      name: nameDigestOf({
        url: `${url}/show/low/${sequence}.ts`,
        rangeStart: 0,
        rangeLength: 0,
      }),
      sizeBytes: sequence * 100,
      root: hash(sequence),
    })),
  );
});

it("goes on reading a live playlist, and tells each root once", async () => {
  files.set("/show/index.m3u8", media(1, 2));
  watch();
  await expect.poll(sequences).toEqual([1, 2]);
  expect(titles.bitrateOf(swarm)).toBeNull();
  files.set("/show/index.m3u8", media(2, 4));
  watch();
  nowMs += 2_000;
  watch();
  await expect.poll(sequences).toEqual([1, 2, 3, 4]);
});

it("tries again where nothing was there, and reads nothing that it may not", async () => {
  watch(null);
  expect(titles.bitrateOf(swarm)).toBeNull();
  watch();
  await expect.poll(() => titles.bitrateOf(swarm)).toBeNull();
  files.set("/show/index.m3u8", media(1, 1));
  nowMs += 60_000;
  watch();
  await expect.poll(sequences).toEqual([1]);
});

it("follows a playlist to no other origin", async () => {
  const elsewhere = url.replace("127.0.0.1", "localhost");
  files.set("/show/index.m3u8", `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\n${elsewhere}/show/video.m3u8\n`);
  files.set("/show/video.m3u8", media(1, 1));
  watch();
  await expect.poll(() => titles.bitrateOf(swarm)).toBe(9);
  expect(seen).toEqual([]);
});
