import type { Input, Output } from "@tributary/sdk/core";
import type { EventQueue } from "../event-queue.ts";
import type { Watch } from "../probe.ts";
import { createRandom, type Random } from "../random.ts";
import type { Stream } from "../stream/stream.ts";
import { passDown, type Downlink } from "./downlink.ts";

type HttpFetch = Extract<Output, { type: "http-fetch" }>;

export interface CdnOptions {
  readonly firstByteMs: number;
  /** What one request gets at most. */
  readonly requestBps: number;
  /** Requests that are answered with 503. */
  readonly errorRatio: number;
  readonly rangesWork: boolean;
  /** A live segment is answered with 404 for so long after it is listed first. */
  readonly lateMs: number;
}

/** One viewer as the CDN sees it. */
export interface CdnClient {
  readonly index: number;
  readonly downlink: Downlink;
  readonly oneWayMs: number;
  input(input: Input): void;
}

export interface Cdn {
  fetch(client: CdnClient, output: HttpFetch): Exchange;
  /** The verifier's own copy. @returns when it is complete */
  verify(sequence: number): number;
}

/** One HTTP exchange under way. */
export interface Exchange {
  readonly sequence: number;
  /** Where in the segment its first byte belongs. */
  readonly offsetBytes: number;
  receivedBytes: number;
  aborted: boolean;
}

interface Body extends Exchange {
  readonly client: CdnClient;
  readonly fetch: number;
  readonly totalBytes: number;
  /** Bytes of the slice under way. */
  sliceBytes: number;
  /** The status to answer with, null where it has the bytes. */
  failing: number | null;
}

/** Bodies come in reads of about this; the first one is of any length, as headers and TLS records leave it. */
const sliceMaxBytes = 64 * 1024;
/** A slow one's are shorter: an abort would else count what had yet to leave. */
const sliceMaxMs = 100;
const verifierBps = 100e6;

export function createCdn(
  options: CdnOptions,
  stream: Stream,
  queue: EventQueue,
  random: Random,
  watch: Watch,
): Cdn {
  const errorSeed = random.below(2 ** 32);
  const attempts = new Map<string, number>();
  const begins = { fire: begin };
  const arrives = { fire: arrive };
  const sliceBytes = Math.min(sliceMaxBytes, Math.ceil((options.requestBps * sliceMaxMs) / 8000));

  /** The same requests fail with and without peers, so that the two runs can be compared. */
  function isRefused(viewer: number, sequence: number): boolean {
    if (options.errorRatio === 0) return false;
    const asked = `${viewer}.${sequence}`;
    const attempt = attempts.get(asked) ?? 0;
    attempts.set(asked, attempt + 1);
    return createRandom(errorSeed, `${asked}.${attempt}`).chance(options.errorRatio);
  }

  function isLate(sequence: number): boolean {
    return queue.nowMs() < stream.publishedAtMs(sequence) + options.lateMs;
  }

  function begin(body: Body): void {
    if (body.aborted) return;
    const { client, fetch } = body;
    if (body.failing !== null) {
      client.input({ type: "http-failed", fetch, reason: "status", status: body.failing, text: "refused" });
      return;
    }
    client.input({ type: "http-started", fetch, expectedBytes: body.totalBytes, rangeIgnored: false });
    sendSlice(body, sliceBytes / 4 + random.below((sliceBytes * 3) / 4));
  }

  function sendSlice(body: Body, mostBytes: number): void {
    if (body.aborted) return;
    const { client } = body;
    const bytes = Math.min(mostBytes, body.totalBytes - body.receivedBytes);
    body.sliceBytes = bytes;
    watch.cdnBytes(client.index, body.sequence, bytes);
    const nowMs = queue.nowMs();
    const sentMs = nowMs + (bytes * 8000) / options.requestBps;
    queue.at(Math.max(sentMs, passDown(client.downlink, nowMs, bytes)), arrives, body);
  }

  function arrive(body: Body): void {
    if (body.aborted) return;
    const { client, fetch } = body;
    body.receivedBytes += body.sliceBytes;
    const { receivedBytes } = body;
    if (receivedBytes >= body.totalBytes) {
      body.aborted = true;
      client.input({ type: "http-done", fetch, receivedBytes });
      return;
    }
    client.input({ type: "http-progress", fetch, receivedBytes });
    sendSlice(body, sliceBytes);
  }

  return {
    fetch(client, { fetch, segment, offsetBytes, endBytes }) {
      const sequence = stream.sequenceOf(segment);
      const isRange = offsetBytes > 0 || endBytes !== null;
      const body: Body = {
        client,
        fetch,
        sequence,
        offsetBytes,
        totalBytes: (endBytes ?? stream.sizeOf(sequence)) - offsetBytes,
        receivedBytes: 0,
        sliceBytes: 0,
        aborted: false,
        failing: isRefused(client.index, sequence) ? 503 : isLate(sequence) ? 404 : null,
      };
      watch.cdnRequest(client.index, sequence, queue.nowMs(), isRange);
      const firstByteMs = 2 * client.oneWayMs + options.firstByteMs;
      if (isRange && !options.rangesWork) body.failing = 503;
      queue.at(queue.nowMs() + firstByteMs, begins, body);
      return body;
    },
    verify(sequence) {
      const bytes = stream.sizeOf(sequence);
      watch.cdnRequest(-1, sequence, queue.nowMs(), false);
      watch.cdnBytes(-1, sequence, bytes);
      return queue.nowMs() + 2 * options.firstByteMs + (bytes * 8000) / verifierBps;
    },
  };
}
