import type HlsPlayer from "hls.js";
import type { SegmentLoad } from "../src/transport/goodput.ts";

/** Every load of the player, with what its engine had from peers before and after; the list grows as it plays. */
export function watchLoads(
  hls: HlsPlayer,
  Hls: typeof HlsPlayer,
  peerBytes: () => number,
): readonly SegmentLoad[] {
  const loads: SegmentLoad[] = [];
  let begun = { startMs: 0, peerBytes: 0 };
  hls.on(Hls.Events.FRAG_LOADING, () => (begun = { startMs: performance.now(), peerBytes: peerBytes() }));
  hls.on(Hls.Events.FRAG_LOADED, (_event, { frag, part }) =>
    loads.push({
      startMs: begun.startMs,
      endMs: performance.now(),
      sizeBytes: (part ?? frag).stats.loaded,
      peerBytes: peerBytes() - begun.peerBytes,
    }),
  );
  return loads;
}
