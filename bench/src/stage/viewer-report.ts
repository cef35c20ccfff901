import type { Deliveries } from "../figures/delivery.ts";
import type { KindName } from "../kinds.ts";
import type { TransportLog } from "../transport/goodput.ts";

/** What a viewer page is told to play. */
export interface ViewerOrder {
  readonly kind: KindName;
  readonly url: string;
  /** WebSocket URL of the tracker of its swarm, null for plain hls.js. */
  readonly tracker: string | null;
  /** Names the title alike for all viewers, whose URLs differ by their port. */
  readonly contentId: string;
  /** Whether it is an LL-HLS stream. */
  readonly lowLatency: boolean;
  /** Whether it plays, or only loads. */
  readonly plays: boolean;
  /** What the page itself sets: nothing where a scene is about hls.js's defaults. */
  readonly hlsConfig: { readonly maxBufferLength?: number };
}

/** What a viewer page has seen so far, measured alike for every kind. */
export interface ViewerReport {
  /** From the first line of the page's own player code to the first frame that plays; null until then. */
  readonly startupMs: number | null;
  readonly positionS: number;
  readonly ended: boolean;
  readonly deliveries: Deliveries;
  /** Times the media element waited for data after its first frame, seeks excluded. */
  readonly stalls: number;
  readonly rebufferMs: number;
  /** From each `seeking` to the first frame that plays on. */
  readonly seekTimesMs: readonly number[];
  readonly fatalErrors: readonly string[];
  /** Distance from the live edge's wall clock, sampled once a second; empty in VOD. */
  readonly latencySamplesS: readonly number[];
  readonly levelSwitches: number;
  /** Each segment that came on screen: its rendition's declared bitrate. */
  readonly played: readonly { readonly bitrateBps: number; readonly durationS: number }[];
  /** Payload bytes of all data channels, whoever opened them. */
  readonly channels: { readonly receivedBytes: number; readonly sentBytes: number };
  /** What the peer-to-peer engine says of itself; null for plain hls.js. */
  readonly claims: Claims | null;
}

export interface Claims {
  readonly peerBytes: number;
  readonly cdnBytes: number;
  readonly peers: number;
  readonly explain: string;
  readonly warnings: readonly string[];
}

/** What a viewer page offers the bench. */
export interface ViewerPage {
  start(order: ViewerOrder): void;
  report(): ViewerReport;
  transportLog(): TransportLog;
  seek(toS: number): void;
  /** Leaves the swarm as a page does that is closed properly. */
  leave(): Promise<void>;
}

declare global {
  interface Window {
    benchViewer?: ViewerPage;
  }
}
