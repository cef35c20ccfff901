import { setTimeout as pass } from "node:timers/promises";
import type { LinkRates } from "../network/namespaces.ts";
import type { Cast } from "./swarm-scene.ts";

/** A third closes its tabs when a third of the time is over, and as many others join when half of it is. */
export async function churn({ viewers, understudies, measureSeconds, say }: Cast): Promise<void> {
  const leavers = viewers.filter((_viewer, index) => index % 3 === 1);
  await pass((measureSeconds * 1000) / 3);
  say(`${leavers.length} viewers close their tabs`);
  await Promise.all(leavers.map((viewer) => viewer.closeTab()));
  await pass((measureSeconds * 1000) / 6);
  say(`${understudies.length} others join`);
  await Promise.all(understudies.map((viewer) => viewer.start()));
}

/** Neither target is within the 32 s that hls.js buffers at first, nor within what it loads after the other. */
const SEEKS = [
  { afterSeconds: 3, toSeconds: 45 },
  { afterSeconds: 5, toSeconds: 34 },
] as const;
const SEEK_STEP_MS = 200;

/** Every viewer jumps ahead of its buffer, and then back to a place that it never loaded. */
export async function seeks({ viewers }: Cast): Promise<void> {
  for (const { afterSeconds, toSeconds } of SEEKS) {
    await pass(afterSeconds * 1000);
    for (const viewer of viewers) {
      await viewer.seek(toSeconds);
      await pass(SEEK_STEP_MS);
    }
  }
}

/** All links become narrow for the middle third of the time. */
export function narrowLinks(wide: LinkRates, narrow: LinkRates): (cast: Cast) => Promise<void> {
  return async ({ viewers, measureSeconds, say }) => {
    const setAll = (rates: LinkRates) => viewers.forEach(({ host }) => host?.setRates(rates));
    await pass((measureSeconds * 1000) / 3);
    say(`links narrow to ${narrow.downBps / 1000} kbit/s`);
    setAll(narrow);
    await pass((measureSeconds * 1000) / 3);
    say(`links widen to ${wide.downBps / 1000} kbit/s`);
    setAll(wide);
  };
}
