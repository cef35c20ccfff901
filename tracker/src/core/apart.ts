import { encodeHex } from "@tributary/protocol";
import { apartPairsMax } from "./limits.ts";
import type { Session } from "./model.ts";
import type { TrackerState } from "./state.ts";

/**
 * Which of two who contradict each other lies is not known, so nobody is branded for it: the two are introduced to each
 * other after all others, until the next settlement. One that is wronged has other partners by then, and both may come
 * to agree in the next epoch.
 */
export function keepApart(
  state: TrackerState,
  pairs: readonly (readonly [one: Uint8Array, other: Uint8Array])[],
): void {
  const apart = new Map<string, Set<string>>();
  const remember = (one: string, other: string) => {
    const others = apart.get(one);
    if (others === undefined) apart.set(one, new Set([other]));
    else others.add(other);
  };
  for (const pair of pairs.slice(0, apartPairsMax)) {
    const [one, other] = [encodeHex(pair[0]), encodeHex(pair[1])];
    remember(one, other);
    remember(other, one);
  }
  state.apart = apart;
}

/** Tells those whom this session is to meet last. */
export function apartFrom({ apart }: TrackerState, session: Session): (other: Session) => boolean {
  const keyOf = ({ state }: Session) => ("identity" in state ? encodeHex(state.identity.sessionKey) : "");
  const others = apart.size === 0 ? undefined : apart.get(keyOf(session));
  return (other) => others !== undefined && others.has(keyOf(other));
}
