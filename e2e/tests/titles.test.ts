import { createHash } from "node:crypto";
import { expect, test } from "@playwright/test";
import {
  peerBytesOf,
  troubles,
  type Scene,
  type Viewer,
  type ViewerReport,
  withScene,
} from "../src/index.ts";

const SEGMENT_COUNT = 8;
const STREAMS = { a: "vod-abr/360", b: "vod-abr/240" } as const;
type Title = keyof typeof STREAMS;

/** Two titles whose playlists and segments have the same paths: the query, or else `current`, says which it is. */
class Titles {
  current: Title = "a";
  readonly scene: Scene;
  readonly bytes = new Map<string, Uint8Array>();

  private constructor(scene: Scene) {
    this.scene = scene;
  }

  static async in(scene: Scene): Promise<Titles> {
    const titles = new Titles(scene);
    for (const [title, stream] of Object.entries(STREAMS)) {
      for (let i = 0; i < SEGMENT_COUNT; i += 1) {
        const bytes = await scene.origin.read(`/${stream}/seg-${i}.ts`);
        if (bytes === null) throw new Error(`there is no ${stream}/seg-${i}.ts`);
        titles.bytes.set(`${title}/seg-${i}.ts`, bytes);
      }
    }
    scene.origin.mount("/titles/", (_request, response, url) => {
      const title = url.searchParams.get("id") ?? titles.current;
      const file = url.pathname.slice("/titles/".length);
      response.setHeader("Cache-Control", "no-store");
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.end(file.endsWith(".m3u8") ? playlistOf(url.search) : titles.bytes.get(`${title}/${file}`));
    });
    return titles;
  }

  /** Which title each of the viewer's segments was of, since it had so many. */
  async played(viewer: Viewer, from = 0): Promise<string[]> {
    const names = new Map([...this.bytes].map(([name, bytes]) => [sha256(bytes), name]));
    const { deliveries } = await viewer.report();
    return deliveries.slice(from).map(({ sha256: digest }) => names.get(digest) ?? "neither");
  }
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function playlistOf(query: string): string {
  const segments = Array.from({ length: SEGMENT_COUNT }, (_, i) => `#EXTINF:4,\nseg-${i}.ts${query}\n`);
  const head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:5\n#EXT-X-PLAYLIST-TYPE:VOD\n";
  return `${head}${segments.join("")}#EXT-X-ENDLIST\n`;
}

const wholeOf = (title: Title) => Array.from({ length: SEGMENT_COUNT }, (_, i) => `${title}/seg-${i}.ts`);
const isWhole = ({ bufferedEndS }: ViewerReport) => bufferedEndS > 28;

const nextSources: Record<string, (titles: Titles, elsewhere: string) => string> = {
  "a query tells them apart": () => "/titles/index.m3u8?id=b",
  "the host tells them apart": (titles, elsewhere) => {
    titles.current = "b";
    return `${elsewhere}/titles/index.m3u8`;
  },
  "the origin began to serve another one": (titles) => {
    titles.current = "b";
    return "/titles/index.m3u8";
  },
};

for (const [how, next] of Object.entries(nextSources)) {
  test(`the next title was played from the last one's bytes: same paths, ${how}`, async () => {
    await withScene({ stream: "vod-ts", path: "/titles/index.m3u8" }, async (scene) => {
      const titles = await Titles.in(scene);
      const viewer = await scene.join();
      await viewer.until(isWhole, { what: "it has buffered the first title" });
      expect(await titles.played(viewer)).toEqual(wholeOf("a"));
      await viewer.call("loadSource", next(titles, (await scene.origin.openPort("elsewhere")).url));
      await viewer.until(({ deliveries }) => deliveries.length >= 2 * SEGMENT_COUNT, {
        what: "it has loaded the second title",
      });
      expect(await titles.played(viewer, SEGMENT_COUNT)).toEqual(wholeOf("b"));
      expect(troubles(viewer, await viewer.report())).toEqual([]);
    });
  });
}

test("viewers of two titles at one path were given each other's segments, and called each other liars", async () => {
  await withScene({ stream: "vod-ts" }, async (scene) => {
    const titles = await Titles.in(scene);
    const watching: [Title, Viewer][] = [];
    for (const title of ["a", "a", "b", "b", "a"] as const) {
      const viewer = await scene.join({ path: `/titles/index.m3u8?id=${title}` });
      await viewer.until(isWhole, { what: `it has buffered title ${title}` });
      watching.push([title, viewer]);
    }
    for (const [title, viewer] of watching) {
      const report = await viewer.report();
      expect(await titles.played(viewer)).toEqual(wholeOf(title));
      expect(troubles(viewer, report)).toEqual([]);
      expect(report.warnings.filter(({ code }) => code !== "root-conflict")).toEqual([]);
      if (title === "b") expect(peerBytesOf(report)).toBe(0);
    }
    for (const at of [1, 4]) expect(peerBytesOf(await watching[at]![1].report())).toBeGreaterThan(1_000_000);
    expect((await watching[3]![1].report()).explain).toContain("other bytes than the CDN serves");
  });
});

test("one level was played from another level's bytes: two hosts, the same paths", async () => {
  await withScene({ stream: "vod-ts", tracker: null, hls: { startLevel: 0 } }, async (scene) => {
    const titles = await Titles.in(scene);
    const high = (await scene.origin.openPort("high")).url;
    scene.origin.mount("/levels/", (request, response, url) => {
      const file = url.pathname.split("/").at(-1)!;
      const title: Title = high.endsWith(`:${request.headers.host?.split(":")[1]}`) ? "a" : "b";
      response.setHeader("Cache-Control", "no-store");
      response.setHeader("Access-Control-Allow-Origin", "*");
      if (file === "index.m3u8") response.end(masterOf(["v", `${high}/levels/v`]));
      else
        response.end(
          file === "level.m3u8" ? playlistOf(`?id=${title}`) : titles.bytes.get(`${title}/${file}`),
        );
    });
    const viewer = await scene.join({ path: "/levels/index.m3u8" });
    await viewer.until(({ deliveries }) => deliveries.length >= 4, { what: "it has loaded the low level" });
    const before = (await viewer.report()).deliveries.length;
    await viewer.call("setLevel", 1);
    await viewer.until(({ deliveries }) => deliveries.length >= before + 4, {
      what: "it has loaded the high level over what it had of the low one",
    });
    await viewer.until(isWhole, { what: "it has buffered all" });
    const { deliveries } = await viewer.report();
    const names = await titles.played(viewer);
    expect(names.map((name) => `?id=${name[0]}`)).toEqual(deliveries.map(({ query }) => query));
  });
});

function masterOf(folders: readonly string[]): string {
  const levels = folders.map(
    (folder, i) => `#EXT-X-STREAM-INF:BANDWIDTH=${i + 1}00000\n${folder}/level.m3u8\n`,
  );
  return `#EXTM3U\n${levels.join("")}`;
}
