import { segmentIdOf, type PeerKey, type SegmentKey } from "@tributary/protocol";
import type { CoreConfig } from "./config.ts";
import type { Input } from "./inputs.ts";
import { expel, forgetUnproved } from "./integrity/blame.ts";
import { onContradicted, onHashed, onListChecked, onPieceChecked, onRoots } from "./integrity/proving.ts";
import type { TrackView, TrustedRoot } from "./model.ts";
import type { Output } from "./outputs.ts";
import { greet } from "./peer/announcing.ts";
import { keepPartners, makeRoom, partnersDeadline, recallPartner } from "./peer/partnering.ts";
import { onPeerMessage } from "./peer/receiving.ts";
import { onBuffered, onCredit, onUploadPolicy, pump } from "./peer/uploading.ts";
import { firstFrameTook } from "./player/playback.ts";
import { onChunk } from "./request/downloading.ts";
import * as fetching from "./request/fetching.ts";
import { dropTransfersOf } from "./request/transfers.ts";
import { askRoots } from "./schedule/asking.ts";
import { assignPieces } from "./schedule/assigning.ts";
import { prefetch } from "./schedule/prefetching.ts";
import { schedule } from "./schedule/scheduling.ts";
import { createState, warn, type State, type Step } from "./state.ts";
import { explain } from "./stats/explain.ts";
import { snapshot, type CoreStats } from "./stats/snapshot.ts";

/** The engine without any I/O: feed it what happened and when, carry out what it pushes into `out`. */
export interface Core {
  handle(input: Input, nowMs: number, out: Output[]): void;
  /** When to send a `tick` at the latest, null for no need. */
  nextDeadlineMs(): number | null;
  stats(): CoreStats;
  /** Plain sentences on why peers are, or are not, being used. Most important first. */
  explain(): string[];
  holds(key: SegmentKey): boolean;
  /** The trusted root of a segment in the store, null where none is known. */
  rootOf(key: SegmentKey): TrustedRoot | null;
}

export function createCore(config: CoreConfig): Core {
  const state = createState(config);

  return {
    handle(input, nowMs, out) {
      const step: Step = { nowMs, out, piecesFree: false };
      const quiet = isQuiet(input);
      if (!quiet) state.lateness.woken(nowMs);
      apply(state, step, input);
      if (!quiet) {
        keepPartners(state, step);
        prefetch(state, step);
        askRoots(state, step);
      }
      for (const job of state.jobs.all()) {
        if (!quiet || job.attentionMs <= nowMs) schedule(state, step, job);
      }
      if (step.piecesFree) assignPieces(state, step);
      if (!quiet) state.lateness.asleep(deadlineMs(state), nowMs);
    },
    nextDeadlineMs: () => deadlineMs(state),
    stats: () => snapshot(state),
    explain: () => explain(state),
    rootOf(key) {
      const holding = state.inventory.get(key);
      return holding === undefined ? null : state.roots.of(holding.info);
    },
    holds: (key) => state.inventory.get(key)?.complete ?? false,
  };
}

function deadlineMs(state: State): number | null {
  let next = Math.min(partnersDeadline(state), state.uploads.resumesAtMs());
  for (const { attentionMs } of state.jobs.all()) next = Math.min(next, attentionMs);
  return Number.isFinite(next) ? next : null;
}

/** Inputs that come by the thousand and change no decision about the CDN unless a job asked for attention. */
function isQuiet(input: Input): boolean {
  switch (input.type) {
    case "chunk-received":
    case "http-progress":
    case "peer-buffered":
    case "piece-checked":
    case "list-checked":
      return true;
    case "peer-message":
      return input.message.type !== "bitfield";
    default:
      return false;
  }
}

function apply(state: State, step: Step, input: Input): void {
  switch (input.type) {
    case "playlist-updated":
      onPlaylist(state, input.view);
      return;
    case "segment-wanted": {
      const { segment, request, kind, timeouts, shareable } = input;
      const job = state.jobs.open(segment, step.nowMs);
      const joined = job.fetch?.id ?? null;
      job.loads.push({ request, kind, timeouts, shareable, atMs: step.nowMs, joined });
      job.ahead = false;
      state.tracks.wanted(kind, segment);
      if (job.fetch !== null && !job.fetch.isProbe)
        step.out.push({ type: "load-started", request, startMs: job.fetch.startedAtMs });
      return;
    }
    case "segment-cancelled": {
      const job = state.jobs.byRequest(input.request);
      if (job === undefined) return;
      const at = job.loads.findIndex(({ request }) => request === input.request);
      job.loads.splice(at, 1);
      return;
    }
    case "playhead":
      Object.assign(state.playback, {
        positionMs: input.positionMs,
        rate: input.rate,
        bufferedEndMs: input.bufferedEndMs,
        paused: input.paused,
        hidden: input.hidden,
        reportedAtMs: step.nowMs,
      });
      return;
    case "first-frame":
      onFirstFrame(state, step);
      return;
    case "stalled":
      onStalled(state, step);
      return;
    case "cdn-through-player":
      state.session.cdnThroughPlayer = true;
      return;
    case "http-started":
      fetching.onStarted(state, step, input);
      return;
    case "http-progress":
      fetching.onProgress(state, step, input.fetch, input.receivedBytes);
      return;
    case "http-done":
      fetching.onDone(state, step, input);
      return;
    case "http-failed":
      fetching.onFailed(state, step, input);
      return;
    case "tracker-joining":
      state.session.namesAwaited = true;
      state.roots.verifierAwaited();
      return;
    case "peers-named":
      state.session.namesAwaited = false;
      for (const { peer, ticket } of input.peers) state.roster.named(peer, ticket);
      if (input.peers.length === 0) recallPartner(state, step.nowMs);
      return;
    case "peer-connected":
      onConnected(state, step, input.peer, input.ticket);
      return;
    case "peer-closed":
      onClosed(state, step, input.peer, input.reason);
      return;
    case "peer-message":
      onPeerMessage(state, step, input.peer, input.message);
      return;
    case "chunk-received":
      onChunk(state, step, input);
      return;
    case "peer-buffered": {
      const partner = state.roster.partner(input.peer);
      if (partner !== undefined) onBuffered(state, step, partner, input.bufferedBytes);
      return;
    }
    case "credit":
      onCredit(state, step, input.peer, input.good);
      return;
    case "peer-garbage":
      expel(state, step, input.peer, "peer-garbage", `sent something that cannot be read (${input.reason})`);
      return;
    case "peers-banned":
      for (const peer of input.peers)
        if (!state.roster.isBanned(peer))
          expel(state, step, peer, "peer-banned", "was caught lying by several viewers");
      return;
    case "list-checked":
      onListChecked(state, step, input.segment, input.peer, input.valid);
      return;
    case "piece-checked":
      onPieceChecked(state, step, input);
      return;
    case "segment-hashed":
      onHashed(state, step, input);
      return;
    case "roots":
      onRoots(state, step, input);
      return;
    case "root-contradicted":
      onContradicted(state, step, input.segment);
      return;
    case "tracker-ready":
      state.session.tracker = "ready";
      if (state.session.p2pAllowed && !input.p2pAllowed) {
        warn(step, "p2p-switched-off", "The tracker has switched peer delivery off for everybody.");
      }
      state.session.p2pAllowed = input.p2pAllowed;
      state.roots.verifierAvailable(input.verifier);
      return;
    case "tracker-lost":
      state.session.tracker = "lost";
      state.session.namesAwaited = false;
      state.roots.verifierAvailable(false);
      return;
    case "swarm":
      state.session.viewerCount = input.viewerCount;
      state.session.copiesTarget = input.copiesTarget;
      state.session.ticket = input.ticket;
      return;
    case "upload-policy":
      onUploadPolicy(state, step, input);
      return;
    case "pause":
      state.session.paused = true;
      for (const { peer } of state.roster.partners()) {
        onClosed(state, step, peer, "paused");
        step.out.push({ type: "close-peer", peer, reason: "paused" });
      }
      return;
    case "resume":
      state.session.paused = false;
      state.session.announcedAtMs = Number.NEGATIVE_INFINITY;
      return;
    case "tick":
      pump(state, step);
      return;
  }
}

/** Of what is neither listed nor held any more nobody needs the root. */
function onPlaylist({ tracks, roots, inventory }: State, view: TrackView): void {
  tracks.update(view);
  roots.keep((key) => {
    const { track, sequence } = segmentIdOf(key)!;
    return sequence >= tracks.firstSequence(track) || inventory.get(key) !== undefined;
  });
}

function onFirstFrame({ session, playback }: State, { nowMs }: Step): void {
  if (!session.frameShown && session.startedAtMs !== null)
    firstFrameTook(playback, nowMs - session.startedAtMs);
  session.frameShown = true;
}

/** DESIGN 5.1: one stall while waiting for peers, and the rest of the session asks the CDN first. */
function onStalled(state: State, step: Step): void {
  const isOurs = state.jobs.all().some(({ waiting, fetch }) => waiting && fetch === null);
  if (state.session.breakerOpen || !isOurs) return;
  state.session.breakerOpen = true;
  warn(
    step,
    "stall-while-waiting",
    "Playback stalled while waiting for a peer: from now on the CDN is asked first.",
  );
}

function onConnected(state: State, step: Step, peer: PeerKey, ticket: number): void {
  const full = state.roster.partners().length >= state.config.partnersMax && !makeRoom(state, step);
  const partner = full || state.session.paused ? null : state.roster.connected(peer, ticket, step.nowMs);
  if (partner === null) {
    step.out.push({ type: "close-peer", peer, reason: full ? "full" : "unwanted" });
    return;
  }
  step.out.push({ type: "event", event: { type: "peer", peer, state: "connected", reason: "" } });
  greet(state, step, partner);
}

function onClosed(state: State, step: Step, peer: PeerKey, reason: string): void {
  const wasPartner = state.roster.partner(peer) !== undefined;
  forgetUnproved(state, peer);
  dropTransfersOf(state, step, peer);
  state.uploads.removePeer(peer);
  state.roster.closed(peer, step.nowMs);
  if (wasPartner) step.out.push({ type: "event", event: { type: "peer", peer, state: "closed", reason } });
}
