import {
  PIECE_BYTES,
  pieceSizeOf,
  type PeerKey,
  type PeerMessage,
  type SegmentKey,
} from "@tributary/protocol";
import type { Core, Input, Output } from "@tributary/sdk/core";
import type { EventQueue } from "../event-queue.ts";
import type { Cdn, CdnClient, Exchange } from "../network/cdn.ts";
import { sendControl, sendMedia } from "../network/links.ts";
import type { Mesh, MeshMember } from "../network/mesh.ts";
import type { Watch } from "../probe.ts";
import type { Stream } from "../stream/stream.ts";
import type { TrackerSession } from "../tracker/session.ts";
import type { Player } from "./player.ts";
import { isUntrue } from "./honesty.ts";

/** The run loop of one viewer: the driver's part, on the simulated clock. */
export interface Engine {
  input(input: Input): void;
  stop(): void;
}

export interface EngineEnvironment {
  readonly index: number;
  readonly core: Core;
  readonly queue: EventQueue;
  readonly stream: Stream;
  readonly cdn: Cdn;
  readonly client: CdnClient;
  readonly mesh: Mesh;
  readonly member: MeshMember;
  readonly watch: Watch;
  readonly session: () => TrackerSession;
  readonly player: () => Player;
  /** What this viewer says when it is asked for a piece list. */
  readonly listBytes: Uint8Array;
}

/** Digesting a whole segment in the browser. */
const hashSegmentMs = 5;

export function createEngine(environment: EngineEnvironment): Engine {
  const { index, core, queue, stream, cdn, client, mesh, member, watch } = environment;
  const pending: Input[] = [];
  const out: Output[] = [];
  const exchanges = new Map<number, Exchange>();
  /** Pieces in the store whose bytes are not the true ones. */
  const untrue = new Map<SegmentKey, Set<number>>();
  const sequenceOfRequest = new Map<number, number>();
  let draining = false;
  let stopped = false;
  let wakeAtMs = Infinity;
  const wakes = { fire: wake };
  const later = { fire: input };

  function input(next: Input): void {
    if (stopped) return;
    if (next.type === "chunk-received") watch.chunk(index, next);
    else if (next.type === "segment-wanted") sequenceOfRequest.set(next.request, next.segment.id.sequence);
    else if (next.type === "segment-cancelled") sequenceOfRequest.delete(next.request);
    else if (next.type === "http-progress" || next.type === "http-done") overwrite(next.fetch);
    pending.push(next);
    if (!draining) drain();
  }

  function drain(): void {
    draining = true;
    for (let at = 0; at < pending.length && !stopped; at++) {
      core.handle(pending[at]!, queue.nowMs(), out);
      for (let done = 0; done < out.length; done++) perform(out[done]!);
      out.length = 0;
    }
    pending.length = 0;
    draining = false;
    if (!stopped) arm();
  }

  /** One event is armed at a time; a deadline that moved back costs one tick too many, as in the driver. */
  function arm(): void {
    const next = core.nextDeadlineMs();
    if (next === null || next >= wakeAtMs) return;
    wakeAtMs = Math.max(next, queue.nowMs() + 1);
    queue.at(wakeAtMs, wakes, wakeAtMs);
  }

  function wake(armedMs: number): void {
    if (armedMs !== wakeAtMs) return;
    wakeAtMs = Infinity;
    input({ type: "tick" });
  }

  function perform(output: Output): void {
    switch (output.type) {
      case "http-fetch":
        exchanges.set(output.fetch, cdn.fetch(client, output));
        return;
      case "http-abort": {
        const exchange = exchanges.get(output.fetch);
        if (exchange !== undefined) exchange.aborted = true;
        exchanges.delete(output.fetch);
        return;
      }
      case "admit-peers":
        mesh.admit(member);
        return;
      case "connect-peer":
        mesh.connect(member, output.peer);
        return;
      case "close-peer":
        mesh.close(member, output.peer, output.reason);
        return;
      case "send-to-peer":
        tell(output.peer, output.message);
        return;
      case "send-hashes": {
        const { id } = stream.segment(stream.sequenceOf(output.segment));
        const sizeBytes = stream.sizeOf(id.sequence);
        tell(output.peer, { type: "piece-hashes", segment: id, sizeBytes, hashes: environment.listBytes });
        return;
      }
      case "send-piece": {
        const channel = mesh.channelTo(member, output.peer);
        if (channel !== null) sendMedia(channel, output);
        return;
      }
      case "write-chunk":
        write(output);
        return;
      case "check-list": {
        const { segment, peer } = output;
        const rootFits = output.root === stream.rootOf(stream.sequenceOf(segment));
        const sizeFits = output.sizeBytes === stream.sizeOf(stream.sequenceOf(segment));
        const valid = rootFits && sizeFits && !isUntrue(output.hashes);
        pending.push({ type: "list-checked", segment, peer, valid });
        return;
      }
      case "check-piece":
        checkPiece(output.segment, output.piece, output.check);
        return;
      case "hash-segment": {
        const sequence = stream.sequenceOf(output.segment);
        queue.at(queue.nowMs() + hashSegmentMs, later, {
          type: "segment-hashed",
          segment: output.segment,
          sizeBytes: stream.sizeOf(sequence),
          root: stream.rootOf(sequence),
        });
        return;
      }
      case "evict":
        untrue.delete(output.segment);
        watch.evicted(index, output.segment);
        return;
      case "deliver-segment": {
        const sequence = stream.sequenceOf(output.segment);
        const unproved = untrue.get(output.segment)?.size ?? 0;
        watch.delivered(index, sequence, output.sizeBytes, unproved, queue.nowMs());
        finish(output.request, "delivered");
        environment.player().delivered(output.request);
        return;
      }
      case "fail-segment":
        watch.failed(index, output.failure);
        finish(output.request, "failed");
        environment.player().failed(output.request);
        return;
      case "announce":
        environment.session().announce(output.wantedPeers);
        return;
      case "ask-roots":
        environment.session().askRoots(output.segments);
        return;
      case "event":
        if (output.event.type === "segment") watch.credited(index, output.event.sequence, output.event);
        else if (output.event.type === "warning") watch.warned(index, output.event.code);
        return;
      case "load-started":
      case "load-progress":
      case "report-root-conflict":
      case "report-peer":
        return;
    }
  }

  function tell(peer: PeerKey, message: Exclude<PeerMessage, { type: "piece" }>): void {
    watch.message(message.type);
    const channel = mesh.channelTo(member, peer);
    if (channel !== null) sendControl(channel, { type: "peer-message", peer: member.peer, message });
  }

  /** A reused request would end twice; checkers see that because nothing is hidden from them. */
  function finish(request: number, end: "delivered" | "failed"): void {
    watch.ended(index, request, sequenceOfRequest.get(request) ?? -1, end, queue.nowMs());
    sequenceOfRequest.delete(request);
  }

  function write(output: Extract<Output, { type: "write-chunk" }>): void {
    const piece = Math.floor(output.offsetBytes / PIECE_BYTES);
    if (isUntrue(output.data)) {
      let pieces = untrue.get(output.segment);
      if (pieces === undefined) untrue.set(output.segment, (pieces = new Set()));
      pieces.add(piece);
    } else if (untrue.size > 0 && output.offsetBytes === piece * PIECE_BYTES) {
      untrue.get(output.segment)?.delete(piece);
    }
  }

  /** The CDN's bytes take the place of what a liar sent. */
  function overwrite(fetch: number): void {
    if (untrue.size === 0) return;
    const exchange = exchanges.get(fetch);
    if (exchange === undefined) return;
    const { sequence, offsetBytes, receivedBytes } = exchange;
    const pieces = untrue.get(stream.segment(sequence).key);
    for (const piece of pieces ?? []) {
      const fromBytes = piece * PIECE_BYTES;
      const toBytes = fromBytes + pieceSizeOf(stream.sizeOf(sequence), piece);
      if (offsetBytes <= fromBytes && offsetBytes + receivedBytes >= toBytes) pieces?.delete(piece);
    }
  }

  function checkPiece(segment: SegmentKey, piece: number, check: number): void {
    const valid = !(untrue.get(segment)?.has(piece) ?? false);
    const sequence = stream.sequenceOf(segment);
    if (valid) watch.verified(index, sequence, pieceSizeOf(stream.sizeOf(sequence), piece));
    pending.push({ type: "piece-checked", segment, piece, check, valid });
  }

  return {
    input,
    stop() {
      stopped = true;
      for (const exchange of exchanges.values()) exchange.aborted = true;
    },
  };
}
