import {
  CHUNK_BYTES,
  encodePeerMessage,
  type PeerKey,
  type PeerMessage,
  segmentIdOf,
} from "@tributary/protocol";
import type { Digests } from "../adapters/crypto/digest.ts";
import { createSegmentStore } from "../adapters/storage/segment-store.ts";
import { createCore, defaultCoreConfig, type Input, type Output } from "../core/index.ts";
import { createLoads } from "../driver/loads.ts";
import { createMedia } from "../driver/media.ts";
import { createRunLoop } from "../driver/run-loop.ts";
import type { Film } from "./hostile-film.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** A viewer's engine: core, run loop, store, digests and fetches as they ship; only what carries frames is given. */
export interface HostileEngine {
  raise(input: Input): void;
  /** Plays the film to its end; `delivered` hears what the player is given. */
  play(delivered: (sequence: number, data: Uint8Array) => void): void;
  hasEnded(): boolean;
  destroy(): void;
}

export interface EngineWorld {
  readonly time: VirtualTime;
  readonly film: Film;
  readonly digests: Digests;
  readonly failed: (error: unknown) => void;
  /** Frames for a neighbour. */
  readonly send: (peer: PeerKey, frame: Uint8Array) => void;
  readonly close: (peer: PeerKey) => void;
}

const timeouts = { firstByteMs: 10_000, loadMs: 120_000 };
const cdnDelayMs = 60;
const playheadMs = 250;
/** As much as a player may buffer. */
const aheadMaxMs = 30_000;

export function createHostileEngine(world: EngineWorld): HostileEngine {
  const { time, film, digests, failed } = world;
  const core = createCore(defaultCoreConfig);
  const store = createSegmentStore();
  const loads = createLoads();
  const loop = createRunLoop({ core, clock: time, bornMs: time.now(), perform, failed });
  const { raise } = loop;
  const fetchFilm: typeof fetch = async (url, init) => {
    await new Promise<void>((arrived) => time.after(cdnDelayMs, arrived));
    const path = new URL(url instanceof Request ? url.url : url).pathname;
    const { bytes } = film.segments[Number(path.slice(1, -".ts".length))]!;
    const range = /^bytes=(\d+)-(\d*)$/.exec(new Headers(init?.headers).get("range") ?? "");
    if (range === null)
      return new Response(bytes.slice(), { headers: { "content-length": `${bytes.length}` } });
    const [start, end] = [Number(range[1]), range[2] === "" ? bytes.length - 1 : Number(range[2])];
    const headers = {
      "content-range": `bytes ${start}-${end}/${bytes.length}`,
      "content-length": `${end + 1 - start}`,
    };
    return new Response(bytes.slice(start, end + 1), { status: 206, headers });
  };
  const media = createMedia({ store, digests, raise, failed, http: { fetch: fetchFilm, clock: time } });
  const lastSequence = film.segments.length - 1;
  let positionMs = 0;
  let bufferedEndMs = 0;
  let ended = false;
  let destroyed = false;

  function perform(output: Output): void {
    switch (output.type) {
      case "http-fetch":
        return media.fetch(output, output.request === null ? undefined : loads.get(output.request));
      case "http-abort":
        return media.abort(output.fetch);
      case "write-chunk":
        return store.writeUntrusted(output.segment, output.offsetBytes, output.sizeBytes, output.data);
      case "check-list":
        return media.checkList(output);
      case "check-piece":
        return media.checkPiece(output);
      case "hash-segment":
        return media.hash(output.segment);
      case "evict":
        return store.evict(output.segment);
      case "deliver-segment":
        return loads.delivered(
          output.request,
          store.copyOf(output.segment, output.sizeBytes)!,
          output.timing,
        );
      case "fail-segment":
        return loads.failed(output.request, output.failure);
      case "send-to-peer":
        return send(output.peer, output.message);
      case "send-hashes": {
        const [segment, list] = [segmentIdOf(output.segment), store.hashesOf(output.segment)];
        if (segment !== null && list !== null) send(output.peer, { type: "piece-hashes", segment, ...list });
        return;
      }
      case "send-piece":
        return sendPiece(output);
      case "close-peer":
        return world.close(output.peer);
    }
  }

  function send(peer: PeerKey, message: PeerMessage): void {
    try {
      world.send(peer, encodePeerMessage(message));
    } catch (error) {
      // What has no place on the wire is left out, as by the adapter's sender: lists of an engine that believes all.
      if (!(error instanceof RangeError)) throw error;
    }
  }

  function sendPiece({ peer, requestId, segment, offsetBytes, lengthBytes }: PieceOutput): void {
    for (let at = 0; at < lengthBytes; at += CHUNK_BYTES) {
      const data = store.slice(segment, offsetBytes + at, Math.min(CHUNK_BYTES, lengthBytes - at));
      if (data === null) return;
      send(peer, { type: "piece", requestId, offsetBytes: offsetBytes + at, data });
    }
    time.after(1, () => raise({ type: "peer-buffered", peer, bufferedBytes: 0 }));
  }

  function tick(): void {
    if (ended || destroyed) return;
    positionMs = Math.min(positionMs + playheadMs, bufferedEndMs);
    raise({ type: "playhead", positionMs, rate: 1, bufferedEndMs, paused: false, hidden: false });
    time.after(playheadMs, tick);
  }

  return {
    raise,
    play(delivered) {
      raise({ type: "upload-policy", allowed: true, maxBps: Infinity, maxBytes: Infinity });
      raise({ type: "playlist-updated", view: film.view });
      raise({ type: "tracker-ready", p2pAllowed: true, verifier: false });
      raise({ type: "swarm", viewerCount: 10, copiesTarget: 1, ticket: 1 });
      const want = (sequence: number): void => {
        if (destroyed) return;
        if (bufferedEndMs - positionMs > aheadMaxMs) return void time.after(playheadMs, () => want(sequence));
        const { info } = film.segments[sequence]!;
        const base = { segment: info, kind: "main", shareable: true, timeouts } as const;
        const request = loads.add(
          { ...base, cdn: null },
          {
            started() {},
            progress() {},
            delivered(data) {
              delivered(sequence, new Uint8Array(data));
              bufferedEndMs = info.startMs + info.durationMs;
              time.after(5, () => raise({ type: "first-frame" }));
              if (sequence === lastSequence) ended = true;
              else time.after(10, () => want(sequence + 1));
            },
            failed: ({ text }) => failed(new Error(`segment ${sequence}: ${text}`)),
          },
        );
        raise({ type: "segment-wanted", request, ...base });
      };
      want(0);
      tick();
    },
    hasEnded: () => ended,
    destroy() {
      destroyed = true;
      loop.stop();
      media.destroy();
    },
  };
}

type PieceOutput = Extract<Output, { type: "send-piece" }>;
