import { candidatePoolMax, sameNetworkMax } from "./limits.ts";
import { sampleIndexes } from "./indexed-set.ts";
import type { Membership, Session } from "./model.ts";

/**
 * Up to `wanted` members of the asker's swarm that it is not yet introduced to, each once: first a few of its own
 * network, which are close, then random ones. No network gets more than `sameNetworkMax` places while others are
 * to be had, and whoever `isLast` is chosen after everybody else who was looked at.
 */
export function chooseCandidates(
  asker: Session,
  membership: Membership,
  wanted: number,
  random: () => number,
  isLast: (candidate: Session) => boolean,
): Session[] {
  const { swarm, introduced } = membership;
  const chosen = new Set<Session>();
  const crowded = new Set<Session>();
  const last = new Set<Session>();
  const perNetwork = new Map<string, number>();
  const consider = (candidate: Session | undefined) => {
    if (candidate === undefined || candidate === asker) return;
    if (introduced.has(candidate) || chosen.has(candidate) || chosen.size >= wanted) return;
    if (isLast(candidate)) {
      last.add(candidate);
      return;
    }
    if (candidate.network === null) {
      chosen.add(candidate);
      return;
    }
    const taken = perNetwork.get(candidate.network) ?? 0;
    if (taken >= sameNetworkMax) {
      crowded.add(candidate);
      return;
    }
    perNetwork.set(candidate.network, taken + 1);
    chosen.add(candidate);
  };

  const neighbours = asker.network === null ? undefined : swarm.byNetwork.get(asker.network);
  for (const pool of [neighbours, swarm.members]) {
    if (pool === undefined) continue;
    for (const index of sampleIndexes(candidatePoolMax, pool.size, random)) consider(pool.at(index));
  }
  for (const candidate of [...crowded, ...last]) {
    if (chosen.size >= wanted) break;
    chosen.add(candidate);
  }
  return [...chosen];
}
