import { fileURLToPath } from "node:url";
import { launchBrowser, type TestBrowser } from "@tributary/e2e";
import type { Page } from "playwright-core";
import { findChromium } from "../../../scripts/chromium.ts";
import type { LinkRates, Network, NetworkHost } from "../network/namespaces.ts";

const IN_NAMESPACE = fileURLToPath(new URL("../network/in-namespace.sh", import.meta.url));

/** Where viewers' pages run. */
export interface Browsers {
  /** A page in a browser context of its own, for a viewer whose page comes from `origin`. */
  newPage(origin: string): Promise<{ page: Page; host: NetworkHost | null }>;
  close(): Promise<void>;
}

/** One browser for all viewers, on this machine's loopback. */
export async function sharedBrowser(): Promise<Browsers> {
  const browser = await launchBrowser();
  return { newPage: async () => ({ page: await browser.newPage(), host: null }), close: browser.close };
}

/** A browser and a host of its own for every viewer; the nth has the nth link. */
export function browserPerHost(network: Network, links: readonly LinkRates[]): Browsers {
  const browsers: Promise<TestBrowser>[] = [];
  return {
    async newPage(origin) {
      const host = network.addHost(links[browsers.length % links.length]!);
      const launched = launchBrowser({
        executablePath: IN_NAMESPACE,
        env: { BENCH_NAMESPACE: host.namespace, BENCH_CHROMIUM: findChromium() },
        // The page's address is no loopback one; without this it would have no crypto.subtle.
        args: [`--unsafely-treat-insecure-origin-as-secure=${origin}`],
      });
      browsers.push(launched);
      return { page: await (await launched).newPage(), host };
    },
    async close() {
      await Promise.all((await Promise.all(browsers)).map((browser) => browser.close()));
    },
  };
}
