import type { IncomingMessage } from "node:http";
import { MAX_SEGMENT_BYTES, type SegmentId } from "@tributary/protocol";
import type { SwarmKey, VerifierSource, VerifyResult } from "../../core/index.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { createGuardedHttp, type GuardedHttp, type Resolve } from "./guarded-http.ts";
import { urlOfName } from "./named-resource.ts";
import type { OriginPolicy } from "./origin-policy.ts";
import { createPieceHasher } from "./piece-hasher.ts";

export interface VerifyJob {
  readonly swarm: SwarmKey;
  readonly segment: SegmentId;
  readonly name: Uint8Array;
  readonly source: VerifierSource;
}

export interface VerifierStats {
  readonly queued: number;
  readonly running: number;
  /** Fetches from the CDN that brought at least one byte. */
  readonly copies: number;
  readonly bytes: number;
  readonly failures: number;
  /** The last few, with the origin alone: paths would tell who watches what. */
  readonly lastFailures: readonly string[];
}

export interface Verifier {
  /** `done` is called once, never before `submit` returns, and not at all after `close`. */
  submit(job: VerifyJob): void;
  stats(): VerifierStats;
  close(): void;
}

/** Fetches at a time: enough for a few live swarms of several renditions, too few to hurt a CDN. */
const runningMax = 6;
/** What waits longer than these take is late for live viewers anyway. */
const queuedMax = 512;
/** One swarm must not starve the others. */
const queuedPerSwarmMax = 128;
const lastFailuresMax = 10;
/** Longer than any player waits for a segment. */
const fetchTimeoutMs = 30_000;

/** The integrity source of zero set-up: fetches announced segments from the CDN and computes their roots. */
export function createVerifier(
  policy: OriginPolicy,
  done: (job: VerifyJob, result: VerifyResult) => void,
  resolve?: Resolve,
): Verifier {
  const http = createGuardedHttp(policy, runningMax, resolve);
  const closing = new AbortController();
  const queue: VerifyJob[] = [];
  let running = 0;
  let copies = 0;
  let bytes = 0;
  let failures = 0;
  const lastFailures: string[] = [];

  const report = (job: VerifyJob, result: VerifyResult) => {
    if (closing.signal.aborted) return;
    if (!result.ok) {
      failures++;
      lastFailures.push(`${new URL(job.source.url).origin}: ${result.reason}`);
      if (lastFailures.length > lastFailuresMax) lastFailures.shift();
    }
    done(job, result);
  };
  const countBytes = (length: number, isFirst: boolean) => {
    if (isFirst) copies++;
    bytes += length;
  };
  const startNext = () => {
    while (running < runningMax) {
      const job = queue.shift();
      if (job === undefined) return;
      running++;
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(fetchTimeoutMs)]);
      void verify(http, job, signal, countBytes)
        .catch((error: Error): VerifyResult => ({ ok: false, reason: error.message }))
        .then((result) => {
          running--;
          report(job, result);
          startNext();
        });
    }
  };

  return {
    submit(job) {
      const ofSwarm = queue.filter(({ swarm }) => swarm === job.swarm).length;
      if (queue.length >= queuedMax || ofSwarm >= queuedPerSwarmMax) {
        queueMicrotask(() => report(job, { ok: false, reason: "too many segments wait for the verifier" }));
        return;
      }
      queue.push(job);
      queueMicrotask(startNext);
    },
    stats: () => ({
      queued: queue.length,
      running,
      copies,
      bytes,
      failures,
      lastFailures: [...lastFailures],
    }),
    close() {
      queue.length = 0;
      closing.abort();
      http.close();
    },
  };
}

async function verify(
  http: GuardedHttp,
  { segment, source }: VerifyJob,
  signal: AbortSignal,
  countBytes: (length: number, isFirst: boolean) => void,
): Promise<VerifyResult> {
  if (fingerprintOf(source) !== segment.fingerprint)
    return { ok: false, reason: "the URL does not belong to the segment's fingerprint" };
  const { rangeStart, rangeLength } = source;
  if (rangeLength > MAX_SEGMENT_BYTES) return { ok: false, reason: "the byte range is too long" };
  const headers: Record<string, string> =
    rangeLength > 0 ? { range: `bytes=${rangeStart}-${rangeStart + rangeLength - 1}` } : {};
  const response = await http.get(urlOfName(source), headers, signal);
  try {
    return await readSegment(response, source, countBytes);
  } finally {
    response.destroy();
  }
}

async function readSegment(
  response: IncomingMessage,
  { rangeStart, rangeLength }: VerifierSource,
  countBytes: (length: number, isFirst: boolean) => void,
): Promise<VerifyResult> {
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") return { ok: false, reason: `content-encoding ${encoding}` };
  // A host that ignores Range sends everything: the range is cut out of it.
  const isPartial = response.statusCode === 206;
  if (isPartial && rangeLength === 0) return { ok: false, reason: "only a part of the resource came" };
  if (isPartial && !response.headers["content-range"]?.startsWith(`bytes ${rangeStart}-`))
    return { ok: false, reason: `content-range ${response.headers["content-range"]}` };
  const from = rangeLength > 0 && !isPartial ? rangeStart : 0;
  const wantedBytes = rangeLength > 0 ? rangeLength : null;
  if (from + (wantedBytes ?? 0) > MAX_SEGMENT_BYTES) return { ok: false, reason: "Range is not supported" };

  const hasher = createPieceHasher();
  let receivedBytes = 0;
  let hashedBytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    countBytes(chunk.length, receivedBytes === 0);
    const start = Math.max(0, from - receivedBytes);
    receivedBytes += chunk.length;
    const room = wantedBytes === null ? chunk.length : wantedBytes - hashedBytes;
    const useful = chunk.subarray(start, start + room);
    hashedBytes += useful.length;
    if (hashedBytes > MAX_SEGMENT_BYTES) return { ok: false, reason: "longer than 64 MiB" };
    hasher.add(useful);
    if (hashedBytes === wantedBytes) break;
  }
  if (hashedBytes === 0) return { ok: false, reason: "empty" };
  if (wantedBytes !== null && hashedBytes < wantedBytes)
    return { ok: false, reason: "shorter than its range" };
  return { ok: true, ...hasher.finish() };
}
