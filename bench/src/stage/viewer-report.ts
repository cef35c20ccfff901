import type { Deliveries } from "../figures/delivery.ts";

/** What a viewer page is told to play. */
export interface ViewerOrder {
  readonly url: string;
  /** Null: plain hls.js, without any of ours. */
  readonly engine: { readonly tracker: string; readonly contentId: string } | null;
}

/** What a viewer page has seen so far, measured alike for plain hls.js and for ours. */
export interface ViewerReport {
  /** From the first line of the page's own player code to the first frame that plays; null until then. */
  readonly startupMs: number | null;
  readonly positionS: number;
  readonly ended: boolean;
  readonly deliveries: Deliveries;
  readonly stalls: number;
  readonly fatalErrors: readonly string[];
  /** Distance from the live edge's wall clock, sampled once a second; empty in VOD. */
  readonly latencySamplesS: readonly number[];
  /** What the engine says of itself; null for plain hls.js. */
  readonly engine: {
    readonly peerBytes: number;
    readonly cdnBytes: number;
    readonly wastedBytes: number;
    readonly peers: number;
    readonly explain: string;
    readonly warnings: readonly string[];
  } | null;
}

/** What a viewer page offers the bench. */
export interface ViewerPage {
  start(order: ViewerOrder): void;
  report(): ViewerReport;
  /** Leaves the swarm as a page does that is closed properly. */
  leave(): Promise<void>;
}

declare global {
  interface Window {
    benchViewer?: ViewerPage;
  }
}
