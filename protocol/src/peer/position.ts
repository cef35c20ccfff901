import { record, u32, varint, type ValueOf } from "../codec/layout.ts";

/** Where a peer's playback stands: who else contends for a segment follows from it. */
export const position = record({
  track: u32,
  /** Zero where the audio is not a rendition of its own. */
  audioTrack: u32,
  /** First sequence of `track` that is not yet held. */
  wanted: varint(),
  audioWanted: varint(),
  /** The playhead. */
  positionMs: varint(),
});

export type Position = ValueOf<typeof position>;
