import { createTotals, offloadRatio, type SourceBytes } from "./totals.ts";

/** The sums behind the headline: what the players used, beside what the CDN sent. */
export interface Account {
  /** The running count of one viewer's present engine. */
  used(viewer: number, bytes: SourceBytes): void;
  departed(viewer: number): void;
  /**
   * Brings the CDN's side up to date. `originBytes` is what our own origin says it sent (null: it did not answer);
   * for a stream from elsewhere the players' own count stands in.
   */
  tick(originBytes: number | null, countedAtOrigin: boolean): void;
  /** Count the summary from here on; the running sums go on. */
  rebase(): void;
  summary(): Summary;
  /** Since the page opened; never falls. */
  running(): SourceBytes;
}

export interface Summary {
  readonly used: SourceBytes;
  readonly sentBytes: number;
  /** Share of what the players used that the CDN did not have to send; null before the first bytes. */
  readonly offload: number | null;
  readonly offloadByPlayers: number | null;
}

export function createAccount(): Account {
  const totals = createTotals();
  let sentBytes = 0;
  let lastOriginBytes: number | null = null;
  let lastPlayersBytes = 0;
  let base = { used: totals.sum(), sentBytes };
  return {
    used: totals.update,
    departed: totals.depart,
    tick(originBytes, countedAtOrigin) {
      const playersBytes = totals.sum().cdnBytes;
      if (!countedAtOrigin) sentBytes += playersBytes - lastPlayersBytes;
      // The origin's first answer covers earlier visits too: only what comes after it is ours.
      else if (originBytes !== null && lastOriginBytes !== null)
        sentBytes += Math.max(0, originBytes - lastOriginBytes);
      lastPlayersBytes = playersBytes;
      lastOriginBytes = originBytes ?? lastOriginBytes;
    },
    rebase() {
      base = { used: totals.sum(), sentBytes };
    },
    summary() {
      const now = totals.sum();
      const used = {
        peerBytes: now.peerBytes - base.used.peerBytes,
        cdnBytes: now.cdnBytes - base.used.cdnBytes,
      };
      const sent = sentBytes - base.sentBytes;
      return {
        used,
        sentBytes: sent,
        offload: offloadRatio(used, sent),
        offloadByPlayers: offloadRatio(used, used.cdnBytes),
      };
    },
    running: () => ({ peerBytes: totals.sum().peerBytes, cdnBytes: sentBytes }),
  };
}
