import { type Fault, type Origin, startOrigin, type StreamName } from "@tributary/demo-player/origin";
import type { EngineOptions } from "@tributary/sdk";
import { launchBrowser, launchThrottlingBrowser, type TestBrowser } from "./browser.ts";
import type { ViewerConfig } from "./page/contract.ts";
import { createPages, PAGES_PREFIX } from "./pages.ts";
import { freePort } from "./free-port.ts";
import { startTrackerProcess, type TrackerProcess, type TrackerProcessOptions } from "./tracker-process.ts";
import { openViewer, type Viewer } from "./viewer.ts";

export interface SceneOptions {
  readonly stream: StreamName | `roots/${StreamName}`;
  /** How many viewers are there when the scene begins, playing. Default 0. */
  readonly viewers?: number;
  /** Null = none at all. Default: one with the verifier. */
  readonly tracker?: TrackerProcessOptions | null;
  /** Null = plain hls.js. `tracker` and `contentId` are filled in. */
  readonly engine?: EngineOptions | null;
  readonly hls?: ViewerConfig["hls"];
  readonly loading?: ViewerConfig["loading"];
  /** Of the playlist, at the viewer's origin. Default: the stream's. */
  readonly path?: string;
  readonly faults?: readonly Fault[];
  /** Viewers are tabs of one window, and hidden ones are slowed down as browsers do. Default false: all are visible. */
  readonly tabs?: boolean;
}

export interface Scene {
  readonly origin: Origin;
  /** Throws where the scene has none. */
  readonly tracker: TrackerProcess;
  /** Starts a tracker again on the port of the one that was killed. */
  restartTracker(): Promise<void>;
  /** Adds a page below `/e2e/`. */
  setPage(name: string, html: string): void;
  readonly browser: TestBrowser;
  /** In the order of their coming, those that left included. */
  readonly viewers: readonly Viewer[];
  /** Opens a viewer and lets it play at once. */
  join(overrides?: ViewerOverrides): Promise<Viewer>;
  /** Opens a viewer page that does not play yet. */
  open(overrides?: ViewerOverrides): Promise<Viewer>;
}

export type ViewerOverrides = Partial<Pick<SceneOptions, "engine" | "hls" | "loading" | "path" | "stream">>;

/** Sets up an origin, a tracker process and a browser, runs the test in it and leaves nothing behind. */
export async function withScene<T>(options: SceneOptions, run: (scene: Scene) => Promise<T>): Promise<T> {
  const closers: (() => Promise<void>)[] = [];
  const closing = <R>(resource: R, close: (resource: R) => Promise<void>): R => {
    closers.unshift(() => close(resource));
    return resource;
  };
  try {
    const origin = closing(await startOrigin(), (started) => started.close());
    const pages = await createPages();
    origin.mount(PAGES_PREFIX, pages.serve);
    for (const fault of options.faults ?? []) origin.faults.add(fault);
    let tracker = null as TrackerProcess | null;
    async function startTracker(port: number): Promise<void> {
      tracker = closing(await startTrackerProcess({ ...options.tracker, port }), (started) => started.stop());
    }
    if (options.tracker !== null) await startTracker(await freePort());
    const launch = options.tabs === true ? launchThrottlingBrowser : launchBrowser;
    const browser = closing(await launch(), (started) => started.close());

    const viewers: Viewer[] = [];
    async function open(overrides: ViewerOverrides = {}): Promise<Viewer> {
      const { stream, engine = {}, hls = {}, loading = "stock" } = { ...options, ...overrides };
      const { path = `/${stream}/index.m3u8` } = { ...options, ...overrides };
      const name = `viewer-${viewers.length + 1}`;
      const config = {
        stream: path,
        engine: engine && {
          ...(tracker && { tracker: tracker.url }),
          // Each viewer has an origin of its own, which the default would take for another title.
          contentId: `e2e/${stream}`,
          ...engine,
        },
        hls,
        loading,
        // Without it a hidden tab would not play on.
        sound: options.tabs === true,
      };
      const viewer = await openViewer(browser, await origin.openPort(name), name, config);
      viewers.push(viewer);
      return viewer;
    }
    async function join(overrides: ViewerOverrides = {}): Promise<Viewer> {
      const viewer = await open(overrides);
      await viewer.play();
      return viewer;
    }

    for (let i = 0; i < (options.viewers ?? 0); i += 1) await join();
    return await run({
      origin,
      browser,
      viewers,
      join,
      open,
      get tracker() {
        return known(tracker);
      },
      setPage: pages.set,
      restartTracker: () => startTracker(known(tracker).port),
    });
  } finally {
    for (const close of closers) await close();
  }
}

function known(tracker: TrackerProcess | null): TrackerProcess {
  if (tracker === null) throw new Error("this scene has no tracker");
  return tracker;
}
