import type { TrackId } from "@tributary/protocol";
import type { SegmentInfo, TrackView } from "../model.ts";

/** Owns the playlists as last parsed, and what the player asked for last in each kind of track. */
export interface Tracks {
  update(view: TrackView): void;
  view(track: TrackId): TrackView | undefined;
  /** Of what is listed. */
  firstSequence(track: TrackId): number;
  /** The player asked for this segment: everything before it in its track is history. */
  wanted(kind: "main" | "audio", segment: SegmentInfo): void;
  /** The player got it: its next wish is the following one. */
  delivered(kind: "main" | "audio", segment: SegmentInfo): void;
  /** Track and sequence that the player wants next, null before its first load. */
  next(kind: "main" | "audio"): { readonly track: TrackId; readonly sequence: number } | null;
  /** Segments of the wanted tracks from the next wanted one on. */
  upcoming(limit: number): SegmentInfo[];
}

export function createTracks(): Tracks {
  const views = new Map<TrackId, TrackView>();
  const next: Record<"main" | "audio", { track: TrackId; sequence: number } | null> = {
    main: null,
    audio: null,
  };

  return {
    update: (view) => void views.set(view.track, view),
    view: (track) => views.get(track),
    firstSequence: (track) => views.get(track)?.segments[0]?.id.sequence ?? 0,
    wanted(kind, segment) {
      next[kind] = { track: segment.id.track, sequence: segment.id.sequence };
    },
    delivered(kind, segment) {
      const isWhole = segment.id.part === -1;
      next[kind] = { track: segment.id.track, sequence: segment.id.sequence + (isWhole ? 1 : 0) };
    },
    next: (kind) => next[kind],
    upcoming(limit) {
      const found: SegmentInfo[] = [];
      for (const wish of [next.main, next.audio]) {
        if (wish === null) continue;
        const segments = views.get(wish.track)?.segments ?? [];
        const from = segments.findIndex(({ id }) => id.sequence >= wish.sequence);
        if (from >= 0) found.push(...segments.slice(from, from + limit));
      }
      return found;
    },
  };
}
