import { createHash } from "node:crypto";
import type { Origin } from "@tributary/demo-player/origin";
import type { Delivery, PlayerError, ViewerReport } from "./page/contract.ts";
import { DRY_S } from "./page/playback.ts";
import { summary, type Viewer } from "./viewer.ts";

/** Share of the delivered media that did not come from the origin, which counts the verifier's copies too. */
export function offloadOf(origin: Origin, reports: readonly ViewerReport[]): number {
  const deliveredBytes = reports
    .flatMap(({ deliveries }) => deliveries)
    .reduce((sum, { bytes }) => sum + bytes, 0);
  return deliveredBytes === 0 ? 0 : 1 - origin.bytes().mediaBytes / deliveredBytes;
}

/** Deliveries whose bytes are not those that the origin holds under that address: none, if all is well. */
export async function alteredDeliveries(
  origin: Origin,
  reports: readonly ViewerReport[],
): Promise<Delivery[]> {
  const altered: Delivery[] = [];
  for (const delivery of reports.flatMap(({ deliveries }) => deliveries)) {
    const { path, range, sha256 } = delivery;
    const whole = await origin.read(path);
    const bytes = whole && range ? whole.subarray(range.start, range.end) : whole;
    const expected = bytes && createHash("sha256").update(bytes).digest("hex");
    if (sha256 !== expected) altered.push(delivery);
  }
  return altered;
}

/**
 * hls.js reports a hole where the sound of a stream begins some milliseconds before its picture and it starts behind,
 * a stall where the machine is too busy to decode what is there, and a load that it called off itself when it was told
 * to switch sizes: chance, with and without the SDK.
 */
export function isHarmless({ details, fatal, bufferedS }: PlayerError): boolean {
  if (fatal) return false;
  if (details === "bufferSeekOverHole" || details === "aborted") return true;
  return details === "bufferStalledError" && (bufferedS ?? 0) > DRY_S;
}

/** What went wrong with a viewer's playback, one line each; empty if nothing did. */
export function troubles(viewer: Viewer, report: ViewerReport): string[] {
  const found = [
    ...(report.startupMs === null ? ["never started"] : []),
    ...(report.stalls > 0 ? [`stalled ${report.stalls} times`] : []),
    ...report.errors
      .filter((error) => !isHarmless(error))
      .map(({ details, fatal, status }) => `${fatal ? "fatal " : ""}${details} (${status})`),
    ...viewer.complaints,
  ];
  return found.length === 0 ? [] : [...found.map((line) => `${viewer.name}: ${line}`), summary(report)];
}

export async function reportsOf(viewers: readonly Viewer[]): Promise<ViewerReport[]> {
  return Promise.all(viewers.map((viewer) => viewer.report()));
}

/** From now on watches for how long nothing else runs in a viewer's page; what it returns ends that and tells the longest. */
export async function longestFreezeMs({ page }: Viewer): Promise<() => Promise<number>> {
  const watch = await page.evaluateHandle(() => {
    let longestMs = 0;
    let lastMs = performance.now();
    const look = (): number => {
      const nowMs = performance.now();
      longestMs = Math.max(longestMs, nowMs - lastMs);
      lastMs = nowMs;
      return longestMs;
    };
    return { look, timer: setInterval(look, 20) };
  });
  return () =>
    watch.evaluate(({ look, timer }) => {
      clearInterval(timer);
      return look();
    });
}
