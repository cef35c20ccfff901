import type { SegmentInfo } from "../model.ts";
import { p2pActive, type State, type Step } from "../state.ts";

/** Segments ahead of the player whose roots are asked for in advance. */
const askAheadCount = 8;

/** Asks the verifier for the roots of what this viewer is about to want, and of what it holds for others. */
export function askRoots(state: State, step: Step): void {
  if (!p2pActive(state) || state.roster.partners().length === 0) return;
  const asking = state.roots.toAsk(candidates(state), step.nowMs);
  if (asking.length === 0) return;
  step.out.push({ type: "ask-roots", segments: asking.map(({ id, source }) => ({ id, source })) });
}

function* candidates(state: State): Iterable<SegmentInfo> {
  for (const job of state.jobs.all()) yield job.info;
  // Until one of these agrees with the verifier, nothing else that it says is of use.
  if (!state.roots.believed())
    for (const { info, ownRoot } of state.inventory.all()) if (ownRoot !== null) yield info;
  // Whoever takes the parts of a segment will not take it whole, and each root costs a copy from the CDN.
  const upcoming = state.tracks.upcoming(askAheadCount);
  for (const [index, info] of upcoming.entries()) {
    const before = upcoming[index - 1]?.id;
    const inParts =
      before !== undefined &&
      before.part >= 0 &&
      before.track === info.id.track &&
      before.sequence === info.id.sequence;
    if (info.id.part >= 0 || !inParts) yield info;
  }
  for (const { info } of state.inventory.all()) yield info;
}
