import { nameHash, resourceName, segmentKeyOf, splitUrl, type TrackId } from "@tributary/protocol";
import type { Fragment, LevelDetails, Part } from "hls.js";
import type { SegmentInfo, TrackView, TrustedRoot } from "../../core/model.ts";
import { rootKey, rootOfTags, rootsOfText } from "./roots.ts";
import { createSegmentUrls } from "./segment-urls.ts";
import { createTrackIds, type Listing } from "./track-ids.ts";

export type MediaKind = "main" | "audio";

export interface KeyOptions {
  readonly trackKey: ((url: string) => string) | null;
  readonly segmentKey: ((url: string) => string) | null;
}

/** Translates hls.js's playlists into the core's terms and finds a fragment again when it is loaded. */
export interface Playlists {
  /** A new title: everything known before is forgotten. */
  listed(listing: Listing): void;
  /** Null where the playlist can not be shared (I-frames only). */
  updated(details: LevelDetails, playlistUrl: string, kind: MediaKind, withParts: boolean): TrackView | null;
  /** Whether the starts of `details` have moved away from those of the last view by more than the slack. */
  moved(details: LevelDetails): boolean;
  /** Null for a fragment of no playlist seen here. */
  find(fragment: Fragment, part: Part | null): SegmentInfo | null;
}

/** Starts shift by some milliseconds with every segment whose timestamps become known: not worth a new view. */
const START_SLACK_MS = 250;

interface Entry {
  readonly hashed: string;
  readonly info: SegmentInfo;
}

interface Rendition {
  readonly track: TrackId;
  hasParts: boolean;
  entries: Map<string, Entry>;
}

export function createPlaylists(keys: KeyOptions): Playlists {
  let trackIdOf = createTrackIds({ multivariantUrl: "", playlists: [] }, keys.trackKey);
  const renditions = new Map<TrackId, Rendition>();
  // By what hangs together in hls.js: level indexes would not do, players filter and regroup levels while fragments
  // are being loaded.
  let renditionOf = new WeakMap<object, Rendition>();

  function describe(
    rendition: Rendition,
    fragment: Fragment,
    part: Part | null,
    url: string,
    root: TrustedRoot | null,
  ): Entry {
    const resource = part ?? fragment;
    const sequence = Number(fragment.sn);
    const [rangeStart, rangeEnd] = resource.byteRange;
    const range =
      rangeStart !== undefined && rangeEnd !== undefined
        ? { start: rangeStart, length: rangeEnd - rangeStart }
        : null;
    const known = rendition.entries.get(rootKey(sequence, part?.index ?? -1));
    const before = known?.info.source;
    const hashed =
      known !== undefined &&
      before?.url === url &&
      before.rangeStartBytes === (range?.start ?? null) &&
      before.rangeLengthBytes === (range?.length ?? null)
        ? known.hashed
        : resourceName(keys.segmentKey ? keys.segmentKey(url) : splitUrl(url).path, range);
    const id =
      known?.hashed === hashed
        ? known.info.id
        : { track: rendition.track, sequence, part: part?.index ?? -1, fingerprint: nameHash(hashed) };
    const info: SegmentInfo = {
      id,
      key: known?.hashed === hashed ? known.info.key : segmentKeyOf(id),
      startMs: resource.start * 1000,
      durationMs: resource.duration * 1000,
      source: { url, rangeStartBytes: range?.start ?? null, rangeLengthBytes: range?.length ?? null },
      root: root ?? (known?.hashed === hashed ? known.info.root : null),
    };
    return { hashed, info };
  }

  return {
    listed(listing) {
      trackIdOf = createTrackIds(listing, keys.trackKey);
      renditions.clear();
      renditionOf = new WeakMap();
    },

    updated(details, playlistUrl, kind, withParts) {
      if (details.iframesOnly) return null;
      const track = trackIdOf(playlistUrl);
      const parts = (withParts && details.partList) || [];
      const rendition = renditions.get(track) ?? { track, hasParts: false, entries: new Map() };
      renditions.set(track, rendition);
      rendition.hasParts ||= parts.length > 0;
      const textRoots = rendition.hasParts ? rootsOfText(details.m3u8) : null;
      const entries = new Map<string, Entry>();
      let lastAnchor: object | null = null;
      const urlOf = createSegmentUrls();

      const add = (fragment: Fragment, part: Part | null): void => {
        const anchor = anchorOf(fragment);
        if (anchor !== lastAnchor) renditionOf.set((lastAnchor = anchor), rendition);
        const url = urlOf(part ?? fragment);
        if ((part ?? fragment).gap || !url) return;
        const key = rootKey(Number(fragment.sn), part?.index ?? -1);
        const root = textRoots ? (textRoots.get(key) ?? null) : rootOfTags(fragment.tagList);
        entries.set(key, describe(rendition, fragment, part, url, root));
      };
      let nextPart = 0;
      const addPartsUpTo = (sequence: number): void => {
        for (; nextPart < parts.length && parts[nextPart]!.fragment.sn <= sequence; nextPart++)
          add(parts[nextPart]!.fragment, parts[nextPart]!);
      };
      for (const fragment of details.fragments) {
        addPartsUpTo(fragment.sn);
        add(fragment, null);
      }
      addPartsUpTo(Infinity);
      rendition.entries = entries;

      return {
        track,
        kind,
        live: details.live,
        targetDurationMs: details.targetduration * 1000,
        partTargetMs: parts.length > 0 ? details.partTarget * 1000 || 0 : 0,
        segments: [...entries.values()].map((entry) => entry.info),
      };
    },

    moved(details) {
      const fragment = details.fragments.at(-1);
      if (!fragment) return false;
      const entry = renditionOf.get(anchorOf(fragment))?.entries.get(rootKey(fragment.sn, -1));
      return entry !== undefined && Math.abs(entry.info.startMs - fragment.start * 1000) > START_SLACK_MS;
    },

    find(fragment, part) {
      const rendition = renditionOf.get(anchorOf(fragment));
      if (!rendition) return null;
      const root = rendition.hasParts ? null : rootOfTags(fragment.tagList);
      return describe(rendition, fragment, part, (part ?? fragment).url, root).info;
    },
  };
}

/** hls.js gives all fragments of one parsed playlist the same `base`; before 1.6 it had none. */
function anchorOf(fragment: Fragment): object {
  return (fragment.base as object | undefined) ?? fragment;
}
