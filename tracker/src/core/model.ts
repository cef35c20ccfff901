import type { IceServer, PeerId, PeerKey, Role, SegmentId, SegmentRoot, SwarmId } from "@tributary/protocol";
import type { AccountingConfig } from "./accounting/config.ts";
import type { AddressBlock } from "./address.ts";
import type { IndexedSet } from "./indexed-set.ts";
import type { TokenBucket } from "./token-bucket.ts";

declare const rootKey: unique symbol;

/** Identifies one connection; given out by the caller and never used twice. */
export type SessionId = number;
/** A segment, and the digest of the name of the resource that somebody says it is. */
export type RootKey = string & { readonly [rootKey]: true };
/** Lower-case hex of a SwarmId. */
export type SwarmKey = string;

export interface TrackerConfig {
  /** Ed25519 public key of this tracker. */
  readonly trackerId: Uint8Array;
  /** Admits every publisher, and sessions without a signature. */
  readonly open: boolean;
  /** Whether somebody carries out `verify-segment`. */
  readonly verifier: boolean;
  /** Told to this peer in its WELCOME. */
  readonly iceServersFor: (peer: PeerKey, nowMs: number) => readonly IceServer[];
  /** Where the operator's TURN servers are: candidates there are not counted. */
  readonly turnBlocks: readonly AddressBlock[];
  /** From 0 up to, not including, 1. The tickets come from it, so in production nobody may be able to guess it. */
  readonly random: () => number;
  /** The id of a swarm that begins now: nobody else can compute it, and it is another one tomorrow. */
  readonly swarmIdOf: (title: string, nowMs: number) => SwarmId;
  /** SHA-256 of a content id: what an admission names a title by. */
  readonly contentHashOf: (contentId: string) => Uint8Array;
  /** Null: this tracker issues no grants and takes no statements. */
  readonly accounting: AccountingConfig | null;
  /** Scheme, host and port of an http(s) URL as URL.origin writes them, null for anything else. */
  readonly originOf: (url: string) => string | null;
  /** Whether a segment of this id can be at this URL and range: ids are made of both. Only asked for http and https. */
  readonly isSourceOf: (source: VerifierSource, segment: SegmentId) => boolean;
  /** Whether the verifier may fetch from there at all. */
  readonly originAllowed: (origin: string) => boolean;
  /** SHA-256 of the source's name: 32 bytes. What a root is bound by, for many sources fit one id. */
  readonly nameDigestOf: (source: VerifierSource) => Uint8Array;
}

/** A publisher's word for a session: what its token, or the ticket made from one, allows. */
export interface Admission {
  /** The publisher's name. */
  readonly publisher: string;
  /** The 16 bytes that signed messages name it by. */
  readonly publisherId: Uint8Array;
  /** SHA-256 of the only content id it may join; null: every title of the publisher. */
  readonly contentHash: Uint8Array | null;
  /** Where the publisher's media lives, as URL.origin writes it. */
  readonly origins: ReadonlySet<string>;
  /** Told in WELCOME: takes the place of the token when this key comes back. */
  readonly resumeTicket: Uint8Array;
}

export interface Identity {
  readonly peer: PeerId;
  readonly key: PeerKey;
  /** Ed25519, or 32 random bytes where the browser lacks it. */
  readonly sessionKey: Uint8Array;
  /** False where the browser lacks Ed25519: anybody who has seen the key could claim it. */
  readonly signed: boolean;
  /** Null where nobody vouches for it, which an open tracker does not mind. */
  readonly admission: Admission | null;
}

export interface Membership {
  readonly swarm: Swarm;
  /** u32 at random: ranks the viewers of a swarm, so it must not be of their choosing. */
  readonly ticket: number;
  readonly role: Role;
  /** Where this session says its media comes from. */
  readonly origins: ReadonlySet<string>;
  /** Sessions that it may signal; always mutual, oldest first. */
  readonly introduced: Set<Session>;
}

export type SessionState =
  | { readonly kind: "awaiting-hello"; readonly nonce: Uint8Array }
  /** HELLO is in, its signature is being checked. */
  | { readonly kind: "checking-hello"; readonly sessionKey: Uint8Array }
  | { readonly kind: "admitted"; readonly identity: Identity }
  | { readonly kind: "joined"; readonly identity: Identity; readonly membership: Membership };

export interface Session {
  readonly id: SessionId;
  /** Whom the limits per address count it to: an IPv4 address or an IPv6 /64. */
  readonly address: string;
  /** Null for loopback, which the rules about networks do not bind. */
  readonly network: string | null;
  readonly openedAtMs: number;
  heardAtMs: number;
  state: SessionState;
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
  readonly refusals: TokenBucket;
  readonly rootAsks: TokenBucket;
  readonly statements: TokenBucket;
  /** On their way through the checks. */
  statementsPending: number;
  badMessageCount: number;
  reportCount: number;
  /** Networks of those who reported it. */
  readonly accusers: Set<string>;
  /** When it was last told that it is too fast. */
  rateToldAtMs: number;
  /** Addresses beside its own that its candidates named. */
  readonly named: Set<string>;
  /** Origins it was told the verifier does not fetch from. */
  readonly originsTold: Set<string>;
}

export interface Swarm {
  /** Content id and publisher: two publishers may name their titles alike. */
  readonly title: string;
  readonly id: SwarmId;
  readonly key: SwarmKey;
  readonly members: IndexedSet<Session>;
  readonly byNetwork: Map<string, IndexedSet<Session>>;
  viewerCount: number;
  /** The count that the members were last told of unasked. */
  toldViewerCount: number;
  readonly roots: Map<RootKey, RootEntry>;
}

/** Where a segment may be fetched for the verifier. A length of zero means the whole resource. */
export interface VerifierSource {
  readonly url: string;
  readonly rangeStart: number;
  readonly rangeLength: number;
}

export type RootState =
  /** Asked for by too few, or waiting for somebody to ask again after a failure. */
  | { readonly kind: "wanted"; readonly notBeforeMs: number }
  | { readonly kind: "fetching" }
  | { readonly kind: "known"; readonly root: SegmentRoot }
  /** A viewer's own CDN bytes contradicted it: nobody is told it any more. */
  | { readonly kind: "quarantined" };

export interface RootEntry {
  readonly segment: SegmentId;
  /** SHA-256 of the name that all sources have: whoever names another resource for the segment has another entry. */
  readonly name: Uint8Array;
  state: RootState;
  /** Not yet tried, in the order they were named. */
  readonly sources: VerifierSource[];
  /** Sessions to tell; some may have left since. */
  readonly askers: Set<Session>;
  failureCount: number;
}

/** What is known of the segments of a title that nobody watches right now. */
export interface RestingRoots {
  readonly sinceMs: number;
  readonly roots: Map<RootKey, RootEntry>;
}

/** What is kept about one address over all of its sessions. */
export interface AddressState {
  sessionCount: number;
  readonly connects: TokenBucket;
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
  readonly conflicts: TokenBucket;
}
