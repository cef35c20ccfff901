import {
  CHUNK_BYTES,
  encodePeerMessage,
  MAX_SEGMENT_BYTES,
  PIECE_BYTES,
  pieceCountOf,
  segmentKeyOf,
  peerKeyOf,
} from "@tributary/protocol";
import type { PeerKey, PeerMessage, SegmentKey } from "@tributary/protocol";
import { createCore, defaultCoreConfig, type Core, type CoreConfig } from "../index.ts";
import type { Input } from "../inputs.ts";
import type { CdnTimeouts, CoreEvent, LoadFailure, SegmentInfo, TrackView } from "../model.ts";
import type { Output } from "../outputs.ts";

/** A few engines, a CDN and links between them on one made-up clock: enough to test rules, not to measure. */
export interface WorldOptions {
  /** The playlist has no end: segments are listed one by one. */
  readonly live?: boolean;
  /** Each is the first LL-HLS part of its segment. */
  readonly parts?: boolean;
  readonly segmentBytes?: number;
  readonly segmentMs?: number;
  readonly segmentCount?: number;
  readonly cdnFirstByteMs?: number;
  readonly cdnBps?: number;
  readonly linkMs?: number;
  /** There is a rendition of a lower bitrate. */
  readonly lower?: boolean;
  readonly roots?: boolean;
  /** How long the verifier takes for an answer. */
  readonly rootsMs?: number;
}

export interface Viewer {
  readonly name: string;
  readonly peer: PeerKey;
  readonly core: Core;
  readonly delivered: { sequence: number; atMs: number; tainted: boolean }[];
  readonly failures: LoadFailure[];
  readonly events: CoreEvent[];
  readonly sent: Output[];
  fetches: number;
  stalls: number;
  positionMs: number;
  bufferedEndMs: number;
  /** Set to mutate what this viewer sends: a liar. */
  taintsPieces: boolean;
  /** Segments whose next copy from the CDN arrives damaged. */
  readonly damaged: Set<number>;
  /** Set to make this viewer swallow every message to it. */
  deaf: boolean;
  /** Set to keep the answers about digests back until `releaseChecks`. */
  holdChecks: boolean;
  releaseChecks(valid: boolean): void;
  input(input: Input): void;
  play(fromSequence?: number): void;
  want(sequence: number, timeouts?: CdnTimeouts): void;
  leave(): void;
  hasLeft(): boolean;
}

const clean = new Uint8Array([0]);
const tainted = new Uint8Array([1]);

export function createWorld(options: WorldOptions = {}) {
  const segmentBytes = options.segmentBytes ?? 250_000;
  const segmentMs = options.segmentMs ?? 4000;
  const linkMs = options.linkMs ?? 15;
  const queue: { atMs: number; order: number; run: () => void }[] = [];
  const viewers: Viewer[] = [];
  const links = new Map<string, boolean>();
  let nowMs = 0;
  let order = 0;
  let cdnBps = options.cdnBps ?? 20_000_000;
  let cdnStatus: number | null = null;
  let failingSequence: number | null = null;
  let cdnIsMute = false;
  let cdnRangesWork = true;
  let cdnCopies = 0;
  let cdnBytes = 0;
  let publishedCount = options.segmentCount ?? 15;

  const later = (delayMs: number, run: () => void) =>
    void queue.push({ atMs: nowMs + delayMs, order: order++, run });

  const segment = (sequence: number): SegmentInfo => {
    const id = { track: 7, sequence, part: options.parts === true ? 0 : -1, fingerprint: 1000 + sequence };
    return {
      id,
      key: segmentKeyOf(id),
      startMs: sequence * segmentMs,
      durationMs: segmentMs,
      source: { url: `https://cdn.test/${sequence}.ts`, rangeStartBytes: null, rangeLengthBytes: null },
      root: options.roots === false ? null : { hash: `root-${sequence}`, sizeBytes: segmentBytes },
    };
  };
  const view = (): TrackView => ({
    track: 7,
    kind: "main",
    live: options.live ?? false,
    targetDurationMs: segmentMs,
    partTargetMs: 0,
    lower: options.lower ?? false,
    segments: Array.from({ length: publishedCount }, (_, sequence) => segment(sequence)),
  });

  /** @param otherTitle the CDN answers this viewer with another title's bytes at the same paths; verifier and rest know one */
  function addViewer(config: Partial<CoreConfig> = {}, { named = true, otherTitle = false } = {}): Viewer {
    const index = viewers.length + 1;
    const peer = peerKeyOf(new Uint8Array(16).fill(index));
    const core = createCore({ ...defaultCoreConfig, ...config });
    const ownData = otherTitle ? tainted : clean;
    /** What peers wrote, by piece. */
    const written = new Map<SegmentKey, Map<number, number>>();
    const aborted = new Set<number>();
    const heldChecks: ((valid: boolean) => void)[] = [];
    let request = 0;
    let gone = false;
    let playing = false;
    let wakeAtMs = Infinity;

    const viewer: Viewer = {
      name: `v${index}`,
      peer,
      core,
      delivered: [],
      failures: [],
      events: [],
      sent: [],
      fetches: 0,
      stalls: 0,
      positionMs: 0,
      bufferedEndMs: 0,
      taintsPieces: false,
      damaged: new Set(),
      deaf: false,
      holdChecks: false,
      releaseChecks(valid) {
        viewer.holdChecks = false;
        for (const answer of heldChecks.splice(0)) answer(valid);
      },
      input(input) {
        if (gone) return;
        const out: Output[] = [];
        core.handle(input, nowMs, out);
        for (const output of out) perform(output);
        arm();
      },
      want(sequence, timeouts = { firstByteMs: 10_000, loadMs: 120_000 }) {
        viewer.input(playhead());
        viewer.input({
          type: "segment-wanted",
          request: ++request,
          segment: segment(sequence),
          kind: "main",
          timeouts,
          shareable: true,
        });
      },
      play(fromSequence = 0) {
        playing = true;
        viewer.positionMs = viewer.bufferedEndMs = fromSequence * segmentMs;
        viewer.want(fromSequence);
        clock();
      },
      leave() {
        gone = true;
        for (const other of viewers) if (linked(viewer, other)) unlink(viewer, other);
      },
      hasLeft: () => gone,
    };

    const playhead = (): Input => ({
      type: "playhead",
      positionMs: viewer.positionMs,
      rate: 1,
      bufferedEndMs: viewer.bufferedEndMs,
      paused: false,
      hidden: false,
    });

    function clock() {
      if (gone) return;
      const wasDry = viewer.bufferedEndMs <= viewer.positionMs;
      const canAdvance = Math.min(100, viewer.bufferedEndMs - viewer.positionMs);
      viewer.positionMs += Math.max(0, canAdvance);
      const ended = viewer.positionMs >= publishedCount * segmentMs;
      if (!wasDry && !ended && viewer.bufferedEndMs <= viewer.positionMs) {
        viewer.stalls += 1;
        viewer.input({ type: "stalled" });
      }
      viewer.input(playhead());
      later(100, clock);
    }

    function arm() {
      const next = core.nextDeadlineMs();
      if (next === null || next >= wakeAtMs) return;
      wakeAtMs = next;
      later(Math.max(0, next - nowMs), () => {
        wakeAtMs = Infinity;
        viewer.input({ type: "tick" });
      });
    }

    function perform(output: Output) {
      viewer.sent.push(output);
      switch (output.type) {
        case "http-fetch":
          serve(output);
          return;
        case "http-abort":
          aborted.add(output.fetch);
          return;
        case "connect-peer":
          later(linkMs * 4, () => {
            const other = viewers.find((one) => one.peer === output.peer);
            if (other !== undefined) connect(viewer, other);
          });
          return;
        case "close-peer": {
          const other = viewers.find((one) => one.peer === output.peer);
          if (other !== undefined) unlink(viewer, other, output.reason);
          return;
        }
        case "send-to-peer":
          // Throws where the message has no place on the wire: the adapter would drop it without a word.
          encodePeerMessage(output.message);
          transmit(viewer, output.peer, { type: "peer-message", peer, message: output.message });
          return;
        case "send-hashes": {
          const bytes = segmentBytes;
          const message: PeerMessage = {
            type: "piece-hashes",
            segment: segmentOf(output.segment).id,
            sizeBytes: bytes,
            hashes: new Uint8Array(32 * pieceCountOf(bytes)),
          };
          transmit(viewer, output.peer, { type: "peer-message", peer, message });
          return;
        }
        case "send-piece":
          for (let at = 0; at < output.lengthBytes; at += CHUNK_BYTES) {
            transmit(viewer, output.peer, {
              type: "chunk-received",
              peer,
              requestId: output.requestId,
              offsetBytes: output.offsetBytes + at,
              lengthBytes: Math.min(CHUNK_BYTES, output.lengthBytes - at),
              data: viewer.taintsPieces ? tainted : ownData,
            });
          }
          later(5, () => viewer.input({ type: "peer-buffered", peer: output.peer, bufferedBytes: 0 }));
          return;
        case "write-chunk": {
          const piece = Math.floor(output.offsetBytes / PIECE_BYTES);
          const pieces = written.get(output.segment) ?? new Map<number, number>();
          const isFirst = output.offsetBytes === piece * PIECE_BYTES;
          pieces.set(piece, Math.max(output.data[0]!, isFirst ? 0 : (pieces.get(piece) ?? 0)));
          written.set(output.segment, pieces);
          return;
        }
        case "check-list":
          later(1, () =>
            viewer.input({
              type: "list-checked",
              segment: output.segment,
              peer: output.peer,
              valid: output.sizeBytes === segmentBytes,
            }),
          );
          return;
        case "check-piece": {
          const data = written.get(output.segment)?.get(output.piece) ?? ownData[0];
          const valid = data === clean[0];
          const { segment: key, piece, check } = output;
          const answer = (verdict: boolean) =>
            viewer.input({ type: "piece-checked", segment: key, piece, check, valid: verdict });
          if (viewer.holdChecks) heldChecks.push(answer);
          else later(1, () => answer(valid));
          return;
        }
        case "hash-segment": {
          const { sequence } = segmentOf(output.segment).id;
          if (segmentBytes === 0 || segmentBytes > MAX_SEGMENT_BYTES) return;
          later(1, () =>
            viewer.input({
              type: "segment-hashed",
              segment: output.segment,
              sizeBytes: segmentBytes,
              root: otherTitle || viewer.damaged.delete(sequence) ? `other-${sequence}` : `root-${sequence}`,
            }),
          );
          return;
        }
        case "ask-roots":
          later(options.rootsMs ?? 40, () =>
            viewer.input({
              type: "roots",
              roots: output.segments.map(({ id }) => ({
                segment: segmentKeyOf(id),
                root: { hash: `root-${id.sequence}`, sizeBytes: segmentBytes },
              })),
            }),
          );
          return;
        case "deliver-segment": {
          const { sequence } = segmentOf(output.segment).id;
          const pieces = [...(written.get(output.segment)?.values() ?? [])];
          const isTainted = pieces.some((data) => data !== ownData[0]);
          viewer.delivered.push({ sequence, atMs: nowMs, tainted: isTainted });
          viewer.bufferedEndMs = Math.max(viewer.bufferedEndMs, (sequence + 1) * segmentMs);
          later(60, () => viewer.input({ type: "first-frame" }));
          if (playing) later(10, () => next(sequence + 1));
          return;
        }
        case "fail-segment":
          viewer.failures.push(output.failure);
          return;
        case "event":
          viewer.events.push(output.event);
          return;
        case "admit-peers":
        case "announce":
        case "load-started":
        case "load-progress":
        case "evict":
        case "report-peer":
          return;
        case "report-root-conflict":
          for (const other of viewers.filter(({ peer: of }) => of !== peer))
            later(linkMs, () => {
              if (!other.hasLeft())
                other.input({ type: "root-contradicted", segment: segmentKeyOf(output.segment) });
            });
          return;
      }
    }

    function next(sequence: number) {
      if (gone) return;
      if (sequence < publishedCount) viewer.want(sequence);
      else later(200, () => next(sequence));
    }

    function serve(output: Extract<Output, { type: "http-fetch" }>) {
      viewer.fetches += 1;
      const endBytes = output.endBytes ?? segmentBytes;
      const isRange = output.offsetBytes > 0 || output.endBytes !== null;
      const { fetch } = output;
      const { sequence } = segmentOf(output.segment).id;
      if (cdnIsMute) return;
      later(options.cdnFirstByteMs ?? 30, () => {
        if (aborted.has(fetch)) return;
        if (cdnStatus !== null && (failingSequence ?? sequence) === sequence) {
          viewer.input({ type: "http-failed", fetch, reason: "status", status: cdnStatus, text: "refused" });
          return;
        }
        const rangeIgnored = isRange && !cdnRangesWork;
        const startBytes = rangeIgnored ? 0 : output.offsetBytes;
        const total = (rangeIgnored ? segmentBytes : endBytes) - startBytes;
        cdnCopies += 1;
        viewer.input({ type: "http-started", fetch, expectedBytes: total, rangeIgnored });
        let received = 0;
        const step = () => {
          if (aborted.has(fetch)) return;
          const bytes = Math.min(total - received, (cdnBps / 8000) * 20);
          received += bytes;
          cdnBytes += bytes;
          for (let piece = 0; piece * PIECE_BYTES < startBytes + received; piece++) {
            if (piece * PIECE_BYTES >= startBytes) written.get(output.segment)?.delete(piece);
          }
          viewer.input({ type: "http-progress", fetch, receivedBytes: received });
          if (received < total) later(20, step);
          else viewer.input({ type: "http-done", fetch, receivedBytes: received });
        };
        step();
      });
    }

    viewers.push(viewer);
    viewer.input({ type: "playlist-updated", view: view() });
    if (named) name(viewer);
    return viewer;
  }

  /** The tracker's answer to a JOIN. */
  function name(viewer: Viewer): void {
    const others = viewers.filter((other) => other !== viewer);
    viewer.input({ type: "tracker-ready", p2pAllowed: true, verifier: options.roots === false });
    viewer.input({
      type: "swarm",
      viewerCount: viewers.length,
      copiesTarget: 1,
      ticket: ticketOf(viewer),
    });
    viewer.input({
      type: "peers-named",
      peers: others.map((other) => ({ peer: other.peer, ticket: ticketOf(other) })),
    });
  }

  function segmentOf(key: SegmentKey): SegmentInfo {
    return segment(Number(key.split(".")[1]));
  }
  const linkName = (a: Viewer, b: Viewer) => [a.name, b.name].sort().join("-");
  const linked = (a: Viewer, b: Viewer) => links.get(linkName(a, b)) ?? false;
  const ticketOf = (viewer: Viewer) => (viewers.indexOf(viewer) + 1) * 7919;

  function connect(a: Viewer, b: Viewer) {
    if (linked(a, b)) return;
    links.set(linkName(a, b), true);
    a.input({ type: "peer-connected", peer: b.peer, ticket: ticketOf(b) });
    b.input({ type: "peer-connected", peer: a.peer, ticket: ticketOf(a) });
  }

  function unlink(a: Viewer, b: Viewer, reason = "left") {
    if (!linked(a, b)) return;
    links.set(linkName(a, b), false);
    later(0, () => a.input({ type: "peer-closed", peer: b.peer, reason }));
    later(linkMs, () => b.input({ type: "peer-closed", peer: a.peer, reason }));
  }

  function transmit(from: Viewer, to: PeerKey, input: Input) {
    const other = viewers.find((one) => one.peer === to);
    if (other === undefined) return;
    later(linkMs, () => {
      if (linked(from, other) && !other.deaf) other.input(input);
    });
  }

  return {
    viewers,
    addViewer,
    name,
    segment,
    connect,
    unlink,
    now: () => nowMs,
    cdnCopies: () => cdnCopies,
    cdnBytes: () => cdnBytes,
    /** @param sequence of the only segment that it fails for */
    failCdn(status: number | null, sequence: number | null = null) {
      cdnStatus = status;
      failingSequence = sequence;
    },
    /** Requests get no answer at all. */
    muteCdn: () => void (cdnIsMute = true),
    paceCdn: (bps: number) => void (cdnBps = bps),
    breakRanges: () => void (cdnRangesWork = false),
    /** A live edge: one more segment is listed, and each viewer sees it after its own delay. */
    publish(delaysMs: readonly number[]) {
      publishedCount += 1;
      viewers.forEach((viewer, index) =>
        later(delaysMs[index] ?? 0, () => viewer.input({ type: "playlist-updated", view: view() })),
      );
    },
    at: later,
    /** Lets the clock run so long. */
    run(forMs: number) {
      const untilMs = nowMs + forMs;
      for (;;) {
        let first = -1;
        queue.forEach((event, index) => {
          const best = queue[first];
          if (
            best === undefined ||
            event.atMs < best.atMs ||
            (event.atMs === best.atMs && event.order < best.order)
          ) {
            first = index;
          }
        });
        const event = queue[first];
        if (event === undefined || event.atMs > untilMs) break;
        queue.splice(first, 1);
        nowMs = Math.max(nowMs, event.atMs);
        event.run();
      }
      nowMs = untilMs;
    },
  };
}
