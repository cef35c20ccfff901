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
import type { CdnTransport } from "../driver-contract.ts";

type OutputOf<T extends Output["type"]> = Extract<Output, { type: T }>;

export interface MediaEnvironment {
  readonly store: SegmentStore;
  readonly digests: Digests;
  readonly http: HttpEnvironment;
  raise(input: Input): void;
  /** A bug of ours. */
  failed(error: unknown): void;
}

/** Carries out what the core wants done with bytes: fetching, storing, digesting. */
export interface Media {
  fetch(output: OutputOf<"http-fetch">, transport: CdnTransport | null): void;
  abort(fetch: FetchId): void;
  checkList(output: OutputOf<"check-list">): void;
  checkPiece(output: OutputOf<"check-piece">): void;
  hash(segment: SegmentKey): void;
  destroy(): void;
}

export function createMedia({ store, digests, http, raise, failed }: MediaEnvironment): Media {
  const fetches = new Map<FetchId, { abort(): void }>();
  /** Set once a load came with the page's own loader: ours would lack its headers or signatures. */
  let pageMade = false;

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

  return {
    fetch(output, transport) {
      pageMade ||= transport !== null;
      const handlers = handlersOf(output);
      if (transport !== null) {
        fetches.set(output.fetch, startTransportFetch(transport, output, handlers));
      } else if (pageMade) {
        handlers.failed("network", 0, "only the page's own loader may fetch from this CDN");
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
