import type { ReceiptNews } from "./core/receipt/model.ts";
import type {
  CdnTimeouts,
  CoreEvent,
  LoadFailure,
  LoadTiming,
  SegmentInfo,
  TrackView,
} from "./core/model.ts";

/** Time as the driver hands it to its adapters. `now` is `performance.now()` in a page. */
export interface Clock {
  now(): number;
  /** Runs once after the delay (Infinity: never), also in hidden pages where the page allows it; returns how to call it off. */
  after(delayMs: number, run: () => void): () => void;
}

/**
 * How a load reaches the CDN when the page brought its own loader. The driver's streaming fetch is used where a load
 * has none. Whole segments only: such a transport is never asked for the tail of a segment.
 */
export interface CdnTransport {
  fetch(request: TransportRequest, handlers: TransportHandlers): { abort(): void };
}

export interface TransportRequest {
  readonly url: string;
  readonly rangeStartBytes: number | null;
  /** Exclusive. */
  readonly rangeEndBytes: number | null;
  readonly timeouts: CdnTimeouts;
}

/** May be called synchronously or later; nothing is called after `done`, `failed` or `abort`. */
export interface TransportHandlers {
  /** Bytes that will come, null while unknown. Optional: the first chunk implies it. */
  started(expectedBytes: number | null): void;
  /** The driver copies `data`: the caller may give it away afterwards. */
  chunk(data: Uint8Array): void;
  done(): void;
  failed(reason: "network" | "timeout" | "status", status: number, text: string): void;
}

/** One load that the player asked for. */
export interface LoadRequest {
  readonly segment: SegmentInfo;
  readonly kind: "main" | "audio";
  /** False for bitrate tests, ad assets and the like: CDN pass-through, nothing stored or announced. */
  readonly shareable: boolean;
  readonly timeouts: CdnTimeouts;
  /** The page's own loader, null for the driver's streaming fetch. */
  readonly cdn: CdnTransport | null;
  /** The player's own loader fetches it already, and delivers it: the driver only learns from it. */
  readonly begun?: BegunLoad;
  /** Hears what the CDN answers to the driver's own fetch; the body is not its to read. */
  readonly answered?: (response: Response) => void;
}

/** A load that goes on, or went on, without the driver. */
export interface BegunLoad {
  /** Calls back once, at once where it is over; returns how to stop listening. */
  onEnd(listener: (end: BegunEnd) => void): () => void;
}

/** How it ended. Times on the clock of `performance.now()`. */
export type BegunEnd =
  | {
      readonly ok: true;
      readonly data: Uint8Array;
      readonly startMs: number;
      readonly firstByteMs: number;
      readonly endMs: number;
    }
  | {
      readonly ok: false;
      readonly reason: "network" | "timeout" | "status";
      readonly status: number;
      readonly text: string;
    };

/**
 * Always called asynchronously; `delivered` or `failed` is the last call, and none comes after `abort()`. Where the
 * driver is not active when it calls `failed`, the failure is its own: the load is to be repeated without it.
 */
export interface LoadHandlers {
  /** Network time began now (clock: `performance.now()`); may be called again with a later start. */
  started(startMs: number): void;
  /** `totalBytes` is 0 while unknown. */
  progress(firstByteMs: number, loadedBytes: number, totalBytes: number): void;
  /** `data` is a fresh copy that the player may transfer. */
  delivered(data: ArrayBuffer, timing: LoadTiming): void;
  failed(failure: LoadFailure): void;
}

export interface LoadHandle {
  abort(): void;
}

export interface PlayheadReport {
  readonly positionMs: number;
  readonly rate: number;
  /** End of the buffered range that holds the playhead; equal to positionMs where nothing is buffered. */
  readonly bufferedEndMs: number;
  readonly paused: boolean;
  readonly hidden: boolean;
}

/** What the hls adapter measures at the media element; totals since `attach`. */
export interface PlaybackMeasures {
  /** From the first load to the first frame that plays; null until then. */
  readonly startupMs: number | null;
  /** To be read when it is asked for: it grows while a stall lasts. */
  readonly rebufferMs: number;
  readonly rebufferCount: number;
}

export interface PeerStats {
  /** Lower-case hex of the peer id. */
  readonly id: string;
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  /** Null until a PING was answered. */
  readonly rttMs: number | null;
}

export type TrackerState = "off" | "connecting" | "ready" | "lost";

export interface EngineStats {
  readonly cdnBytes: number;
  readonly peerBytes: number;
  readonly wastedBytes: number;
  readonly uploadedBytes: number;
  /** This engine's own peer id in lower-case hex, null without a tracker session. */
  readonly peerId: string | null;
  /** Connected peers. */
  readonly peers: number;
  /** Verified peer bytes used / all media bytes used; 0 before the first. */
  readonly offloadRatio: number;
  readonly startupMs: number | null;
  readonly rebufferMs: number;
  readonly rebufferCount: number;
  readonly segmentsFromPeers: number;
  readonly segmentsFromCdn: number;
  readonly hashFailures: number;
  readonly tracker: TrackerState;
  /** Who is credited for what this engine serves: an Ed25519 public key in base64url. Null: nobody, or not known yet. */
  readonly account: string | null;
  /** Viewers of this title as the tracker counts them; 0 while unknown. */
  readonly swarmViewers: number;
  readonly peerList: readonly PeerStats[];
}

/** What `engine.on(type, listener)` hands over, by type. */
export interface EngineEvents {
  stats: EngineStats;
  peer: Extract<CoreEvent, { type: "peer" }>;
  segment: Extract<CoreEvent, { type: "segment" }>;
  receipt: ReceiptNews;
  warning: Extract<CoreEvent, { type: "warning" }>;
}

/** A publisher token, or how to get a fresh one. */
export type TokenSource =
  string | ((request: { readonly contentId: string; readonly keyThumbprint: string }) => Promise<string>);

/** Who is credited for what an engine serves. Without an account: the one that this browser keeps for the site. */
export interface EarnOptions {
  /** Ed25519 public key in base64url, 43 characters. */
  readonly account?: string;
  /** Signs for that account: a URL of the page's server, or a function. */
  readonly delegation?: DelegationSource;
}

/** Asked for a signature when a tracker session begins; answers 64 bytes in base64url. */
export type DelegationSource = string | ((request: DelegationRequest) => Promise<string>);

/** "This session earns for this account." Keys and bytes are base64url. */
export interface DelegationRequest {
  readonly account: string;
  readonly sessionKey: string;
  /** 16 bytes; zeros: any. */
  readonly publisher: string;
  /** Since 1970. */
  readonly expiryMs: number;
  readonly serial: number;
  /** What is to be signed: the fields above as docs/PROTOCOL.md lays them out. */
  readonly bytes: string;
}

/** What the driver needs of the resolved options; every field is present and valid. */
export interface DriverOptions {
  /** WebSocket URLs in the order to try them; empty = CDN only. */
  readonly tracker: readonly string[];
  readonly token: TokenSource | null;
  readonly upload: {
    readonly enabled: boolean;
    /** Infinity = no cap. */
    readonly maxBps: number;
    /** Of all pages of a site in a browser, from midnight to midnight UTC. Infinity = no cap. */
    readonly maxBytesPerDay: number;
    readonly onMetered: boolean;
  };
  readonly integrity: "auto" | "playlist" | "verifier";
  readonly ice: {
    /** Added to what the tracker's WELCOME names. */
    readonly servers: readonly IceServer[];
    readonly policy: "all" | "relay";
  };
  readonly storage: { readonly maxBytes: number };
  /** Null: serves unpaid. */
  readonly earn: EarnOptions | null;
}

export interface IceServer {
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** Owns the core, the store and every adapter while one title plays. Never calls back synchronously. */
export interface TitleDriver {
  load(request: LoadRequest, handlers: LoadHandlers): LoadHandle;
  playlistUpdated(view: TrackView): void;
  /** The player has what it needs to begin: from now on there is time for other viewers. */
  firstFrame(): void;
  playhead(report: PlayheadReport): void;
  /** The media element ran dry after playback had begun. */
  stalled(): void;
  /** Replaces the measures that `stats()` reports. */
  measured(measures: PlaybackMeasures): void;
  /** The swarm to be in. */
  setContentId(id: string): void;
  /** Reports a warning event of the hls adapter. */
  warn(warning: EngineEvents["warning"]): void;
  stats(): EngineStats;
  explain(): string;
  on<K extends keyof EngineEvents>(type: K, listener: (event: EngineEvents[K]) => void): () => void;
  pause(): void;
  resume(): void;
  destroy(): Promise<void>;
  /** Whether the player's own loader is to begin this load itself: the first of each kind, while the driver sleeps. */
  yields(kind: LoadRequest["kind"]): boolean;
  /** False after destroy, after a failure of our own, or without crypto.subtle: the loader then uses the CDN by itself. */
  readonly active: boolean;
}

/** What drives an engine, title after title. */
export interface Driver extends TitleDriver {
  /**
   * The player was given a source: nothing of what it played before, be it bytes, roots or neighbours, is good for that,
   * although segments may be named alike. Statistics begin anew; listeners stay.
   */
  newTitle(): void;
}

/** What happened before a driver was made, in order. */
export type DriverLog = { readonly atMs: number; readonly act: (driver: TitleDriver) => void }[];

export interface ReplayingDriver extends TitleDriver {
  /** Catches up, as if it had been there at those times. To be called first. */
  replay(log: DriverLog): void;
}
