import type { Page } from "playwright-core";
import type { Tracker } from "@tributary/tracker";
import { until, withScene } from "../index.ts";
import { buildTheftPages } from "./build.ts";
import type { InjectedScript, ThiefPage } from "./theft-contract.ts";

/** A site whose viewer earns, and in which a hostile script runs before everything else. */
export interface InjectedSite {
  readonly page: Page;
  /** In base64url. */
  readonly account: string;
  inject<K extends keyof InjectedScript>(
    name: K,
    ...args: Parameters<InjectedScript[K]>
  ): Promise<Awaited<ReturnType<InjectedScript[K]>>>;
  /** Of another origin. */
  readonly thiefUrl: string;
}

const siteOf = (tracker: string) => `<!doctype html>
<meta charset="utf-8" />
<link rel="icon" href="data:," />
<video muted playsinline></video>
<script src="injected.js"></script>
<script src="tributary.min.js" data-tracker="${tracker}" data-earn></script>
<script src="hls.min.js"></script>
<script>
  window.hls = new Hls();
  hls.loadSource("/vod-ts/index.m3u8");
  hls.attachMedia(document.querySelector("video"));
  window.account = () => [...Tributary.engines].map((engine) => engine.stats().account)[0] ?? null;
</script>
`;

interface SiteWindow {
  readonly injected: InjectedScript;
  account(): string | null;
}

/** @param weakens the script is there when the account is made, and has its key made one that can be exported */
export async function withInjectedSite(
  tracker: Tracker,
  weakens: boolean,
  run: (site: InjectedSite) => Promise<void>,
): Promise<void> {
  const pages = { ...(await buildTheftPages()), "site.html": siteOf(tracker.url) };
  await withScene({ stream: "vod-ts", tracker: null }, async ({ browser, origin, setPage }) => {
    for (const [name, text] of Object.entries(pages)) setPage(name, text);
    const page = await browser.newPage();
    await page.goto(`${(await origin.openPort("site")).url}/e2e/site.html${weakens ? "#weakens" : ""}`);
    let account: string | null = null;
    await until(
      async () =>
        (account = await page.evaluate(() => (window as unknown as SiteWindow).account())) !== null &&
        tracker.stats().sessions.joined === 1,
      { what: "the viewer earns", describe: () => JSON.stringify(tracker.stats().refusals) },
    );
    await run({
      page,
      account: account!,
      inject: (name, ...args) =>
        page.evaluate(
          async ([of, given]) => {
            const { injected } = window as unknown as SiteWindow;
            return (injected[of] as (...all: unknown[]) => unknown)(...given);
          },
          [name, args] as const,
        ) as never,
      thiefUrl: `${(await origin.openPort("thief")).url}/e2e/thief.html`,
    });
  });
}

/** Calls what the thief's page can do, in a tab or a frame of it. */
export function asThief<K extends keyof ThiefPage>(
  place: Pick<Page, "evaluate">,
  name: K,
  ...args: Parameters<ThiefPage[K]>
): ReturnType<ThiefPage[K]> {
  return place.evaluate(
    async ([of, given]) => {
      const { thief } = window as unknown as { readonly thief: ThiefPage };
      return (thief[of] as (...all: unknown[]) => unknown)(...given);
    },
    [name, args] as const,
  ) as ReturnType<ThiefPage[K]>;
}
