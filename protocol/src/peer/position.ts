import { record, u32, varint, type ValueOf } from "../codec/layout.ts";
import { MAX_UPLINK_CLASS } from "../uplink-class.ts";

/** Where a peer's playback stands and what it can give: who should fetch a segment from the CDN follows from it. */
export const position = record({
  track: u32,
  /** Zero where the audio is not a rendition of its own. */
  audioTrack: u32,
  /** First sequence of `track` that is not yet held. */
  wanted: varint(),
  audioWanted: varint(),
  /** The playhead. */
  positionMs: varint(),
  /** Zero: it serves nobody. */
  uplinkClass: varint(MAX_UPLINK_CLASS),
});

export type Position = ValueOf<typeof position>;
