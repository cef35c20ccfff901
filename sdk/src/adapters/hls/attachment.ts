import { fitsUtf8, MAX_CONTENT_ID_BYTES } from "@tributary/protocol";
import type Hls from "hls.js";
import type { HlsConfig, HlsListeners, LevelDetails } from "hls.js";
import type { Driver, PlayheadReport } from "../../driver-contract.ts";
import { createPlaybackWatch, type PlaybackWatch } from "./playback-watch.ts";
import type { MediaKind, Playlists } from "./playlists.ts";
import { originAndPath } from "./track-ids.ts";

export interface AttachmentOptions {
  readonly driver: Driver;
  readonly playlists: Playlists;
  readonly contentId: string | ((url: string) => string) | null;
  /** The player is gone, or this adapter failed and lets go of it. */
  detached(reason: "destroyed" | "failed", error?: unknown): void;
}

type EventData = { [E in keyof HlsListeners]: Parameters<HlsListeners[E]>[1] };

/** A level or an audio track, as parsed or as hls.js keeps it. */
interface Listed {
  readonly url: string | readonly string[];
  readonly bitrate: number;
  readonly name: string | undefined;
  /** Of audio tracks. */
  readonly groupId?: string;
}

const urlOf = ({ url }: Listed): string => (typeof url === "string" ? url : (url[0] ?? ""));

/** Everything the engine hears of one player. */
export interface Attachment {
  readonly config: HlsConfig;
  readonly watch: PlaybackWatch;
  /** For a player that has loaded something before it was attached. */
  catchUp(): void;
  detach(): void;
}

/** Before the first frame of a live stream the element is at zero, and hls.js knows where it will begin. */
function positionMs({ startPosition }: Hls, report: PlayheadReport): number {
  const isBefore = report.positionMs === 0 && report.bufferedEndMs === 0 && startPosition > 0;
  return isBefore ? startPosition * 1000 : report.positionMs;
}

export function attachPlayer(hls: Hls, options: AttachmentOptions): Attachment {
  const { driver, playlists } = options;
  const { Events } = hls.constructor as typeof Hls;
  const watch = createPlaybackWatch({
    firstFrame: () => driver.firstFrame(),
    playhead: (report) => driver.playhead({ ...report, positionMs: positionMs(hls, report) }),
    stalled: () => driver.stalled(),
    measured: (measures) => driver.measured(measures),
  });
  const undo: (() => void)[] = [];

  function detach(): void {
    for (const off of undo.splice(0)) off();
    watch.unwatch();
  }

  /** An exception in a listener would surface as an error of hls.js: rather let go of the player. */
  function guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      console.warn("tributary: letting go of the player", error);
      detach();
      options.detached("failed", error);
    }
  }

  function listen<E extends keyof EventData>(event: E, react: (data: EventData[E]) => void): void {
    const listener = (_type: unknown, data: EventData[E]): void => guarded(() => react(data));
    hls.on(event as never, listener as never);
    undo.push(() => hls.off(event as never, listener as never));
  }

  function listed(multivariantUrl: string, levels: readonly Listed[], audioTracks: readonly Listed[]): void {
    const listing = [...levels, ...audioTracks].map((playlist) => ({
      url: urlOf(playlist),
      rendition: `${playlist.bitrate} ${playlist.groupId ?? ""} ${playlist.name ?? ""}`,
    }));
    playlists.listed({ multivariantUrl, playlists: listing.filter(({ url }) => url !== "") });
    const { contentId } = options;
    const given = typeof contentId === "function" ? contentId(multivariantUrl) : contentId;
    const id = given || originAndPath(multivariantUrl);
    if (typeof id !== "string" || !fitsUtf8(id, MAX_CONTENT_ID_BYTES))
      throw new TypeError(
        `tributary: option "contentId" must give a string of at most ${MAX_CONTENT_ID_BYTES} bytes, not ${String(id).slice(0, 100)}`,
      );
    driver.setContentId(id);
  }

  function updated(
    details: LevelDetails,
    listedAs: Listed | undefined,
    kind: MediaKind,
    lower = false,
  ): void {
    const withParts = hls.config.lowLatencyMode;
    const view = playlists.updated(details, (listedAs && urlOf(listedAs)) || details.url, kind, withParts);
    if (view) driver.playlistUpdated({ ...view, lower });
  }

  const levelUpdated = (details: LevelDetails, level: number): void =>
    updated(details, hls.levels[level], "main", level > hls.minAutoLevel);
  const audioUpdated = (details: LevelDetails, id: number): void =>
    updated(details, hls.audioTracks[id], "audio");

  listen(Events.MANIFEST_LOADING, () => {
    driver.newTitle();
    watch.loading(performance.now());
  });
  listen(Events.MANIFEST_LOADED, ({ url, levels, audioTracks }) => listed(url, levels, audioTracks));
  listen(Events.LEVEL_UPDATED, ({ details, level }) => levelUpdated(details, level));
  listen(Events.AUDIO_TRACK_UPDATED, ({ details, id }) => audioUpdated(details, id));
  listen(Events.LEVEL_PTS_UPDATED, ({ details, level, frag }) => {
    if (!playlists.moved(details)) return;
    if (frag.type === "audio") updated(details, level, "audio");
    else levelUpdated(details, frag.level);
  });
  listen(Events.MEDIA_ATTACHED, ({ media }) => watch.watch(media));
  listen(Events.MEDIA_DETACHING, () => watch.unwatch());
  listen(Events.DESTROYING, () => {
    detach();
    options.detached("destroyed");
  });

  if (hls.media) watch.watch(hls.media);

  return {
    config: hls.config,
    watch,
    detach,
    catchUp: () =>
      guarded(() => {
        if (hls.url === null) return;
        watch.loading(performance.now());
        if (hls.levels.length === 0) return;
        // The source URL stands in for the one after redirects, which hls.js does not keep.
        listed(hls.url, hls.levels, hls.allAudioTracks);
        hls.levels.forEach(({ details }, index) => details && levelUpdated(details, index));
        hls.audioTracks.forEach(({ details }, index) => details && audioUpdated(details, index));
      }),
  };
}
