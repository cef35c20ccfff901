import { MAX_SEGMENT_BYTES, type SegmentKey } from "@tributary/protocol";
import type { Digests } from "../adapters/crypto/digest.ts";
import {
  startStreamingFetch,
  type FetchHandlers,
  type HttpEnvironment,
} from "../adapters/http/streaming-fetch.ts";
import { startTransportFetch } from "../adapters/http/transport-fetch.ts";
import type { SegmentStore } from "../adapters/storage/segment-store.ts";
import type { FetchId, Input, Output } from "../core/index.ts";
import type { BegunLoad, LoadRequest } from "../driver-contract.ts";

type OutputOf<T extends Output["type"]> = Extract<Output, { type: T }>;

export interface MediaEnvironment {
  readonly store: SegmentStore;
  readonly digests: Digests;
  readonly http: HttpEnvironment;
  /** @param atMs when it happened, if not now */
  raise(input: Input, atMs?: number): void;
  /** A bug of ours. */
  failed(error: unknown): void;
}

/** Carries out what the core wants done with bytes: fetching, storing, digesting. */
export interface Media {
  /** @param load what it is fetched for, where the player asked for it */
  fetch(output: OutputOf<"http-fetch">, load: LoadRequest | undefined): void;
  abort(fetch: FetchId): void;
  checkList(output: OutputOf<"check-list">): void;
  checkPiece(output: OutputOf<"check-piece">): void;
  hash(segment: SegmentKey): void;
  destroy(): void;
}

/** Of the time to the first byte, as in the bandwidth that hls.js itself reckons from a fragment. */
const firstByteMaxMs = 100;

export function createMedia({ store, digests, http, raise, failed }: MediaEnvironment): Media {
  const fetches = new Map<FetchId, { abort(): void }>();

  function handlersOf({ fetch, segment, offsetBytes, endBytes }: OutputOf<"http-fetch">): FetchHandlers {
    let receivedBytes = 0;
    let startBytes = offsetBytes;
    let toEnd = endBytes === null;
    return {
      started(expectedBytes, rangeIgnored) {
        if (rangeIgnored) {
          startBytes = 0;
          toEnd = true;
        }
        if (startBytes === 0 && toEnd && expectedBytes !== null) store.expect(segment, expectedBytes);
        raise({ type: "http-started", fetch, expectedBytes, rangeIgnored });
      },
      chunk(data) {
        store.writeTrusted(segment, startBytes + receivedBytes, data);
        receivedBytes += data.length;
        raise({ type: "http-progress", fetch, receivedBytes });
      },
      done(received) {
        fetches.delete(fetch);
        if (toEnd) store.finish(segment, startBytes + received);
        raise({ type: "http-done", fetch, receivedBytes: received });
      },
      failed(reason, status, text) {
        fetches.delete(fetch);
        raise({ type: "http-failed", fetch, reason, status, text });
      },
    };
  }

  /** What the player's own loader brings, or has brought. */
  function learn({ fetch, segment, request }: OutputOf<"http-fetch">, begun: BegunLoad): void {
    let over = false;
    const abort = begun.onEnd((end) => {
      over = true;
      fetches.delete(fetch);
      if (!end.ok) {
        const { reason, status, text } = end;
        // The player knows; whoever else waits for the segment is served all the same.
        if (request !== null) raise({ type: "segment-cancelled", request });
        return raise({ type: "http-failed", fetch, reason, status, text });
      }
      const { data, startMs, firstByteMs, endMs } = end;
      const sizeBytes = data.length;
      store.expect(segment, sizeBytes);
      store.writeTrusted(segment, 0, data);
      store.finish(segment, sizeBytes);
      raise({ type: "http-started", fetch, expectedBytes: sizeBytes, rangeIgnored: false }, firstByteMs);
      raise({ type: "http-progress", fetch, receivedBytes: sizeBytes }, endMs);
      // As hls.js reckons: a busy page hears of the first byte late.
      const waitedMs = Math.min(firstByteMs - startMs, firstByteMaxMs);
      const took = { firstByteMs: firstByteMs - startMs, bodyMs: endMs - startMs - waitedMs };
      raise({ type: "http-done", fetch, receivedBytes: sizeBytes, took }, endMs);
    });
    if (!over) fetches.set(fetch, { abort });
  }

  return {
    fetch(output, load) {
      const transport = load?.cdn ?? null;
      if (load?.begun !== undefined && output.offsetBytes === 0 && output.endBytes === null)
        return learn(output, load.begun);
      const handlers = { ...handlersOf(output), ...(load?.answered && { answered: load.answered }) };
      if (transport !== null) {
        fetches.set(output.fetch, startTransportFetch(transport, output, handlers));
      } else if (load === undefined && output.request !== null) {
        // Whoever asked is gone, and its loader with it. The core hears of that next, and then of this.
        const abort = http.clock.after(0, () => handlers.failed("network", 0, "aborted"));
        fetches.set(output.fetch, { abort });
      } else {
        fetches.set(output.fetch, startStreamingFetch(output, handlers, http));
      }
    },
    abort(fetch) {
      fetches.get(fetch)?.abort();
      fetches.delete(fetch);
    },
    checkList({ segment, peer, sizeBytes, hashes, root }) {
      void digests.checkList(sizeBytes, hashes, root).then((valid) => {
        if (valid) store.keepHashes(segment, sizeBytes, hashes);
        raise({ type: "list-checked", segment, peer, valid });
      }, failed);
    },
    checkPiece({ segment, piece, check }) {
      const list = store.hashesOf(segment);
      const bytes = store.sealPiece(segment, piece);
      if (list === null || bytes === null) {
        raise({ type: "piece-checked", segment, piece, check, valid: false });
        return;
      }
      void digests.checkPiece(bytes, piece, list.hashes).then((valid) => {
        if (!valid) store.unsealPiece(segment, piece);
        raise({ type: "piece-checked", segment, piece, check, valid });
      }, failed);
    },
    hash(segment) {
      const bytes = store.whole(segment);
      // A larger or an empty segment cannot be described on the wire: it stays with the CDN.
      if (bytes === null || bytes.length === 0 || bytes.length > MAX_SEGMENT_BYTES) return;
      const sizeBytes = bytes.length;
      void digests.listOf(bytes).then(({ hashes, root }) => {
        if (store.whole(segment) === null) return;
        store.keepHashes(segment, sizeBytes, hashes);
        raise({ type: "segment-hashed", segment, sizeBytes, root });
      }, failed);
    },
    destroy() {
      for (const fetch of fetches.values()) fetch.abort();
      fetches.clear();
      store.clear();
    },
  };
}
