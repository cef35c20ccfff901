import type { OriginPort } from "@tributary/demo-player/origin";
import type { CDPSession, Page } from "playwright-core";
import type { TestBrowser } from "./browser.ts";
import type { ViewerConfig, ViewerPage, ViewerReport } from "./page/contract.ts";
import { VIEWER_PAGE } from "./pages.ts";
import { until, type UntilOptions } from "./until.ts";

export interface Viewer {
  readonly name: string;
  readonly page: Page;
  /** Where its page and its media come from: a port of its own. */
  readonly origin: OriginPort;
  /** Uncaught exceptions and `console.error` of its page. */
  readonly complaints: readonly string[];
  /** @param changes to how it was opened */
  play(changes?: Pick<Partial<ViewerConfig>, "stream">): Promise<void>;
  report(): Promise<ViewerReport>;
  /** Calls one of the page's commands. */
  call<K extends keyof ViewerPage>(command: K, ...args: Parameters<ViewerPage[K]>): Promise<void>;
  /** Waits until its report satisfies the condition and returns that report. */
  until(
    condition: (report: ViewerReport) => boolean,
    options: Pick<UntilOptions, "what" | "timeoutMs">,
  ): Promise<ViewerReport>;
  /** Stops the page's script as if it hung, connections open; returns how to let it go on. */
  freeze(): Promise<() => Promise<void>>;
  /** Ends the page's process without any goodbye. */
  crash(): Promise<void>;
  /** Closes the tab. */
  close(): Promise<void>;
}

interface ViewerWindow {
  readonly viewer: ViewerPage;
}

/** Opens a viewer page with an origin of its own: neither cache nor connections are shared with the others. */
export async function openViewer(
  browser: TestBrowser,
  origin: OriginPort,
  name: string,
  config: ViewerConfig,
): Promise<Viewer> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`${name}: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    // A failed request is logged by the browser itself; what the player makes of it is in the report.
    const isRequest = /^(Failed to load resource|WebSocket connection to)/.test(message.text());
    if (message.type() === "error" && !isRequest) complaints.push(`${name}: ${message.text()}`);
  });
  await page.goto(origin.url + VIEWER_PAGE);
  let session: CDPSession | null = null;

  async function devtools(): Promise<CDPSession> {
    session ??= await page.context().newCDPSession(page);
    return session;
  }
  const report = (): Promise<ViewerReport> =>
    page.evaluate(() => (window as unknown as ViewerWindow).viewer.report());

  return {
    name,
    page,
    origin,
    complaints,
    // The configuration crosses as JSON: its full type is too deep for Playwright's.
    play: (changes) =>
      page.evaluate(
        (wanted) => (window as unknown as ViewerWindow).viewer.play(JSON.parse(wanted) as ViewerConfig),
        JSON.stringify({ ...config, ...changes }),
      ),
    report,
    call: (command, ...args) =>
      page.evaluate(
        async ({ key, values }) => {
          const { viewer } = window as unknown as { viewer: Record<string, (...all: unknown[]) => unknown> };
          await viewer[key]?.(...values);
        },
        { key: command as string, values: args as unknown[] },
      ),
    async until(condition, { what, timeoutMs }) {
      let last: ViewerReport | null = null;
      await until(
        async () => {
          last = await report();
          return condition(last);
        },
        {
          what: `${name}: ${what}`,
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
          describe: () => summary(last),
        },
      );
      return last as unknown as ViewerReport;
    },
    async freeze() {
      const cdp = await devtools();
      await cdp.send("Debugger.enable");
      await cdp.send("Debugger.pause");
      return async () => void (await cdp.send("Debugger.resume"));
    },
    async crash() {
      const crashed = new Promise<void>((resolve) => page.once("crash", () => resolve()));
      // The answer never comes: the process that would give it is gone.
      void (await devtools()).send("Page.crash").catch(() => undefined);
      await crashed;
    },
    close: () => page.close(),
  };
}

/** A report without its long lists, for messages. */
export function summary(report: ViewerReport | null): string {
  if (report === null) return "no report";
  const { deliveries, segments, ...rest } = report;
  return JSON.stringify({ ...rest, deliveries: deliveries.length, segments: segments.length }, null, 1);
}
