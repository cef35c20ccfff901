import { restingRootsMax, restingRootsMs } from "./limits.ts";
import type { RootEntry, RootKey, Swarm } from "./model.ts";
import type { TrackerState } from "./state.ts";

/** Keeps what a swarm found out, also which roots are not to be trusted, for the next viewers of the title. */
export function restRoots(state: TrackerState, { title, roots }: Swarm): void {
  const settled = [...roots].filter(
    ([, { state: root }]) => root.kind === "known" || root.kind === "quarantined",
  );
  if (settled.length === 0) return;
  // The last sweep is a few seconds ago at most.
  state.restingRoots.set(title, { sinceMs: state.sweptAtMs, roots: new Map(settled) });
  state.restingRootsCount += settled.length;
  for (const oldest of state.restingRoots.keys()) {
    if (state.restingRootsCount <= restingRootsMax) return;
    takeRestingRoots(state, oldest);
  }
}

/** For a swarm that begins: what was kept, and is kept no more. */
export function takeRestingRoots(state: TrackerState, title: string): Map<RootKey, RootEntry> {
  const resting = state.restingRoots.get(title);
  if (resting === undefined) return new Map();
  state.restingRoots.delete(title);
  state.restingRootsCount -= resting.roots.size;
  return resting.roots;
}

export function sweepRestingRoots(state: TrackerState, nowMs: number): void {
  // In the order in which they were laid to rest.
  for (const [title, { sinceMs }] of state.restingRoots) {
    if (nowMs - sinceMs < restingRootsMs) return;
    takeRestingRoots(state, title);
  }
}
