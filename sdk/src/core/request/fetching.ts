import { PIECE_BYTES, pieceSizeOf } from "@tributary/protocol";
import type { Input } from "../inputs.ts";
import type { LoadFailure } from "../model.ts";
import { raceFactor } from "../limits.ts";
import { announceClaim, announceHave, announceProgress } from "../peer/announcing.ts";
import { pump, refuseWaiting } from "../peer/uploading.ts";
import { deadlineOf } from "../player/playback.ts";
import { p2pActive, warn, type State, type Step } from "../state.ts";
import { isLacking, lackOf, type Holding, type Piece } from "../store/inventory.ts";
import { settle } from "./delivery.ts";
import { countBroken } from "./downloading.ts";
import { cutFetch } from "./cutting.ts";
import { isWholeFetch, type Fetch, type Job, type Load, type Transfer } from "./jobs.ts";
import { tellProgress, tellStarted } from "./progress.ts";
import { isFetched, isReached, owedMs, reachedInMs } from "./reach.ts";
import { cancelAhead, cancelTransfer, cancelTransfers, cancelUnbegun } from "./transfers.ts";

type HttpStarted = Extract<Input, { type: "http-started" }>;
type HttpDone = Extract<Input, { type: "http-done" }>;
type HttpFailed = Extract<Input, { type: "http-failed" }>;

/** hls.js's own defaults. Whoever joins a fetch made with these keeps its own: see `failOverdue`. */
const aheadTimeouts = { firstByteMs: 10_000, loadMs: 120_000 };

/** Starts the CDN on the whole segment and claims it before the neighbours. */
export function fetchWhole(state: State, step: Step, job: Job): void {
  fetchRange(state, step, job, 0, null);
}

/** Starts the CDN on what no peer has brought yet; whole where nothing usable is here or ranges do not work. */
export function fetchRest(state: State, step: Step, job: Job, holding: Holding): void {
  const size = holding.sizeBytes;
  const lacks = (piece: Piece) => isLacking(holding, piece);
  const first = holding.pieces.findIndex(lacks);
  if (size === null || first < 0 || isRangeless(state, job)) {
    fetchWhole(state, step, job);
    return;
  }
  // One gap at a time: what lies between two gaps is here already.
  let last = first;
  while (last + 1 < holding.pieces.length && lacks(holding.pieces[last + 1]!)) last += 1;
  countBroken(state, step, job, holding);
  if (!job.ahead && isLineOwed(state, step, job, holding)) cancelAhead(state, step);
  const endBytes = last * PIECE_BYTES + pieceSizeOf(size, last);
  fetchRange(state, step, job, first * PIECE_BYTES, first === 0 && endBytes === size ? null : endBytes);
  cancelUnbegun(state, step, job, (transfer) => outruns(state, step, job, transfer));
}

/** The reserve counts on a free line: too little of it is left for what partners owe besides. */
function isLineOwed(state: State, { nowMs }: Step, job: Job, holding: Holding): boolean {
  const { bytes, gapCount } = lackOf(holding);
  const owedBytes = state.roster.partners().reduce((sum, { pendingBytes }) => sum + pendingBytes, 0);
  const takesMs = state.cdn.fetchMs((bytes ?? 0) + owedBytes, gapCount);
  return 2 * takesMs > deadlineOf(state.playback, job.info, nowMs) - nowMs;
}

/** The CDN is not bringing this piece, or so slowly that its partner is sooner. */
function outruns(state: State, { nowMs }: Step, job: Job, { peer, piece }: Transfer): boolean {
  if (!isFetched(job, piece)) return true;
  const partner = state.roster.partner(peer);
  return partner !== undefined && owedMs(partner) < raceFactor * reachedInMs(state, job, piece, nowMs);
}

/** Asks the CDN for one piece and no more, without a word to the player; for all where ranges do not work. */
export function fetchPiece(state: State, step: Step, job: Job, holding: Holding): void {
  const piece = holding.pieces.findIndex((each) => isLacking(holding, each));
  if (holding.sizeBytes === null || piece < 0 || isRangeless(state, job)) return fetchWhole(state, step, job);
  const offsetBytes = piece * PIECE_BYTES;
  fetchRange(state, step, job, offsetBytes, offsetBytes + pieceSizeOf(holding.sizeBytes, piece), true);
}

function fetchRange(
  state: State,
  step: Step,
  job: Job,
  offsetBytes: number,
  endBytes: number | null,
  isProbe = false,
): void {
  const load = job.loads[0];
  cutFetch(state, step, job);
  job.fetch = {
    id: state.jobs.nextFetchId(),
    request: load?.request ?? null,
    offsetBytes,
    endBytes,
    startedAtMs: step.nowMs,
    firstByteAtMs: null,
    receivedBytes: 0,
    isProbe,
    isLate: false,
    firstRead: null,
  };
  job.waiting = false;
  state.seeding.asked(job.key);
  step.out.push({
    type: "http-fetch",
    fetch: job.fetch.id,
    segment: job.key,
    source: job.info.source,
    offsetBytes,
    endBytes,
    timeouts: load?.timeouts ?? aheadTimeouts,
    request: load?.request ?? null,
  });
  if (!isProbe) tellStarted(step, job, step.nowMs);
  const holding = state.inventory.ensure(job.info, step.nowMs);
  if (p2pActive(state)) announceClaim(state, step, holding);
}

export function onStarted(state: State, step: Step, started: HttpStarted): void {
  const job = state.jobs.byFetch(started.fetch);
  if (job?.fetch == null) return;
  const { expectedBytes } = started;
  if (started.rangeIgnored) {
    endRanges(state, step, job, "it answers with the whole segment");
    job.fetch = { ...job.fetch, offsetBytes: 0, endBytes: null };
  }
  job.fetch.firstByteAtMs = step.nowMs;
  const holding = state.inventory.ensure(job.info, step.nowMs);
  if (isWholeFetch(job.fetch) && expectedBytes !== null && expectedBytes > 0) {
    if (!state.inventory.setSize(holding, expectedBytes)) restart(state, step, job, holding, expectedBytes);
  }
  tellProgress(state, step, job);
}

export function onProgress(state: State, step: Step, fetchId: number, receivedBytes: number): void {
  const job = state.jobs.byFetch(fetchId);
  if (job?.fetch == null) return;
  account(state, step, job.fetch, receivedBytes);
  const holding = state.inventory.ensure(job.info, step.nowMs);
  state.inventory.cdnArrived(holding, job.fetch.offsetBytes, receivedBytes);
  callOffReached(state, step, job);
  tellProgress(state, step, job);
  if (p2pActive(state)) announceProgress(state, step, holding);
  settle(state, step, job);
}

/** What the CDN has begun to write no peer can bring any more. */
function callOffReached(state: State, step: Step, job: Job): void {
  for (const transfer of job.transfers.values())
    if (isReached(job, transfer.piece)) cancelTransfer(state, step, job, transfer);
}

export function onDone(state: State, step: Step, { fetch: fetchId, receivedBytes, took }: HttpDone): void {
  const job = state.jobs.byFetch(fetchId);
  if (job?.fetch == null) return;
  const { fetch } = job;
  account(state, step, fetch, receivedBytes);
  const sample = {
    sizeBytes: receivedBytes,
    isRange: !isWholeFetch(fetch),
    firstByteMs: took?.firstByteMs ?? (fetch.firstByteAtMs ?? step.nowMs) - fetch.startedAtMs,
    bodyBytes: took ? receivedBytes : receivedBytes - (fetch.firstRead?.bytes ?? 0),
    bodyMs: took?.bodyMs ?? step.nowMs - (fetch.firstRead?.atMs ?? fetch.startedAtMs),
  };
  state.cdn.sample(sample, step.nowMs);
  const holding = state.inventory.ensure(job.info, step.nowMs);
  if (isWholeFetch(fetch)) {
    // The CDN has the last word on the size: what a stale root said before is void.
    if (!state.inventory.setSize(holding, receivedBytes)) restart(state, step, job, holding, receivedBytes);
  }
  state.inventory.cdnArrived(holding, fetch.offsetBytes, receivedBytes);
  if (!isWholeFetch(fetch) && fetch.endBytes !== null && receivedBytes < fetch.endBytes - fetch.offsetBytes) {
    endRanges(state, step, job, "it sends less than the range that was asked for");
    job.fetch = null;
    fetchWhole(state, step, job);
    return;
  }
  if (state.line.isSlow(step.nowMs)) state.line.carries(state.cdn.rateBps() ?? 0, step.nowMs);
  if (fetch.request === null) state.seeding.succeeded();
  job.fetched = fetch;
  job.fetch = null;
  settle(state, step, job);
  pump(state, step);
}

export function onFailed(state: State, step: Step, failure: HttpFailed): void {
  const job = state.jobs.byFetch(failure.fetch);
  if (job?.fetch == null) return;
  const { fetch } = job;
  const isRange = !isWholeFetch(fetch);
  if (fetch.request === null) state.seeding.failed(step.nowMs);
  job.fetch = null;
  if (isRange && isPassing(failure) && !job.rangeRefused && job.loads.length > 0) {
    job.rangeRefused = true;
    return fetchRest(state, step, job, state.inventory.ensure(job.info, step.nowMs));
  }
  if (isRange) endRanges(state, step, job, failure.text);
  // Whoever joined what was made for nobody, or for somebody who is gone, has not had an answer of its own yet.
  const isAnswer = !isRange && job.loads.some(({ request }) => request === fetch.request);
  if (job.loads.length > 0 && !isAnswer) return fetchWhole(state, step, job);
  abandon(state, step, job, {
    kind: failure.reason === "timeout" ? "timeout" : "network",
    status: failure.status,
    text: failure.text,
  });
}

/** The page's own limits hold for a load that joined a fetch as well: they count from when it came. */
export function failOverdue({ nowMs, out }: Step, job: Job): void {
  for (const load of [...job.loads]) {
    if (nowMs < overdueAtMs(job, load)) continue;
    job.loads.splice(job.loads.indexOf(load), 1);
    out.push({ type: "fail-segment", request: load.request, failure: { kind: "timeout", text: "timeout" } });
  }
}

export function overdueAtMs({ fetch }: Job, { atMs, joined, timeouts }: Load): number {
  if (fetch === null || joined !== fetch.id) return Infinity;
  return atMs + (fetch.firstByteAtMs === null ? timeouts.firstByteMs : timeouts.loadMs);
}

/** Gives a job up: its loads fail as they would without us, and neighbours learn that nothing comes from here. */
export function abandon(state: State, step: Step, job: Job, failure: LoadFailure | null): void {
  cutFetch(state, step, job);
  cancelTransfers(state, step, job);
  if (failure !== null) {
    for (const { request } of job.loads) step.out.push({ type: "fail-segment", request, failure });
  }
  state.jobs.close(job.key);
  refuseWaiting(state, step, job.key);
  const holding = state.inventory.get(job.key);
  if (holding === undefined || holding.complete) return;
  state.counters.wastedBytes += holding.cdnPrefixBytes;
  announceHave(state, step, [], [job.key]);
  state.inventory.drop(job.key);
  step.out.push({ type: "evict", segment: job.key });
}

export function isRangeless(state: State, job: Job): boolean {
  return state.session.cdnThroughPlayer || state.rangelessHosts.has(hostOf(job.info.source.url));
}

/** The answer of a host that is busy, or has not got the segment yet: it would say the same to one without a range. */
function isPassing({ status }: HttpFailed): boolean {
  return status === 404 || status === 408 || status === 429 || status >= 500;
}

/** A Range request that failed, and not only for the moment, is the last one to its host. */
function endRanges(state: State, step: Step, job: Job, reason: string): void {
  const host = hostOf(job.info.source.url);
  if (state.rangelessHosts.has(host)) return;
  state.rangelessHosts.add(host);
  warn(
    step,
    "range-unsupported",
    `Range requests to ${host} do not work (${reason}): segments are fetched whole.`,
  );
}

/** A root said another size than the CDN: what came from peers goes, the CDN's bytes stand. */
function restart(state: State, step: Step, job: Job, holding: Holding, sizeBytes: number): void {
  cancelTransfers(state, step, job);
  job.lists.length = 0;
  job.listAskedOf.clear();
  state.inventory.clear(holding);
  state.inventory.setSize(holding, sizeBytes);
}

function account(state: State, step: Step, fetch: Fetch, receivedBytes: number): void {
  fetch.firstByteAtMs ??= step.nowMs;
  if (receivedBytes > 0) fetch.firstRead ??= { atMs: step.nowMs, bytes: receivedBytes };
  const newBytes = Math.max(0, receivedBytes - fetch.receivedBytes);
  state.counters.cdnBytes += newBytes;
  state.line.brought(newBytes, step.nowMs);
  fetch.receivedBytes = receivedBytes;
}

function hostOf(url: string): string {
  return /^[a-z]+:\/\/([^/?#]+)/i.exec(url)?.[1] ?? url;
}
