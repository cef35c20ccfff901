import { uplinkBpsOf } from "@tributary/protocol";
import { ownUplinkClass } from "../peer/announcing.ts";
import type { State } from "../state.ts";

/** Who cannot pass a segment on should fetch it for others almost never, and a fat line not for everybody. */
const weightMin = 0.05;
const weightMax = 3;

/**
 * This viewer's share of the swarm's duty, 1 for an average one: its uplink against the mean of its neighbours' and
 * its own, so that the number of copies stays what the tracker asked for.
 */
export function uplinkWeight(state: State): number {
  const own = uplinkBpsOf(ownUplinkClass(state));
  let sum = own;
  let count = 1;
  for (const { position } of state.roster.partners()) {
    if (position === null) continue;
    sum += uplinkBpsOf(position.uplinkClass);
    count += 1;
  }
  if (sum === 0) return 1;
  return Math.min(weightMax, Math.max(weightMin, (own * count) / sum));
}
