import type { MountHandler, StreamName } from "@tributary/demo-player/origin";
import { until, withScene } from "@tributary/e2e";
import { chromiumCpuSeconds } from "../cpu-time.ts";
import type { RootsMode } from "../figures/offload.ts";
import { PAGE_PREFIX, VIEWER_PAGE } from "./viewer-page.ts";
import type { ViewerReport } from "./viewer-report.ts";

export interface StageOptions {
  readonly stream: StreamName;
  readonly roots: RootsMode;
  readonly viewerPage: MountHandler;
}

export type ViewerKind = "tributary" | "plain";

/** One viewer in a browser context and behind an origin port of its own: no shared connections, no shared cache. */
export interface Viewer {
  start(): Promise<void>;
  report(): Promise<ViewerReport>;
  /** Waits until the condition holds for what the viewer reports, and returns that report. */
  until(what: string, condition: (report: ViewerReport) => boolean): Promise<ViewerReport>;
  /** Leaves the swarm properly and closes the page. */
  leave(): Promise<void>;
}

/** One origin, one tracker and one browser, all fresh. */
export interface Stage {
  /** Loads the page; nothing is played before `start()`. */
  prepare(kind: ViewerKind): Promise<Viewer>;
  /** Media bytes that the origin sent on behalf of Tributary's viewers and of the verifier. */
  swarmOriginBytes(): number;
  /** CPU seconds of all browser processes so far; null without /proc. */
  cpuSeconds(): number | null;
}

/** Origin label of viewers that play plain hls.js. */
const PLAIN_LABEL = "plain";
const WAIT_LIMIT_MS = 30_000;

export async function withStage<T>(options: StageOptions, run: (stage: Stage) => Promise<T>): Promise<T> {
  const { roots, viewerPage } = options;
  const stream = roots === "playlist" ? (`roots/${options.stream}` as const) : options.stream;
  const tracker = { flags: roots === "verifier" ? [] : ["--no-verifier"] };
  return withScene({ stream, tracker }, async (scene) => {
    scene.origin.mount(PAGE_PREFIX, viewerPage);
    async function prepare(kind: ViewerKind): Promise<Viewer> {
      const { url } = await scene.origin.openPort(kind === "plain" ? PLAIN_LABEL : "tributary");
      const page = await scene.browser.newPage();
      await page.goto(url + VIEWER_PAGE);
      await page.waitForFunction(() => window.benchViewer !== undefined);
      const report = () => page.evaluate(() => window.benchViewer!.report());
      const order = {
        url: `${url}/${stream}/index.m3u8`,
        engine: kind === "plain" ? null : { tracker: scene.tracker.url, contentId: `bench/${stream}` },
      };
      return {
        start: () => page.evaluate((given) => window.benchViewer!.start(given), order),
        report,
        async until(what, condition) {
          let last: ViewerReport | null = null;
          await until(async () => condition((last = await report())), {
            what: `a ${kind} viewer has ${what}`,
            timeoutMs: WAIT_LIMIT_MS,
            describe: () => describe(last),
          });
          return last!;
        },
        async leave() {
          await page.evaluate(() => window.benchViewer!.leave());
          await page.context().close();
        },
      };
    }

    return run({
      prepare,
      swarmOriginBytes() {
        const { mediaBytes, byClient } = scene.origin.bytes();
        return mediaBytes - (byClient.get(PLAIN_LABEL)?.bytes ?? 0);
      },
      cpuSeconds: () => chromiumCpuSeconds(process.pid),
    });
  });
}

function describe(report: ViewerReport | null): string {
  return JSON.stringify({ ...report, deliveries: report?.deliveries.length, latencySamplesS: undefined });
}
