import { announceHave } from "../peer/announcing.ts";
import { isUploadOff, pump, tellUploadOn } from "../peer/uploading.ts";
import { warn, type State, type Step } from "../state.ts";
import { isMixed, isWhole, peerShare, type Holding } from "../store/inventory.ts";
import { gave } from "../player/playback.ts";
import { makeRoom } from "../store/eviction.ts";
import { goodputGuessBps } from "../estimate/goodput.ts";
import type { LoadTiming } from "../model.ts";
import { proveCdnPieces } from "../integrity/checks.ts";
import { cutFetch } from "./cutting.ts";
import { cancelTransfers } from "./transfers.ts";
import type { Job } from "./jobs.ts";

/** Delivers the segment if all of it is here and proved; otherwise leaves the job as it is. */
export function settle(state: State, step: Step, job: Job): void {
  const holding = state.inventory.get(job.key);
  if (holding === undefined || !isWhole(holding)) return;
  if (isMixed(holding)) {
    proveCdnPieces(state, step, holding);
    return;
  }
  const share = peerShare(holding);
  if (share.bytes === 0 && job.fetch !== null) return;
  finish(state, step, job, holding);
}

function finish(state: State, step: Step, job: Job, holding: Holding): void {
  const sizeBytes = holding.sizeBytes ?? 0;
  const share = peerShare(holding);
  state.inventory.complete(holding);
  cancelTransfers(state, step, job);
  cutFetch(state, step, job);
  handOver(state, step, job, sizeBytes, timingOf(state, step, job, sizeBytes, share.bytes));
  count(state, step, job, sizeBytes, share);
  if (holding.list === "checked") announceHave(state, step, [job.key], []);
  else step.out.push({ type: "hash-segment", segment: job.key });
  makeRoom(state, step);
  pump(state, step);
}

function count(
  state: State,
  step: Step,
  job: Job,
  sizeBytes: number,
  share: ReturnType<typeof peerShare>,
): void {
  const { id } = job.info;
  if (state.tracks.view(id.track)?.kind === "main")
    state.line.watched((sizeBytes * 8000) / job.info.durationMs);
  state.counters.peerBytes += share.bytes;
  if (share.bytes > 0) state.counters.segmentsFromPeers += 1;
  else state.counters.segmentsFromCdn += 1;
  const cdnBytes = sizeBytes - share.bytes;
  step.out.push({
    type: "event",
    event: {
      type: "segment",
      track: id.track,
      sequence: id.sequence,
      part: id.part,
      sizeBytes,
      peerBytes: share.bytes,
      cdnBytes,
      from: share.from,
    },
  });
}

/**
 * Real times for a CDN fetch. For bytes from peers the times that a fetch at the CDN's latest rate would have
 * shown: the next level may have no holder, so hls.js must not take a neighbour's speed for the network's.
 */
function timingOf(state: State, step: Step, job: Job, sizeBytes: number, peerBytes: number): LoadTiming {
  const endMs = step.nowMs;
  if (peerBytes === 0 && job.fetched !== null) {
    return { startMs: job.fetched.startedAtMs, firstByteMs: job.fetched.firstByteAtMs ?? endMs, endMs };
  }
  const rateBps = state.cdn.rateBps() ?? goodputGuessBps;
  const bodyMs = (sizeBytes * 8000) / rateBps;
  const firstByteMs = endMs - bodyMs;
  return { startMs: firstByteMs - state.cdn.firstByteMs(), firstByteMs, endMs };
}

/** A wanted segment that is held already goes to the player without any network. */
export function deliverHeld(state: State, step: Step, job: Job, holding: Holding): void {
  holding.lastUsedMs = step.nowMs;
  const sizeBytes = holding.sizeBytes ?? 0;
  handOver(state, step, job, sizeBytes, timingOf(state, step, job, sizeBytes, sizeBytes));
  announceHave(state, step, [], []);
}

function handOver(state: State, step: Step, job: Job, sizeBytes: number, timing: LoadTiming): void {
  for (const load of job.loads) {
    step.out.push({ type: "deliver-segment", request: load.request, segment: job.key, sizeBytes, timing });
    state.tracks.delivered(load.kind, job.info);
    if (load.kind !== "main") continue;
    state.session.startedAtMs ??= step.nowMs;
    gave(state.playback, job.info, step.nowMs);
  }
  state.jobs.close(job.key);
}

/** The store has the list of a segment that came from the CDN: from now on it can be proved, so it is offered. */
export function learnOwnRoot(state: State, step: Step, key: Job["key"], root: string): void {
  const holding = state.inventory.get(key);
  if (holding === undefined || !holding.complete) return;
  holding.list = "own";
  holding.ownRoot = root;
  compareOwn(state, step, holding);
  if (holding.quarantined) return;
  announceHave(state, step, [key], []);
  pump(state, step);
}

/** What the CDN brought is compared with what was told of it, whichever comes first. */
export function compareOwn(state: State, step: Step, holding: Holding): void {
  const told = state.roots.told(holding.info);
  if (holding.ownRoot === null || told === null) return;
  const same = told.hash === holding.ownRoot;
  const relied = state.roots.of(holding.info) !== null;
  const wasOff = isUploadOff(state);
  if (told !== holding.info.root && (same || !holding.quarantined)) state.roots.compared(same);
  if (wasOff) tellUploadOn(state, step);
  if (same) holding.quarantined = false;
  else if (!holding.quarantined) quarantine(step, holding, relied);
}

/**
 * The CDN's own bytes contradict the root. Nobody is to blame: the segment simply stays with the CDN.
 * @param relied whether the root was one to go by: whom the verifier has never agreed with may watch another title
 */
export function quarantine(step: Step, holding: Holding, relied: boolean): void {
  holding.quarantined = true;
  const { id } = holding.info;
  if (relied) step.out.push({ type: "report-root-conflict", segment: id });
  warn(
    step,
    "root-conflict",
    `Segment ${id.sequence} from the CDN does not match its trusted root: peers are not used for it.`,
  );
}
