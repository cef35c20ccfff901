import { prefetchLiveCount, prefetchVodCount } from "../limits.ts";
import type { SegmentInfo } from "../model.ts";
import { p2pActive, type State, type Step } from "../state.ts";

/**
 * Opens jobs for what the player will want next: it asks for one segment at a time, so without this the time that
 * peers have for a segment begins only when the one before it is through. Peers alone serve them: the CDN comes in
 * when the player asks.
 */
export function prefetch(state: State, step: Step): void {
  if (!p2pActive(state) || state.session.breakerOpen || state.playback.paused) return;
  if (state.roster.partners().length === 0) return;
  for (const kind of ["main", "audio"] as const) {
    for (const info of ahead(state, kind)) {
      if (state.jobs.get(info.key) !== undefined || state.inventory.get(info.key)?.complete === true)
        continue;
      state.jobs.open(info, step.nowMs).prefetch = true;
    }
  }
}

/** Still among what the player will want next. */
export function isAhead(state: State, { key }: SegmentInfo): boolean {
  for (const kind of ["main", "audio"] as const)
    for (const info of ahead(state, kind)) if (info.key === key) return true;
  return false;
}

/** The segments right behind the next wanted one; none in LL-HLS, whose player lives on parts. */
function ahead(state: State, kind: "main" | "audio"): SegmentInfo[] {
  const wish = state.tracks.next(kind);
  const view = wish === null ? undefined : state.tracks.view(wish.track);
  if (wish === null || view === undefined || view.partTargetMs > 0) return [];
  const from = view.segments.findIndex(({ id }) => id.sequence >= wish.sequence);
  if (from < 0) return [];
  return view.segments.slice(from, from + (view.live ? prefetchLiveCount : prefetchVodCount) + 1);
}
