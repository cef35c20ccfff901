import { nameHash, relativePath } from "@tributary/protocol";
import { describe, expect, test } from "vitest";
import { countEntries } from "../../core/testing/count-entries.ts";
import { createTrackIds, originAndPath } from "./track-ids.ts";

const listed = (url: string, rendition = "") => ({ url, rendition });

describe("a media playlist's path relative to the multivariant playlist", () => {
  test.each([
    ["/vod/index.m3u8", "/vod/v1/index.m3u8", "v1/index.m3u8"],
    ["/vod/index.m3u8", "/vod/index.m3u8", "index.m3u8"],
    ["/vod/index.m3u8", "/audio/a.m3u8", "../audio/a.m3u8"],
    ["/a/b/c/index.m3u8", "/a/x/y.m3u8", "../../x/y.m3u8"],
    ["/index.m3u8", "/v/index.m3u8", "v/index.m3u8"],
    ["/a/index.m3u8", "/index.m3u8", "../index.m3u8"],
  ])("%s -> %s is %s", (from, to, expected) => {
    expect(relativePath(from, to)).toBe(expected);
  });
});

test("hosts, queries and delivery directives do not name a track", () => {
  const ids = createTrackIds(
    {
      multivariantUrl: "https://cdn-1.example/vod/index.m3u8?token=mine",
      playlists: [listed("https://cdn-1.example/vod/v1/index.m3u8?token=mine")],
    },
    null,
  );
  for (const url of [
    "https://cdn-1.example/vod/v1/index.m3u8?token=mine",
    "https://cdn-2.example/vod/v1/index.m3u8?token=yours",
    "https://cdn-1.example/vod/v1/index.m3u8?_HLS_msn=7&_HLS_part=2",
  ])
    expect(ids(url)).toBe(nameHash("v1/index.m3u8"));
});

test("without a multivariant playlist the last path component names the track", () => {
  const url = "https://cdn.example/deep/down/video.m3u8?token=1";
  const ids = createTrackIds({ multivariantUrl: url, playlists: [listed(url)] }, null);
  expect(ids(url)).toBe(nameHash("video.m3u8"));
});

test("the query stays in where stripping it would make two tracks collide", () => {
  const low = "https://cdn.example/vod/playlist.m3u8?quality=low";
  const high = "https://cdn.example/vod/playlist.m3u8?quality=high";
  const audio = "https://cdn.example/vod/audio.m3u8?token=1";
  const ids = createTrackIds(
    {
      multivariantUrl: "https://cdn.example/vod/index.m3u8",
      playlists: [low, high, audio].map((url) => listed(url)),
    },
    null,
  );
  expect(ids(low)).toBe(nameHash("playlist.m3u8?quality=low"));
  expect(ids(high)).toBe(nameHash("playlist.m3u8?quality=high"));
  expect(ids(`${low}&_HLS_msn=4`)).toBe(ids(low));
  expect(ids(audio)).toBe(nameHash("audio.m3u8"));
});

test("one playlist listed for several audio groups is no collision", () => {
  const url = "https://cdn.example/vod/v1.m3u8?token=1";
  const ids = createTrackIds(
    {
      multivariantUrl: "https://cdn.example/vod/index.m3u8",
      playlists: [listed(url, "with aac"), listed(url, "with ac-3")],
    },
    null,
  );
  expect(ids(url)).toBe(nameHash("v1.m3u8"));
});

const MULTIVARIANT = "https://cdn.example/film/index.m3u8";
const at = (host: string) => `https://${host}.example/film/v/index.m3u8`;

test("one level was played from another level's bytes: same path, and only the host tells them apart", () => {
  const both = {
    multivariantUrl: MULTIVARIANT,
    playlists: [listed(at("low"), "240"), listed(at("high"), "360")],
  };
  const ids = createTrackIds(both, null);
  expect(ids(at("low"))).not.toBe(ids(at("high")));
  const elsewhere = [listed(at("high-2"), "360"), listed(at("low-2"), "240")];
  const others = createTrackIds({ multivariantUrl: MULTIVARIANT, playlists: elsewhere }, null);
  expect([others(at("low-2")), others(at("high-2"))]).toEqual([ids(at("low")), ids(at("high"))]);
  expect(new Set([ids(at("cloned")), ids(at("low")), ids(at("high"))]).size).toBe(3);
});

test("the same renditions on a spare host are no collision", () => {
  const hosts = ["main", "spare"].flatMap((host) => [listed(at(host), "240"), listed(at(host), "240 ac-3")]);
  const ids = createTrackIds({ multivariantUrl: MULTIVARIANT, playlists: hosts }, null);
  expect(ids(at("spare"))).toBe(nameHash("v/index.m3u8"));
  expect(ids(at("main"))).toBe(nameHash("v/index.m3u8"));
});

test("trackKey replaces what is hashed", () => {
  const ids = createTrackIds(
    { multivariantUrl: "https://cdn.example/session-17/index.m3u8", playlists: [] },
    (url) => new URL(url).pathname.split("/").slice(2).join("/"),
  );
  expect(ids("https://cdn.example/session-17/v1.m3u8")).toBe(nameHash("v1.m3u8"));
});

test("the default content id is where the title lives, without its query", () => {
  expect(originAndPath("https://cdn.example:8443/vod/index.m3u8?token=1#t=5")).toBe(
    "https://cdn.example:8443/vod/index.m3u8",
  );
});

test("every URL of a playlist that is not listed was kept for ever", () => {
  const multivariantUrl = "https://cdn.example/live/index.m3u8";
  const { made: trackIdOf, count } = countEntries(() =>
    createTrackIds({ multivariantUrl, playlists: [] }, null),
  );
  for (let token = 0; token < 1000; token++) trackIdOf(`https://cdn.example/live/v1.m3u8?token=${token}`);
  expect(count()).toBe(0);
});
