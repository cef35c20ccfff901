import type { PeerKey, SegmentKey } from "@tributary/protocol";
import type { CdnTimeouts, FetchId, RequestId, SegmentInfo } from "../model.ts";

/** One load the player waits for. */
export interface Load {
  readonly request: RequestId;
  readonly kind: "main" | "audio";
  readonly timeouts: CdnTimeouts;
  readonly shareable: boolean;
}

/** One HTTP exchange for a job. */
export interface Fetch {
  readonly id: FetchId;
  readonly offsetBytes: number;
  readonly endBytes: number | null;
  readonly startedAtMs: number;
  firstByteAtMs: number | null;
  receivedBytes: number;
}

/** Pieces asked of one peer. Its chunks come in order. */
export interface Transfer {
  readonly requestId: number;
  readonly peer: PeerKey;
  readonly firstPiece: number;
  /** Exclusive; null for "to the end". */
  readonly endPiece: number | null;
  /** The segment's size by this peer's own list: it binds this peer alone. */
  listedBytes: number | null;
  readonly startedAtMs: number;
  /** What `pendingBytes` of the partner was raised by and is still owed. */
  owedBytes: number;
  nextBytes: number;
  lastChunkAtMs: number;
}

/** A list from a peer, kept until the root to check it against is known. */
export interface UncheckedList {
  readonly peer: PeerKey;
  readonly sizeBytes: number;
  readonly hashes: Uint8Array;
}

/** The work of getting one segment. */
export interface Job {
  readonly key: SegmentKey;
  info: SegmentInfo;
  readonly loads: Load[];
  readonly startedAtMs: number;
  /** Since when others could be getting it as well: the start of the ranked wait. */
  contendedSinceMs: number | null;
  /** The exchange under way. */
  fetch: Fetch | null;
  /** The last one that ended well, for its times. */
  fetched: Fetch | null;
  readonly transfers: Map<number, Transfer>;
  readonly lists: UncheckedList[];
  checkingListOf: PeerKey | null;
  /** When a peer's bytes came last. */
  lastChunkAtMs: number;
  /** Peers passed over for this segment until then. */
  readonly avoided: Map<PeerKey, number>;
  /** When the wait for peers ends, for `explain` and for stalls. */
  waiting: boolean;
  attentionMs: number;
}

/** Owns the segments being fetched. */
export interface Jobs {
  get(key: SegmentKey): Job | undefined;
  open(info: SegmentInfo, nowMs: number): Job;
  close(key: SegmentKey): void;
  all(): Job[];
  byRequest(request: RequestId): Job | undefined;
  byFetch(fetch: FetchId): Job | undefined;
  byTransfer(peer: PeerKey, requestId: number): { job: Job; transfer: Transfer } | undefined;
  nextFetchId(): FetchId;
  nextTransferId(): number;
}

export function createJobs(): Jobs {
  const jobs = new Map<SegmentKey, Job>();
  let fetchId = 0;
  let transferId = 0;
  const find = (matches: (job: Job) => boolean) => {
    for (const job of jobs.values()) if (matches(job)) return job;
    return undefined;
  };

  return {
    get: (key) => jobs.get(key),
    open(info, nowMs) {
      const known = jobs.get(info.key);
      if (known !== undefined) {
        known.info = info;
        return known;
      }
      const job: Job = {
        key: info.key,
        info,
        loads: [],
        startedAtMs: nowMs,
        contendedSinceMs: null,
        fetch: null,
        fetched: null,
        transfers: new Map(),
        lists: [],
        checkingListOf: null,
        lastChunkAtMs: nowMs,
        avoided: new Map(),
        waiting: false,
        attentionMs: nowMs,
      };
      jobs.set(info.key, job);
      return job;
    },
    close: (key) => void jobs.delete(key),
    all: () => [...jobs.values()],
    byRequest: (request) => find((job) => job.loads.some((load) => load.request === request)),
    byFetch: (fetch) => find((job) => job.fetch?.id === fetch),
    byTransfer(peer, requestId) {
      const job = find(({ transfers }) => transfers.get(requestId)?.peer === peer);
      return job && { job, transfer: job.transfers.get(requestId)! };
    },
    nextFetchId: () => ++fetchId,
    nextTransferId: () => (transferId = (transferId + 1) >>> 0),
  };
}
