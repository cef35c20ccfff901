import type { Input, SegmentInfo, TrackView } from "@tributary/sdk/core";
import type { EventQueue } from "../event-queue.ts";
import type { Watch } from "../probe.ts";
import type { Stream } from "../stream/stream.ts";
import { createTimeline, type Timeline } from "./timeline.ts";

/** What hls.js does, as far as an engine can tell: one load after another, buffers, playlist reloads, stalls. */
export interface Player {
  /** The playlists have just been loaded for the first time. */
  start(): void;
  delivered(request: number): void;
  failed(request: number): void;
  seek(toMs: number): void;
  stop(): void;
  positionMs(): number;
  /** Of a visit that outlasts the simulation. */
  lastMeasures(): { readonly playedMs: number; readonly stalledMs: number };
}

export interface PlayerEnvironment {
  readonly index: number;
  readonly queue: EventQueue;
  readonly stream: Stream;
  readonly watch: Watch;
  readonly arrivedAtMs: number;
  /** Round trip of a playlist request. */
  readonly playlistMs: number;
  input(input: Input): void;
}

/** hls.js: maxBufferLength 30 s grows to what 60 MB hold, 600 s at most. */
const bufferMaxBytes = 60e6;
const bufferMinMs = 30_000;
const bufferMaxMs = 600_000;
/** hls.js: liveSyncDurationCount. */
const liveSyncCount = 3;
/** Transmuxing and appending a segment. */
const appendMs = 30;
/** hls.js: fragLoadPolicy's first retry delay. */
const retryMs = 1000;
/** Between two reports of a playhead that moves as expected; browsers fire timeupdate more often. */
const reportMs = 1000;
const timeouts = { firstByteMs: 10_000, loadMs: 120_000 };

interface Load {
  readonly request: number;
  readonly sequence: number;
  readonly sinceMs: number;
}

/** What rounding leaves of a title that is at its end. */
const roundingMs = 0.01;

export function createPlayer(environment: PlayerEnvironment): Player {
  const { index, queue, stream, watch, input } = environment;
  const aheadMs = Math.min(bufferMaxMs, Math.max(bufferMinMs, (bufferMaxBytes * 8000) / stream.bitrateBps));
  const timeline: Timeline = createTimeline(queue, { dry });
  let view: TrackView | null = null;
  let load: Load | null = null;
  let request = 0;
  let nextSequence = 0;
  let stopped = false;
  let started = false;
  let waiting: { readonly sinceMs: number; readonly reason: "stall" | "seek" } | null = null;
  let reloadDueMs = 0;
  const reports = { fire: report };
  const appends = { fire: append };
  const reloads = { fire: reload };
  const loads = { fire: loadNext };

  function tellPlayhead(): void {
    const positionMs = timeline.positionMs();
    const bufferedEndMs = Math.max(positionMs, timeline.bufferedEndMs());
    input({ type: "playhead", positionMs, rate: 1, bufferedEndMs, paused: false, hidden: false });
  }

  function report(): void {
    if (stopped) return;
    tellPlayhead();
    queue.at(queue.nowMs() + reportMs, reports, null);
  }

  /** hls.js reloads at the pace of the target duration, and at twice that where nothing new was listed. */
  function reload(): void {
    if (stopped || view === null) return;
    const latest = stream.viewAt(queue.nowMs());
    const changed = latest !== view;
    view = latest;
    reloadDueMs += changed ? stream.segmentMs : stream.segmentMs / 2;
    queue.at(reloadDueMs + environment.playlistMs, reloads, null);
    if (changed) input({ type: "playlist-updated", view });
    loadNext();
  }

  function loadNext(): void {
    if (stopped || load !== null || view === null) return;
    const segments = view.segments;
    const first = segments[0]?.id.sequence ?? 0;
    if (nextSequence < first) skipTo(first + Math.max(0, segments.length - liveSyncCount));
    const segment = segments[nextSequence - (segments[0]?.id.sequence ?? 0)];
    if (segment === undefined) return;
    const surplusMs = timeline.bufferedEndMs() - timeline.positionMs() - aheadMs;
    if (surplusMs >= 0) {
      queue.at(queue.nowMs() + surplusMs + 100, loads, null);
      return;
    }
    want(segment);
  }

  function want(segment: SegmentInfo): void {
    load = { request: ++request, sequence: segment.id.sequence, sinceMs: queue.nowMs() };
    tellPlayhead();
    watch.wanted(index, request, load.sequence, load.sinceMs);
    input({ type: "segment-wanted", request, segment, kind: "main", timeouts, shareable: true });
  }

  /** The live window has moved on past what the player wanted. */
  function skipTo(sequence: number): void {
    nextSequence = sequence;
    timeline.jump(sequence * stream.segmentMs);
    waiting ??= { sinceMs: queue.nowMs(), reason: "stall" };
  }

  function append(sequence: number): void {
    if (stopped) return;
    timeline.append(sequence * stream.segmentMs, (sequence + 1) * stream.segmentMs);
    nextSequence = sequence + 1;
    if (timeline.bufferedEndMs() > timeline.positionMs()) {
      nextSequence = firstMissing();
      resume();
    }
    loadNext();
  }

  /** The segment at the end of what is buffered around the playhead. */
  function firstMissing(): number {
    return Math.ceil(timeline.bufferedEndMs() / stream.segmentMs - 1e-6);
  }

  function resume(): void {
    if (!started) {
      started = true;
      watch.started(index, queue.nowMs() - environment.arrivedAtMs);
      input({ type: "first-frame" });
    } else if (waiting !== null) {
      watch.resumed(index, queue.nowMs() - waiting.sinceMs, waiting.reason, queue.nowMs());
    }
    waiting = null;
    timeline.play();
  }

  function dry(): void {
    if (stopped || waiting !== null) return;
    const endMs = stream.segmentCount * stream.segmentMs;
    if (!stream.live && timeline.positionMs() > endMs - roundingMs) return;
    waiting = { sinceMs: queue.nowMs(), reason: "stall" };
    watch.stalled(index, queue.nowMs());
    input({ type: "stalled" });
    tellPlayhead();
  }

  return {
    start() {
      view = stream.viewAt(queue.nowMs());
      const { segments } = view;
      nextSequence = stream.live ? segments[Math.max(0, segments.length - liveSyncCount)]!.id.sequence : 0;
      timeline.jump(nextSequence * stream.segmentMs);
      input({ type: "playlist-updated", view });
      if (stream.live) {
        reloadDueMs = queue.nowMs() - environment.playlistMs + stream.segmentMs;
        queue.at(reloadDueMs + environment.playlistMs, reloads, null);
      }
      loadNext();
      queue.at(queue.nowMs() + reportMs, reports, null);
    },
    delivered(delivered) {
      if (load?.request !== delivered) return;
      const { sequence } = load;
      load = null;
      queue.at(queue.nowMs() + appendMs, appends, sequence);
    },
    failed(failed) {
      if (load?.request !== failed) return;
      load = null;
      queue.at(queue.nowMs() + retryMs, loads, null);
    },
    seek(toMs) {
      if (stopped || !started) return;
      timeline.jump(toMs);
      if (timeline.bufferedEndMs() > toMs) {
        waiting = null;
        timeline.play();
        nextSequence = firstMissing();
        tellPlayhead();
      } else {
        waiting = { sinceMs: queue.nowMs(), reason: "seek" };
        nextSequence = Math.floor(toMs / stream.segmentMs);
      }
      if (load !== null && load.sequence !== nextSequence) {
        const { request: cancelled, sequence } = load;
        load = null;
        watch.ended(index, cancelled, sequence, "cancelled", queue.nowMs());
        input({ type: "segment-cancelled", request: cancelled });
      }
      if (load === null) loadNext();
    },
    stop() {
      stopped = true;
      watch.played(index, timeline.playedMs());
      if (waiting !== null)
        watch.resumed(index, queue.nowMs() - waiting.sinceMs, waiting.reason, queue.nowMs());
      if (load !== null) watch.ended(index, load.request, load.sequence, "left", queue.nowMs());
    },
    positionMs: () => timeline.positionMs(),
    lastMeasures: () => ({
      playedMs: timeline.playedMs(),
      stalledMs: waiting?.reason === "stall" ? queue.nowMs() - waiting.sinceMs : 0,
    }),
  };
}
