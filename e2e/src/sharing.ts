import { alteredDeliveries, reportsOf, troubles } from "./checks.ts";
import type { Delivery, ViewerReport } from "./page/contract.ts";
import type { Scene } from "./scene.ts";
import { until } from "./until.ts";
import { summary } from "./viewer.ts";

/** The bytes that a viewer took from other viewers into its segments, as its engine says. */
export function peerBytesOf(report: ViewerReport): number {
  return report.segments.reduce((sum, { peerBytes }) => sum + peerBytes, 0);
}

export interface SoundReports {
  readonly reports: readonly ViewerReport[];
  /** One line for each thing that is not as it must be in every scene: stalls, errors, wrong bytes. */
  readonly problems: readonly string[];
}

/** What must hold for every viewer that is still there, whatever the scene. */
export async function checkViewers({
  origin,
  viewers,
}: Pick<Scene, "origin" | "viewers">): Promise<SoundReports> {
  const present = viewers.filter(({ page }) => !page.isClosed());
  const reports = await reportsOf(present);
  const altered = await alteredDeliveries(origin, reports);
  const problems = [
    ...present.flatMap((viewer, i) => troubles(viewer, reports[i] as ViewerReport)),
    ...altered.map(describeAltered),
  ];
  return { reports, problems };
}

function describeAltered({ path, range, bytes }: Delivery): string {
  return `${path} ${range ? `${range.start}-${range.end} ` : ""}was delivered altered (${bytes} bytes)`;
}

/** Waits until every viewer's playhead has moved on by so many seconds from where it is now. */
export async function playOn({ viewers }: Pick<Scene, "viewers">, seconds: number): Promise<void> {
  const present = viewers.filter(({ page }) => !page.isClosed());
  const starts = (await reportsOf(present)).map(({ currentTimeS }) => currentTimeS);
  let last: ViewerReport[] = [];
  await until(
    async () => {
      last = await reportsOf(present);
      return last.every(({ currentTimeS }, i) => currentTimeS >= (starts[i] ?? 0) + seconds);
    },
    {
      what: `every viewer has played ${seconds} s more`,
      timeoutMs: seconds * 1000 + 15_000,
      describe: () => last.map(summary).join("\n"),
    },
  );
}
