import type { EpochFacts, SwarmFacts } from "./input.ts";
import type { SettlementParameters } from "./parameters.ts";
import { grouped, type SettlingGrant, type Withheld } from "./settling.ts";
import { bytesFor, playedBytes, proRata } from "./shares.ts";

/** Shrinks the bytes of each group of grants to its limit, in proportion; `withhold` is told what goes. */
export function limitGroups(
  grants: readonly SettlingGrant[],
  keyOf: (grant: SettlingGrant) => string,
  limitOf: (key: string) => number,
  withhold: (bytes: number) => void,
): SettlingGrant[] {
  const limited = [...grants];
  for (const [key, places] of grouped(grants, keyOf)) {
    const before = places.map((at) => grants[at]!.bytes);
    const after = proRata(before, limitOf(key));
    for (const [index, at] of places.entries()) {
      if (after[index] === before[index]) continue;
      withhold(before[index]! - after[index]!);
      limited[at] = { ...grants[at]!, bytes: after[index]! };
    }
  }
  return limited;
}

/**
 * No more is paid in a swarm than its viewers can have watched beyond what the publisher's CDN delivered, nor more
 * than the limit of one title and epoch.
 */
export function capBySwarm(
  grants: readonly SettlingGrant[],
  swarms: ReadonlyMap<string, SwarmFacts>,
  { paidPerSwarmMax, rewardPerGb }: SettlementParameters,
  withheld: Withheld,
) {
  const limitOf = (swarm: string) => {
    const facts = swarms.get(swarm);
    if (facts === undefined) return 0;
    const watched = playedBytes(facts.bitrateBps, facts.watchMs) - (facts.egressBytes ?? 0);
    const payable = Math.min(watched, bytesFor(BigInt(paidPerSwarmMax), rewardPerGb));
    return Math.max(0, payable - facts.paidBytes);
  };
  return limitGroups(
    grants,
    ({ swarm }) => swarm,
    limitOf,
    (bytes) => {
      withheld.cappedBytes += bytes;
    },
  );
}

/** What a publisher set aside for this epoch, by its id in hex. */
export function budgetsOf({ leases }: Pick<EpochFacts, "leases">): Map<string, bigint> {
  const budgets = new Map<string, bigint>();
  for (const { debit, amount } of leases) {
    const publisher = debit.slice(debit.indexOf(":") + 1);
    budgets.set(publisher, (budgets.get(publisher) ?? 0n) + amount);
  }
  return budgets;
}

/** No publisher pays more than it set aside. */
export function capByBudget(grants: readonly SettlingGrant[], facts: EpochFacts, withheld: Withheld) {
  const budgets = budgetsOf(facts);
  const limitOf = (publisher: string) => bytesFor(budgets.get(publisher) ?? 0n, facts.parameters.pricePerGb);
  return limitGroups(
    grants,
    ({ publisher }) => publisher,
    limitOf,
    (bytes) => {
      withheld.cappedBytes += bytes;
    },
  );
}
