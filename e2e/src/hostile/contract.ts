import type { RejectReason } from "@tributary/protocol";

/** How a hostile peer breaks the rules. Each keeps the rules up to that point: handshake, link and claims are real. */
export type LieName =
  // about content: the frames are sound, the bytes are not
  | "bit-flip"
  | "false-pieces"
  | "false-list"
  | "other-rendition"
  | "old-segment"
  | "raced-root"
  | "cut-segment"
  | "late-lie"
  | "list-last"
  | "no-list"
  // about delivery
  | "garbage-then-gone"
  | "false-prefix"
  | "silent"
  | "empty-progress"
  | "tiny-size"
  | "huge-size"
  // against the protocol
  | "undecodable"
  | "huge-frame"
  | "torn-pieces"
  | "out-of-line"
  | "beyond-the-end"
  | "never-asked"
  | "wrong-signature"
  | "foreign-key"
  // about receipts
  | "freeloader"
  | "forger"
  // floods
  | "request-flood"
  | "cancel-flood"
  | "have-flood"
  | "subscribe-flood"
  | "ping-flood";

/** Crosses into the page as JSON. */
export interface LiarConfig {
  readonly lie: LieName;
  /** WebSocket URL of the tracker. */
  readonly tracker: string;
  readonly contentId: string;
  /** Path of the multivariant playlist at the page's own origin. */
  readonly stream: string;
  /** Links it enters; offers and names beyond that are ignored, so that other viewers never have one with it. */
  readonly victimsMax: number;
  /** The one peer it enters a link with, 32 hex digits; null = whoever comes first. */
  readonly victim: string | null;
  /** Whether it makes offers to the peers that the tracker names, or waits for theirs. */
  readonly offers: boolean;
  /** Whether it offers itself again to whoever has thrown it out. */
  readonly comesBack: boolean;
}

export interface LiarReport {
  readonly lie: LieName;
  /** Its peer id, 32 hex digits. */
  readonly peer: string;
  /** Peers whose link is open now, the handshake over on both sides. */
  readonly linked: readonly string[];
  /** How often it has broken the rules so far; what the victim makes of it shows elsewhere. */
  readonly liesTold: number;
  /** Different segments that it was asked for. */
  readonly segmentsAsked: number;
  /** Media that came over all its links. */
  readonly takenBytes: number;
  /** How often its requests were refused, by reason, and what it was told by CHOKE, in order. */
  readonly refusals: Readonly<Partial<Record<RejectReason, number>>>;
  readonly chokes: readonly boolean[];
  /** Ids of the grants that it was given, in hex. */
  readonly grants: readonly string[];
  readonly endings: readonly LinkEnding[];
}

export interface LinkEnding {
  readonly peer: string;
  /** The victim's BYE, "" where it went without. */
  readonly reason: string;
}

export interface GarbageReport {
  /** Frames that went out. */
  readonly sent: number;
  /** ERROR messages, in order. */
  readonly errors: readonly { readonly code: string; readonly message: string; readonly fatal: boolean }[];
  /** The tracker has ended the socket. */
  readonly cut: boolean;
}

/** What somebody comes to the tracker with. */
export interface KnockConfig {
  readonly tracker: string;
  readonly contentId: string;
  /** "" for none. */
  readonly token: string;
  /** In hex, where it names a key that is not its own; null for its own. */
  readonly sessionKey: string | null;
}

export interface KnockReport {
  readonly welcomed: boolean;
  /** How many viewers the tracker named to it, null where it was not let in. */
  readonly peersNamed: number | null;
  readonly errors: readonly { readonly code: string; readonly message: string; readonly fatal: boolean }[];
}

/** `window.hostile` of the hostile page. */
export interface HostilePage {
  /** Resolves with the liar's number when the tracker has let it into the swarm. */
  enter(config: LiarConfig): Promise<number>;
  report(liar: number): LiarReport;
  /** Lets a lie begin that bides its time, or go on that waits in its middle. */
  turn(liar: number): void;
  /** Sends garbage until the tracker cuts the socket off, or `framesMax` frames are out. */
  pester(tracker: string, greeted: boolean, framesMax: number): Promise<GarbageReport>;
  /** Tries to be admitted. */
  knock(config: KnockConfig): Promise<KnockReport>;
}
