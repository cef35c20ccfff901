import { prefetchCount } from "../limits.ts";
import { p2pActive, type State, type Step } from "../state.ts";

/**
 * Opens jobs for live segments that are listed and not asked for yet. The player asks for one segment at a time, and
 * only when it has the one before: a slow uplink that has seconds left for a piece would then never be asked, and the
 * first copy of a segment would wait for whoever is on duty to get there.
 */
export function prefetch(state: State, step: Step): void {
  // Who has stopped the picture has a buffer, and need not hold neighbours' uplinks for more.
  if (
    !p2pActive(state) ||
    state.playback.paused ||
    state.session.breakerOpen ||
    state.line.isSlow(step.nowMs) ||
    state.roster.partners().length === 0
  )
    return;
  for (const info of state.tracks.upcoming(prefetchCount + 1)) {
    if (info.id.part >= 0 || !state.tracks.view(info.id.track)!.live) return;
    if (state.inventory.get(info.key)?.complete || state.jobs.get(info.key) !== undefined) continue;
    state.jobs.open(info, step.nowMs).ahead = true;
  }
}
