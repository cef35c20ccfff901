import type { BucketRule } from "./token-bucket.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** A client sends HELLO in its first round trip; ten seconds forgive a phone that changes networks. */
export const helloTimeoutMs = 10_000;
/** Clients ping every 20 s or so: three lost in a row mean that nobody is there. */
export const silentTimeoutMs = 60_000;
/** How often the timeouts above are looked at, so they are exact to this. */
export const sweepIntervalMs = 5_000;
/** How often a client re-announces: fresh viewer counts and partners, at 3 messages a minute. */
export const announceIntervalMs = 20_000;

/** A player of another version may send one odd message; a fifth is not an accident. */
export const badMessagesMax = 5;

/** Joining with ten partners costs about 60 messages (offers, answers, candidates); this allows five such joins. */
export const sessionMessages: BucketRule = { burst: 300, perSecond: 50 };
/** Signals are a few hundred bytes and root requests up to 15 KiB. */
export const sessionBytes: BucketRule = { burst: 1 * MIB, perSecond: 128 * KIB };
/** Refusals that a session may collect before it is cut; honest churn causes some (a partner that just left). */
export const sessionRefusals: BucketRule = { burst: 200, perSecond: 2 };
/** Segments a session may ask roots for: a whole VOD window at once, then more than any player plays. */
export const sessionRootAsks: BucketRule = { burst: 1024, perSecond: 32 };
/** One a minute is the rule; one more for each grant, when a refused one is looked into piece by piece. */
export const sessionStatements: BucketRule = { burst: 100, perSecond: 0.5 };
/** A refusal for the rate is told this often, so that a flood is not answered by a flood. */
export const rateRefusalIntervalMs = 1_000;

/** Open sockets of one address: a school or a carrier's NAT holds many viewers of one match. */
export const addressConnectionsMax = 400;
/** New sockets of one address. */
export const addressConnects: BucketRule = { burst: 200, perSecond: 20 };
/** Ten times a session's, for the same reason. */
export const addressMessages: BucketRule = { burst: 3_000, perSecond: 500 };
export const addressBytes: BucketRule = { burst: 10 * MIB, perSecond: 1280 * KIB };
/**
 * Questions to the ledger of one address. An earnings page asks six times a minute and, at a click, for one proof; a
 * script that collects the proofs of a year's epochs takes its time. Each costs the ledger's thread some milliseconds.
 */
export const addressLedgerQuestions: BucketRule = { burst: 300, perSecond: 20 };

/** Introductions kept per session; a session has 8 to 12 partners, the rest were tries. */
export const introductionsMax = 256;
/** Members looked at for one join: enough to find ten partners of different networks, whatever the swarm's size. */
export const candidatePoolMax = 256;
/** Candidates of one network where others are to be had, so that one network cannot surround a viewer. */
export const sameNetworkMax = 2;

/**
 * Candidates that name one address which is not their sender's own, over all sessions. A viewer whose tracker
 * connection goes another way than its media (IPv6 beside IPv4, a VPN) names its other address to 12 partners with some
 * ports each; each candidate makes one receiver send a handful of checks.
 */
export const namedAddress: BucketRule = { burst: 64, perSecond: 0.5 };
/** Addresses not its own that a session may name: two kinds of IP, temporary addresses, a VPN. */
export const namedAddressesMax = 16;

/** Networks that must accuse a peer, at least. */
export const accusersMin = 3;
/** And of those whom it was introduced to: it has 8 to 12 partners among some 20 that it met. */
export const accuserShareMin = 0.25;
/** Reports of one session that count: with more liars than that around it something else is wrong. */
export const reportsMax = 16;
/** A liar makes itself a new key in no time; this is for the one that comes back at once. */
export const banMs = 10 * 60_000;

/**
 * Pairs with contradicting accounts that are remembered until the next settlement, some 5 MB. Honest viewers make none;
 * those beyond are treated like everybody.
 */
export const apartPairsMax = 10_000;

/**
 * Roots that the viewers of one address may put out of use by saying that the CDN serves them something else. One word
 * is enough for a root, so that it must not be enough for all of a title.
 */
export const addressConflicts: BucketRule = { burst: 16, perSecond: 1 / 60 };

/** Roots are kept this long after the last viewer left: a pause between two viewers costs no second copy. */
export const restingRootsMs = 10 * 60_000;
/** About 100 MB. */
export const restingRootsMax = 200_000;

/** Roots a swarm remembers, or is asked for: about 4 hours of five renditions at 4 s. */
export const rootsPerSwarmMax = 20_000;
/** Different URLs remembered for one segment, tried in turn (CDN hosts, per-viewer queries). */
export const sourcesPerSegmentMax = 3;
/** The verifier costs one CDN copy, which is worth it only when somebody can take the segment from somebody. */
export const askersForRoot = 2;
/** A failed fetch is tried again, when asked again, after this times the attempts so far. */
export const rootRetryMs = 5_000;
export const rootRetryMsMax = 60_000;

/** Up to here every viewer has every other one as a neighbour, and an election among them needs one copy. */
const neighbourSwarm = 12;
/** From here on most viewers are strangers to whoever fetches first, and a copy more is nothing beside what it saves. */
const largeSwarm = 100;
/** Viewers reload a playlist over a whole segment's time: of eight, one sees a segment within its first eighth. */
const largeSwarmCopies = 8;

export function copiesTargetOf(viewerCount: number): number {
  if (viewerCount <= neighbourSwarm) return 1;
  return viewerCount <= largeSwarm ? 2 : largeSwarmCopies;
}
