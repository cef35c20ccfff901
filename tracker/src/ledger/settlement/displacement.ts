import { NO_TOTALS, type SessionFacts, type SessionTotals, type SwarmFacts } from "./input.ts";
import { limitGroups } from "./limits.ts";
import type { SettlingGrant, Withheld } from "./settling.ts";
import { playedBytes } from "./shares.ts";

/** Sums of one epoch, by session. */
export interface Moved {
  readonly received: ReadonlyMap<string, number>;
  /** That may be paid. */
  readonly served: ReadonlyMap<string, number>;
}

/** Of all swarms and sessions that an epoch's grants name. */
export interface KnownOfAll {
  readonly swarms: ReadonlyMap<string, SwarmFacts>;
  readonly sessions: ReadonlyMap<string, SessionFacts>;
}

function sumBy(
  grants: readonly SettlingGrant[],
  keyOf: (grant: SettlingGrant) => string,
  bytesOf: (grant: SettlingGrant) => number,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const grant of grants) sums.set(keyOf(grant), (sums.get(keyOf(grant)) ?? 0) + bytesOf(grant));
  return sums;
}

export function movedBytes(grants: readonly SettlingGrant[]): Moved {
  return {
    received: sumBy(
      grants,
      ({ downloader }) => downloader,
      ({ agreedBytes }) => agreedBytes,
    ),
    served: sumBy(
      grants,
      ({ uploader }) => uploader,
      ({ bytes }) => bytes,
    ),
  };
}

/**
 * Pays for what an uploader took off the CDN, not for what it only passed through: its own CDN bytes beyond what its
 * playback needed, and beyond its duty, count against what it served. Sums run over the whole session, because
 * what is fetched in one epoch is watched and passed on in the next.
 */
export function netDisplacement(
  grants: readonly SettlingGrant[],
  known: KnownOfAll,
  bufferMs: number,
  moved: Moved,
  withheld: Withheld,
): SettlingGrant[] {
  const swarmOf = new Map(grants.map(({ uploader, swarm }) => [uploader, swarm]));
  const limitOf = (session: string) => {
    const { before, cdnBytes, watchMs, dutyBytes } = factsOf(known.sessions, session);
    const bitrateBps = known.swarms.get(swarmOf.get(session) ?? "")?.bitrateBps ?? 0;
    const received = before.receivedBytes + (moved.received.get(session) ?? 0);
    const played = playedBytes(bitrateBps, watchMs + bufferMs);
    const excess = Math.max(0, cdnBytes - Math.max(0, played - received) - dutyBytes);
    const served = before.servedBytes + (moved.served.get(session) ?? 0);
    return Math.max(0, served - excess - before.earnedBytes);
  };
  return limitGroups(
    grants,
    ({ uploader }) => uploader,
    limitOf,
    (bytes) => {
      withheld.launderedBytes += bytes;
    },
  );
}

function factsOf(sessions: ReadonlyMap<string, SessionFacts>, session: string): SessionFacts {
  return sessions.get(session) ?? { before: NO_TOTALS, cdnBytes: 0, watchMs: 0, dutyBytes: 0 };
}

/** The totals of every session that a grant names, after this epoch. */
export function totalsAfter(
  compared: readonly SettlingGrant[],
  paid: readonly SettlingGrant[],
  known: ReadonlyMap<string, SessionFacts>,
  moved: Moved,
): Map<string, SessionTotals> {
  const earned = sumBy(
    paid,
    ({ uploader }) => uploader,
    ({ bytes }) => bytes,
  );
  const bought = sumBy(
    compared,
    ({ downloader }) => downloader,
    ({ bytes }) => bytes,
  );
  const sessions = new Set(compared.flatMap(({ uploader, downloader }) => [uploader, downloader]));
  return new Map(
    [...sessions].sort().map((session) => {
      const { before, cdnBytes, watchMs } = factsOf(known, session);
      const plus = (sums: ReadonlyMap<string, number>) => sums.get(session) ?? 0;
      const totals: SessionTotals = {
        cdnBytes,
        watchMs,
        receivedBytes: before.receivedBytes + plus(moved.received),
        servedBytes: before.servedBytes + plus(moved.served),
        earnedBytes: before.earnedBytes + plus(earned),
        boughtBytes: before.boughtBytes + plus(bought),
      };
      return [session, totals];
    }),
  );
}
