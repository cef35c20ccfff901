import { type Browser, chromium } from "playwright-core";
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

export interface BrowserOptions {
  /** Slows hidden pages down as browsers do outside of tests. Default false. */
  readonly throttleHidden?: boolean;
}

export async function launchBrowser({ throttleHidden = false }: BrowserOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: throttleHidden ? FLAGS : [...FLAGS, ...NO_THROTTLING],
    // Playwright passes the same flags by itself.
    ignoreDefaultArgs: throttleHidden ? NO_THROTTLING : [],
  });
}
