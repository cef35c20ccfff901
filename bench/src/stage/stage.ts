import {
  startOrigin,
  type Fault,
  type MountHandler,
  type Origin,
  type OriginPort,
  type StreamName,
} from "@tributary/demo-player/origin";
import { createPages, PAGES_PREFIX, startTrackerProcess } from "@tributary/e2e";
import type { Page } from "playwright-core";
import { chromiumCpuSeconds, chromiumMemoryBytes } from "../browser-usage.ts";
import type { RootsMode } from "../figures/offload.ts";
import { KINDS, type KindName } from "../kinds.ts";
import { createNetwork, type LinkRates } from "../network/namespaces.ts";
import { startWebTorrentTracker } from "../webtorrent/tracker-process.ts";
import { browserPerHost, sharedBrowser } from "./browsers.ts";
import { openViewer, type OpenViewerOptions, type Viewer } from "./viewer.ts";
import { PAGE_PREFIX } from "./viewer-page.ts";

export interface StageOptions {
  /** Which kinds will be prepared: their trackers are started. */
  readonly kinds: readonly KindName[];
  readonly stream: StreamName;
  readonly roots: RootsMode | null;
  readonly viewerPages: MountHandler;
  readonly faults?: readonly Fault[];
  /** Links of the viewers in the order of their preparation; absent = all on loopback. */
  readonly links?: readonly LinkRates[];
}

/** One origin, the trackers and the browsers, all fresh. */
export interface Stage {
  readonly origin: Origin;
  /** Wall clock at which the live streams began. */
  readonly beganAtMs: number;
  /** Loads a viewer's page; nothing is played before `start()`. */
  prepare(
    kind: KindName,
    overrides?: Partial<Pick<OpenViewerOptions, "playlist" | "contentId" | "plays" | "hlsConfig">>,
  ): Promise<Viewer>;
  /** Loads another page in a browser context of its own. */
  openPage(path: string): Promise<Page>;
  /** CPU seconds of all browser processes so far; null without /proc. */
  cpuSeconds(): number | null;
  memoryBytes(): number | null;
}

const LOOPBACK = "127.0.0.1";
const viewerName = (index: number): string => `viewer-${index + 1}`;

/** Sets everything up, runs the scene in it and leaves nothing behind. */
export async function withStage<T>(options: StageOptions, run: (stage: Stage) => Promise<T>): Promise<T> {
  const closers: (() => Promise<void> | void)[] = [];
  const swarms = new Set(options.kinds.map((kind) => KINDS[kind].swarm));
  try {
    const network = options.links === undefined ? null : createNetwork();
    if (network !== null) closers.unshift(() => network.close());
    const host = network?.address ?? LOOPBACK;
    const origin = await startOrigin({ host });
    const beganAtMs = Date.now();
    closers.unshift(() => origin.close());
    origin.mount(PAGES_PREFIX, (await createPages()).serve);
    origin.mount(PAGE_PREFIX, options.viewerPages);
    for (const fault of options.faults ?? []) origin.faults.add(fault);

    // Opened ahead where the tracker's verifier must be told from which origins it may fetch.
    const ports: OriginPort[] = [];
    for (const index of (options.links ?? []).keys()) ports.push(await origin.openPort(viewerName(index)));

    const trackers = new Map<"tributary" | "p2pml", string>();
    if (swarms.has("tributary")) {
      const verifier =
        options.roots === "verifier" ? ports.flatMap(({ url }) => ["--origin", url]) : ["--no-verifier"];
      const tracker = await startTrackerProcess({ flags: ["--host", host, ...verifier] });
      closers.unshift(() => tracker.stop());
      trackers.set("tributary", `ws://${host}:${tracker.port}`);
    }
    if (swarms.has("p2pml")) {
      const tracker = await startWebTorrentTracker(host);
      closers.unshift(() => tracker.stop());
      trackers.set("p2pml", tracker.url);
    }
    const browsers = network === null ? await sharedBrowser() : browserPerHost(network, options.links ?? []);
    closers.unshift(() => browsers.close());

    let preparedCount = 0;
    return await run({
      origin,
      beganAtMs,
      async prepare(kind, overrides = {}) {
        const { swarm } = KINDS[kind];
        const name = viewerName(preparedCount++);
        const isRooted = swarm === "tributary" && options.roots === "playlist";
        return openViewer({
          kind,
          name,
          port: ports.shift() ?? (await origin.openPort(name)),
          browsers,
          playlist: `/${isRooted ? "roots/" : ""}${options.stream}/index.m3u8`,
          contentId: `bench/${options.stream}`,
          lowLatency: options.stream.startsWith("ll"),
          tracker: swarm === null ? null : (trackers.get(swarm) ?? null),
          plays: true,
          hlsConfig: {},
          ...overrides,
        });
      },
      async openPage(path) {
        const { page } = await browsers.newPage(origin.url);
        await page.goto(origin.url + path);
        return page;
      },
      cpuSeconds: () => chromiumCpuSeconds(process.pid),
      memoryBytes: () => chromiumMemoryBytes(process.pid),
    });
  } finally {
    for (const close of closers) await close();
  }
}
