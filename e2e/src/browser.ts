import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Page } from "playwright-core";
import { findChromium } from "../../scripts/chromium.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  "--mute-audio",
  // Viewers on one machine find each other by address; multicast DNS is not there in a container.
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];
const NO_THROTTLING = [
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
];

export interface TestBrowser {
  /** A page that shares neither cache nor storage with the others, or the tab in front of them. */
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

export interface LaunchOptions {
  /** Default: the Chromium that is found. */
  readonly executablePath?: string;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** More flags. */
  readonly args?: readonly string[];
}

/** A browser whose pages all count as visible and active, as far as it can be told. */
export async function launchBrowser(options: LaunchOptions = {}): Promise<TestBrowser> {
  const browser = await chromium.launch({
    executablePath: options.executablePath ?? findChromium(),
    env: { ...process.env, ...options.env } as Record<string, string>,
    args: [...FLAGS, ...NO_THROTTLING, ...(options.args ?? [])],
  });
  return {
    newPage: async () => (await browser.newContext()).newPage(),
    close: () => browser.close(),
  };
}

/**
 * A browser as people have it: pages are tabs of one window and only the newest one is visible; hidden ones are slowed
 * down. Playwright's own launch makes every page look active, so this one is only attached to.
 */
export async function launchThrottlingBrowser(): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const flags = ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
  const child = spawn(findChromium(), [...FLAGS, ...flags, "about:blank"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exit = once(child, "exit");
  // A test that times out takes its process down without a chance to clean up.
  const killed = (): void => void child.kill("SIGKILL");
  process.once("exit", killed);
  async function ended(): Promise<void> {
    await exit;
    process.off("exit", killed);
    rmSync(profile, { recursive: true, force: true });
  }
  try {
    const endpoint = await Promise.race([
      endpointIn(createInterface({ input: child.stderr })),
      exit.then(([code]) => Promise.reject(new Error(`Chromium ended with exit code ${code}`))),
    ]);
    const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
    return {
      newPage: () => browser.contexts()[0]!.newPage(),
      async close() {
        // Killed, it would leave helpers behind that still write into the profile.
        const session = await browser.newBrowserCDPSession();
        await session.send("Browser.close");
        await ended();
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    await ended();
    throw error;
  }
}

async function endpointIn(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const match = /^DevTools listening on (ws:\S+)$/.exec(line);
    if (match?.[1] !== undefined) return match[1];
  }
  throw new Error("Chromium did not say where its DevTools listen");
}
