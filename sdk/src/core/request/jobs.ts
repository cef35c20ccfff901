import type { PeerKey, SegmentKey } from "@tributary/protocol";
import type { CdnTimeouts, FetchId, RequestId, SegmentInfo } from "../model.ts";

/** One load the player waits for. */
export interface Load {
  readonly request: RequestId;
  readonly kind: "main" | "audio";
  readonly timeouts: CdnTimeouts;
  readonly shareable: boolean;
  /** When it came. */
  readonly atMs: number;
  /** The fetch that was under way when it came: null where it came first. */
  readonly joined: FetchId | null;
}

/** One HTTP exchange for a job. */
export interface Fetch {
  readonly id: FetchId;
  /** The load it was made for, null where nobody had asked yet. */
  readonly request: RequestId | null;
  readonly offsetBytes: number;
  readonly endBytes: number | null;
  readonly startedAtMs: number;
  firstByteAtMs: number | null;
  receivedBytes: number;
  /** Of a single piece, to see whether the CDN is as fast as it was: the player hears of it only if it is not. */
  isProbe: boolean;
  /** It took too long, and what follows from that is done. */
  isLate: boolean;
  /** When the first read ended and what it held: it may have waited in buffers, so the rate is taken after it. */
  firstRead: { readonly atMs: number; readonly bytes: number } | null;
}

export function isWholeFetch(fetch: Fetch): boolean {
  return fetch.offsetBytes === 0 && fetch.endBytes === null;
}

/** One piece asked of one peer. Its chunks come in order. */
export interface Transfer {
  readonly requestId: number;
  readonly peer: PeerKey;
  readonly piece: number;
  readonly startedAtMs: number;
  /** Offset in the segment of the next byte to come, and where the piece ends. */
  nextBytes: number;
  readonly endBytes: number;
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
  /** Begun before the player asked for it. */
  ahead: boolean;
  readonly startedAtMs: number;
  /** Since when others could be getting it as well: the start of the ranked wait. */
  contendedSinceMs: number | null;
  /** The exchange under way. */
  fetch: Fetch | null;
  /** A range was refused for the moment and asked for again: no range is a third time. */
  rangeRefused: boolean;
  /** The last one that ended well, for its times. */
  fetched: Fetch | null;
  /** What is asked of peers, by request id. */
  readonly transfers: Map<number, Transfer>;
  /** Pieces that somebody is bringing. */
  readonly askedPieces: Set<number>;
  readonly lists: UncheckedList[];
  /** Partners that were asked for their list and have not refused. */
  readonly listAskedOf: Set<PeerKey>;
  checkingListOf: PeerKey | null;
  /** When a peer's bytes came last. */
  lastChunkAtMs: number;
  /** Peers passed over for this segment until then. */
  readonly avoided: Map<PeerKey, number>;
  /** From when on the CDN brings what is missing: what a peer would bring later is not asked of it. */
  rescueAtMs: number;
  /** Peers may be asked for its pieces. */
  askable: boolean;
  /** The line is slow: since when all that comes of it, from whomever, is the network's speed, and what has come. */
  slow: { readonly sinceMs: number; seenBytes: number } | null;
  /** It waits for peers and for nothing else: a stall meanwhile is ours. */
  waiting: boolean;
  attentionMs: number;
}

/** Owns the segments being fetched. */
export interface Jobs {
  get(key: SegmentKey): Job | undefined;
  open(info: SegmentInfo, nowMs: number): Job;
  close(key: SegmentKey): void;
  /** A list that does not change while somebody goes through it. */
  all(): readonly Job[];
  byRequest(request: RequestId): Job | undefined;
  byFetch(fetch: FetchId): Job | undefined;
  begin(job: Job, transfer: Transfer): void;
  end(job: Job, transfer: Transfer): void;
  byTransfer(peer: PeerKey, requestId: number): { job: Job; transfer: Transfer } | undefined;
  nextFetchId(): FetchId;
  nextTransferId(): number;
}

export function createJobs(): Jobs {
  const jobs = new Map<SegmentKey, Job>();
  /** Gone through with every input. */
  let listed: readonly Job[] = [];
  const jobOfTransfer = new Map<number, Job>();
  let fetchId = 0;
  let transferId = 0;
  const find = (matches: (job: Job) => boolean) => listed.find(matches);

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
        ahead: false,
        startedAtMs: nowMs,
        contendedSinceMs: null,
        fetch: null,
        rangeRefused: false,
        fetched: null,
        transfers: new Map(),
        askedPieces: new Set(),
        lists: [],
        listAskedOf: new Set(),
        checkingListOf: null,
        lastChunkAtMs: nowMs,
        avoided: new Map(),
        rescueAtMs: Infinity,
        askable: false,
        slow: null,
        waiting: false,
        attentionMs: nowMs,
      };
      jobs.set(info.key, job);
      listed = [...listed, job];
      return job;
    },
    close(key) {
      if (jobs.delete(key)) listed = [...jobs.values()];
    },
    all: () => listed,
    byRequest: (request) => find((job) => job.loads.some((load) => load.request === request)),
    byFetch: (fetch) => find((job) => job.fetch?.id === fetch),
    begin(job, transfer) {
      job.transfers.set(transfer.requestId, transfer);
      job.askedPieces.add(transfer.piece);
      jobOfTransfer.set(transfer.requestId, job);
    },
    end(job, { requestId, piece }) {
      job.transfers.delete(requestId);
      job.askedPieces.delete(piece);
      jobOfTransfer.delete(requestId);
    },
    byTransfer(peer, requestId) {
      const job = jobOfTransfer.get(requestId);
      const transfer = job?.transfers.get(requestId);
      return transfer?.peer === peer ? { job: job!, transfer } : undefined;
    },
    nextFetchId: () => ++fetchId,
    nextTransferId: () => (transferId = (transferId + 1) >>> 0),
  };
}
