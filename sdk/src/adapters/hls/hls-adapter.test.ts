import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { nameHash } from "@tributary/protocol";
import Hls, { FetchLoader, type HlsConfig } from "hls.js";
import Hls16 from "hls.js-1.6";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createHlsAdapter, type HlsAdapter } from "./index.ts";
import { createScriptedDriver, type ScriptedDriver } from "./testing/scripted-driver.ts";

// Real hls.js in Node: it loads playlists and prefetches the first fragment without a media element.
vi.stubGlobal("self", globalThis);
vi.stubGlobal("navigator", { userAgent: "" });
vi.stubGlobal("location", new URL("http://127.0.0.1/"));
vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));

const MULTIVARIANT = [
  "#EXTM3U",
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",DEFAULT=YES,AUTOSELECT=YES,URI="audio/en.m3u8"',
  '#EXT-X-STREAM-INF:BANDWIDTH=500000,AUDIO="a"',
  "low/index.m3u8",
  '#EXT-X-STREAM-INF:BANDWIDTH=900000,AUDIO="a"',
  "high/index.m3u8",
].join("\n");
const MEDIA = [
  "#EXTM3U",
  "#EXT-X-TARGETDURATION:4",
  '#EXT-X-MAP:URI="init.mp4"',
  "#EXTINF:4,",
  "s0.m4s",
  "#EXTINF:4,",
  "s1.m4s",
  "#EXT-X-ENDLIST",
].join("\n");

let server: Server;
let origin: string;
const requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    if (path === "/moved.m3u8") response.writeHead(302, { location: "/vod/index.m3u8?token=1" }).end();
    else if (path.startsWith("/vod/index.m3u8")) response.end(MULTIVARIANT);
    else if (/\.m3u8(\?|$)/.test(path)) response.end(MEDIA);
    else response.end("media");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

let driver: ScriptedDriver;
let adapter: HlsAdapter;
let players: Hls[];
const playerDestroyed = vi.fn();

beforeEach(() => {
  requests.length = 0;
  players = [];
  playerDestroyed.mockClear();
  driver = createScriptedDriver();
  adapter = createHlsAdapter({ driver, contentId: null, trackKey: null, segmentKey: null, playerDestroyed });
});

afterEach(() => players.forEach((hls) => hls.destroy()));

function player(own: Partial<HlsConfig> = {}, compose = true): Hls {
  const config: Partial<HlsConfig> = {
    loader: FetchLoader as unknown as HlsConfig["loader"],
    enableWorker: false,
    startFragPrefetch: true,
    testBandwidth: false,
    startLevel: 0,
    ...own,
  };
  const hls = new Hls(compose ? adapter.hlsConfig(config) : config);
  players.push(hls);
  return hls;
}

const until = (condition: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(condition()).toBe(true), { interval: 5, timeout: 10_000 });

describe("an attached player", () => {
  test("tells title, playlists and the first load, in that order", async () => {
    const hls = player();
    adapter.attach(hls);
    expect(adapter.obstacle()).toBeNull();
    hls.loadSource(`${origin}/moved.m3u8`);
    await until(() => driver.loads.length > 0);
    expect(driver.contentIds).toEqual([`${origin}/vod/index.m3u8`]);
    expect(driver.views.map(({ track, kind }) => [track, kind])).toContainEqual([
      nameHash("low/index.m3u8"),
      "main",
    ]);
    const { segment, kind } = driver.loads[0]!.request;
    expect(kind).toBe("main");
    expect(segment.id).toEqual({
      track: nameHash("low/index.m3u8"),
      sequence: 0,
      part: -1,
      fingerprint: nameHash("/vod/low/s0.m4s"),
    });
    expect(segment.source.url).toBe(`${origin}/vod/low/s0.m4s`);
  });

  test("whose page names the title by a number is let go of, and the console says why", async () => {
    const said = vi.spyOn(console, "warn").mockImplementation(() => {});
    const contentId = (() => 7) as unknown as () => string;
    adapter = createHlsAdapter({ driver, contentId, trackKey: null, segmentKey: null, playerDestroyed });
    const hls = player();
    adapter.attach(hls);
    hls.loadSource(`${origin}/vod/index.m3u8`);
    await until(() => said.mock.calls.length > 0);
    expect(String(said.mock.calls[0]![1])).toMatch(/"contentId" must give a string of at most .*, not 7/);
    expect([driver.contentIds, adapter.obstacle()]).toEqual([[], expect.stringMatching(/failed/)]);
    said.mockRestore();
  });

  test("whose title has a name too long for the tracker is let go of, and the page is told why", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const warn = vi.spyOn(driver, "warn");
    const contentId = () => "é".repeat(1_025);
    adapter = createHlsAdapter({ driver, contentId, trackKey: null, segmentKey: null, playerDestroyed });
    const hls = player();
    adapter.attach(hls);
    hls.loadSource(`${origin}/vod/index.m3u8`);
    await until(() => warn.mock.calls.length > 0);
    const { code, message } = warn.mock.calls[0]![0];
    expect([code, message]).toEqual([
      "p2p-unavailable",
      expect.stringMatching(/option "contentId" must give a string of at most 2048 bytes/),
    ]);
    expect([driver.contentIds, adapter.obstacle()]).toEqual([[], message]);
    vi.restoreAllMocks();
  });

  test("names its audio tracks", async () => {
    const hls = player();
    adapter.attach(hls);
    hls.loadSource(`${origin}/vod/index.m3u8`);
    await until(() => driver.views.some(({ kind }) => kind === "audio"));
    expect(driver.views.find(({ kind }) => kind === "audio")!.track).toBe(nameHash("audio/en.m3u8"));
  });

  test("gets init segments from the CDN without the engine", async () => {
    const hls = player();
    adapter.attach(hls);
    hls.loadSource(`${origin}/vod/index.m3u8`);
    await until(() => requests.includes("/vod/low/init.mp4") && driver.loads.length > 0);
    expect(driver.loads.every(({ request }) => request.segment.source.url.endsWith(".m4s"))).toBe(true);
    expect(requests.some((path) => path.endsWith(".m4s"))).toBe(false);
  });

  test("that another title is loaded into moves to its swarm", async () => {
    const hls = player();
    adapter.attach(hls);
    hls.loadSource(`${origin}/vod/index.m3u8`);
    await until(() => driver.loads.length > 0);
    hls.loadSource(`${origin}/other/index.m3u8`);
    await until(() => driver.contentIds.length === 2);
    expect(driver.contentIds[1]).toBe(`${origin}/other/index.m3u8`);
    await until(() => driver.views.at(-1)!.track === nameHash("index.m3u8"));
  });

  test("may be attached after its playlists were loaded", async () => {
    const hls = player();
    hls.loadSource(`${origin}/vod/index.m3u8?token=1`);
    await until(() => hls.levels[0]?.details !== undefined);
    adapter.attach(hls);
    expect(driver.contentIds).toEqual([`${origin}/vod/index.m3u8`]);
    expect(driver.views[0]!.track).toBe(nameHash("low/index.m3u8"));
  });

  test("works although the page forgot hlsConfig", async () => {
    const hls = player({}, false);
    adapter.attach(hls);
    hls.loadSource(`${origin}/vod/index.m3u8`);
    await until(() => driver.loads.length > 0);
  });

  test("keeps CMCD, which wraps our loader", async () => {
    const hls = player({ cmcd: { contentId: "title" } });
    adapter.attach(hls);
    hls.loadSource(`${origin}/vod/index.m3u8`);
    await until(() => driver.loads.length > 0);
    const { segment } = driver.loads[0]!.request;
    expect(segment.source.url).toContain("CMCD=");
    expect(segment.id.fingerprint).toBe(nameHash("/vod/low/s0.m4s"));
  });

  test("is let go of when it is destroyed", async () => {
    const hls = player();
    adapter.attach(hls);
    hls.loadSource(`${origin}/vod/index.m3u8`);
    await until(() => driver.loads.length > 0);
    hls.destroy();
    expect(playerDestroyed).toHaveBeenCalledOnce();
    expect(driver.loads[0]!.aborted).toBe(true);
    expect(adapter.obstacle()).toContain("destroyed");
    adapter.release();
    expect(requests.some((path) => path.endsWith(".m4s"))).toBe(false);
  });

  test("goes on from the CDN when the engine is destroyed", async () => {
    const hls = player();
    adapter.attach(hls);
    hls.loadSource(`${origin}/vod/index.m3u8`);
    await until(() => driver.loads.length > 0);
    driver.active = false;
    adapter.release();
    await until(() => requests.includes("/vod/low/s0.m4s"));
    expect(driver.loads[0]!.aborted).toBe(true);
  });

  test("is let go of when our own listener fails, without an error of hls.js", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    driver.playlistUpdated = () => {
      throw new Error("boom");
    };
    const hls = player();
    const errors: string[] = [];
    hls.on(Hls.Events.ERROR, (_event, { details }) => void errors.push(details));
    adapter.attach(hls);
    hls.loadSource(`${origin}/vod/index.m3u8`);
    await until(() => requests.includes("/vod/low/s0.m4s"));
    expect(errors).not.toContain(Hls.ErrorDetails.INTERNAL_EXCEPTION);
    expect(adapter.obstacle()).toContain("failed");
    warn.mockRestore();
  });
});

test("an engine has one player", () => {
  const hls = player();
  adapter.attach(hls);
  adapter.attach(hls);
  expect(() => adapter.attach(player())).toThrow("one engine per Hls");
});

test.each([
  ["1.7", Hls],
  ["1.6", Hls16 as unknown as typeof Hls],
])("a destroyed player of hls.js %s is refused, and the engine takes another", (version, HlsClass) => {
  expect(HlsClass.version).toMatch(version);
  const gone = new HlsClass({ enableWorker: false });
  gone.destroy();
  expect(() => adapter.attach(gone)).toThrow("destroyed already");
  expect(adapter.obstacle()).toContain("No player is attached");
  const hls = new HlsClass({ ...adapter.hlsConfig({ enableWorker: false }) });
  players.push(hls);
  adapter.attach(hls);
  expect(adapter.obstacle()).toBeNull();
});

test("a player that was never attached is plain hls.js", async () => {
  const hls = player();
  hls.loadSource(`${origin}/vod/index.m3u8`);
  await until(() => requests.includes("/vod/low/s0.m4s"));
  expect(driver.loads).toEqual([]);
  expect(adapter.obstacle()).toContain("engine.attach(hls)");
});

test("an interstitial's player inherits the loader and passes through", async () => {
  const primary = player();
  adapter.attach(primary);
  const asset = player({ ...primary.userConfig, assetPlayerId: "ad-1" });
  asset.loadSource(`${origin}/vod/index.m3u8`);
  await until(() => requests.includes("/vod/low/s0.m4s"));
  expect(driver.loads).toEqual([]);
});

describe("hlsConfig", () => {
  test.each([null, "fast"])("refuses %j by name", (own) => {
    const attempt = (): unknown => adapter.hlsConfig(own as unknown as Partial<HlsConfig>);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(`hlsConfig takes a configuration of hls.js, but is given ${own}`);
  });

  test("keeps all that the page set and adds a fragment loader", () => {
    const own: Partial<HlsConfig> = {
      loader: FetchLoader as unknown as HlsConfig["loader"],
      pLoader: FetchLoader as unknown as NonNullable<HlsConfig["pLoader"]>,
      xhrSetup: () => {},
      fetchSetup: (context) => new Request(context.url),
      maxBufferLength: 12,
    };
    const { fLoader, ...rest } = adapter.hlsConfig(own);
    expect(rest).toEqual(own);
    expect(fLoader).toBeTypeOf("function");
  });

  test("composed twice wraps the page's loader once", async () => {
    const made: string[] = [];
    const Stock = FetchLoader as unknown as NonNullable<HlsConfig["fLoader"]>;
    class PageLoader extends Stock {
      override load(...args: Parameters<InstanceType<typeof Stock>["load"]>): void {
        made.push(args[0].url);
        super.load(...args);
      }
    }
    const hls = player(adapter.hlsConfig({ fLoader: PageLoader }));
    hls.loadSource(`${origin}/vod/index.m3u8`);
    await until(() => requests.includes("/vod/low/s0.m4s"));
    expect(made).toContain(`${origin}/vod/low/s0.m4s`);
    expect(new Set(made).size).toBe(made.length);
  });
});
