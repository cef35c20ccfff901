import type { ErrorCode, IceServer, PeerKey, SegmentId, SegmentKey, SignalKind } from "@tributary/protocol";
import type { TrustedRoot, WarningCode } from "../../core/model.ts";
import type { Clock, TrackerState } from "../../driver-contract.ts";
import type { WebSocketConstructor } from "./connection.ts";
import type { Credentials } from "./handshake.ts";
import type { RootQuestion } from "./root-questions.ts";

export interface TrackerEnvironment {
  readonly urls: readonly string[];
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly WebSocket: WebSocketConstructor;
  readonly credentials: Credentials;
  verify(
    publicKey: Uint8Array,
    signature: Uint8Array,
    bytes: Uint8Array,
  ): Promise<"valid" | "invalid" | "unsupported">;
}

/** May be called synchronously from any method of the client. */
export interface TrackerHandlers {
  ready(welcome: {
    readonly p2pAllowed: boolean;
    readonly verifier: boolean;
    readonly iceServers: readonly IceServer[];
    /** The tracker's clock. */
    readonly timeMs: number;
  }): void;
  /** Follows every `ready` at its end. */
  lost(): void;
  swarm(swarm: {
    readonly viewerCount: number;
    readonly copiesTarget: number;
    readonly ticket: number;
  }): void;
  peers(peers: { readonly peer: PeerKey; readonly ticket: number }[]): void;
  banned(peers: readonly PeerKey[]): void;
  granted(grants: readonly Uint8Array[]): void;
  /** The answer to `sendStatement`. */
  acked(seq: number): void;
  statementRefused(code: ErrorCode): void;
  signal(peer: PeerKey, kind: SignalKind, body: Uint8Array): void;
  /** Signed by the tracker and checked. */
  roots(roots: { readonly segment: SegmentKey; readonly root: TrustedRoot }[]): void;
  /** By another viewer's bytes. */
  rootContradicted(segment: SegmentKey): void;
  warning(code: WarningCode, message: string): void;
}

/** One session with one tracker at a time. Never throws; a tracker's loss costs nothing but introductions. */
export interface TrackerClient {
  /** Enters the swarm of a title, or moves to another one. Opens the session. */
  join(contentId: string): void;
  /** Where the media comes from, for the verifier. */
  origins(origins: readonly string[]): void;
  /** Asks for more partners. */
  announce(wantedPeers: number): void;
  signal(peer: PeerKey, kind: SignalKind, body: Uint8Array): void;
  askRoots(questions: readonly RootQuestion[]): void;
  reportRootConflict(segment: SegmentId): void;
  reportPeer(peer: PeerKey): void;
  /** Sends a sealed statement. */
  sendStatement(sealed: Uint8Array): void;
  /** Of the tracker that there is a session with, else null. */
  url(): string | null;
  /** Leaves until `resume`. */
  suspend(): void;
  resume(): void;
  /** The network came back: no need to wait any longer. */
  retryNow(): void;
  state(): TrackerState;
  /** Why there is no session, in plain words; null where there is one or none was wanted. */
  trouble(): string | null;
  destroy(): void;
}
