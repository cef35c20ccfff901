import type { OriginPort } from "@tributary/demo-player/origin";
import { until } from "@tributary/e2e";
import type { KindName } from "../kinds.ts";
import type { NetworkHost } from "../network/namespaces.ts";
import type { TransportLog } from "../transport/goodput.ts";
import type { Browsers } from "./browsers.ts";
import { viewerPagePath } from "./viewer-page.ts";
import type { ViewerOrder, ViewerReport } from "./viewer-report.ts";

/** One viewer in a browser context and behind an origin port of its own: no shared connections, no shared cache. */
export interface Viewer {
  readonly kind: KindName;
  /** Under which the origin counts its media. */
  readonly name: string;
  /** Its link, null on loopback. */
  readonly host: NetworkHost | null;
  start(): Promise<void>;
  /** The last one where the viewer has left. */
  report(): Promise<ViewerReport>;
  transportLog(): Promise<TransportLog>;
  seek(toS: number): Promise<void>;
  /** Waits until the condition holds for what the viewer reports, and returns that report. */
  until(what: string, condition: (report: ViewerReport) => boolean): Promise<ViewerReport>;
  /** Leaves the swarm properly and closes the page. */
  leave(): Promise<void>;
  /** Closes the tab without a word to the player. */
  closeTab(): Promise<void>;
}

export interface OpenViewerOptions extends Omit<ViewerOrder, "url"> {
  readonly name: string;
  readonly port: OriginPort;
  readonly browsers: Browsers;
  /** The playlist's path at the origin. */
  readonly playlist: string;
}

const WAIT_LIMIT_MS = 30_000;

export async function openViewer(options: OpenViewerOptions): Promise<Viewer> {
  const { name, port, browsers, playlist, ...order } = options;
  const { kind } = order;
  const { page, host } = await browsers.newPage(port.url);
  await page.goto(port.url + viewerPagePath(kind));
  await page.waitForFunction(() => window.benchViewer !== undefined);
  const given: ViewerOrder = { ...order, url: port.url + playlist };
  let farewell: ViewerReport | null = null;

  const report = async () => farewell ?? (await page.evaluate(() => window.benchViewer!.report()));
  return {
    kind,
    name,
    host,
    start: () => page.evaluate((whole) => window.benchViewer!.start(whole), given),
    report,
    transportLog: () => page.evaluate(() => window.benchViewer!.transportLog()),
    seek: (toS) => page.evaluate((position) => window.benchViewer!.seek(position), toS),
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
      farewell = await report();
      await page.evaluate(() => window.benchViewer!.leave());
      await page.context().close();
    },
    async closeTab() {
      farewell = await report();
      await page.close();
    },
  };
}

function describe(report: ViewerReport | null): string {
  return JSON.stringify({ ...report, deliveries: report?.deliveries.length, latencySamplesS: undefined });
}
