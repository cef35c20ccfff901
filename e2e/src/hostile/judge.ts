import type { ViewerReport } from "../index.ts";
import type { Liar } from "./scene.ts";

export const LINKED = "still linked";

/** Warnings that name this peer, in the words they were given in. */
export function namings(report: ViewerReport, peer: string): ViewerReport["warnings"] {
  return report.warnings.filter(({ message }) => message.includes(peer.slice(0, 8)));
}

/**
 * What a victim says of each liar, by the name of the lie: the codes of its warnings, and whether it is still
 * linked with it.
 */
export function verdicts(report: ViewerReport, liars: readonly Liar[]): Record<string, string[]> {
  const linked = new Set<string>((report.stats?.peerList ?? []).map(({ id }) => id));
  return Object.fromEntries(
    liars.map(({ lie, peer }) => [
      lie,
      [...namings(report, peer).map(({ code }) => code), ...(linked.has(peer) ? [LINKED] : [])],
    ]),
  );
}

/** What a viewer has taken from another and used or not, by its peer id; 0 where there is no link. */
export function takenFrom(report: ViewerReport, peer: string): number {
  return report.stats?.peerList.find(({ id }) => id === peer)?.downloadedBytes ?? 0;
}

/** What a viewer holds receipts of another for, in bytes. */
export function heldFrom({ receipts }: ViewerReport, peer: string): number {
  return receipts
    .filter((news) => news.direction === "held" && news.peer === peer)
    .reduce((sum, { bytes }) => sum + bytes, 0);
}
