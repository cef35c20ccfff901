import type { PeerKey, PeerMessage, SegmentKey } from "@tributary/protocol";
import { pieceSizeOf, segmentKeyOf } from "@tributary/protocol";
import { announceProgress } from "../peer/announcing.ts";
import { pump } from "../peer/uploading.ts";
import { compareOwn, learnOwnRoot, quarantine, settle } from "../request/delivery.ts";
import { fetchWhole } from "../request/fetching.ts";
import { cancelTransfers } from "../request/transfers.ts";
import type { Job } from "../request/jobs.ts";
import type { Input } from "../inputs.ts";
import type { State, Step } from "../state.ts";
import type { Holding } from "../store/inventory.ts";
import { expel } from "./blame.ts";
import { provePiece } from "./checks.ts";

type PieceChecked = Extract<Input, { type: "piece-checked" }>;
type SegmentHashed = Extract<Input, { type: "segment-hashed" }>;
type PieceHashes = Extract<PeerMessage, { type: "piece-hashes" }>;

/** Lists kept for one segment until its root is known: one honest one is enough, a few survive liars. */
const uncheckedListsMax = 3;

/** A partner sent the list it was asked for: it is checked against the root now, or when the root comes. */
export function onHashes(state: State, step: Step, peer: PeerKey, message: PieceHashes): void {
  const job = state.jobs.get(segmentKeyOf(message.segment));
  if (job === undefined || !job.listAskedOf.has(peer)) return;
  const holding = state.inventory.ensure(job.info, step.nowMs);
  if (holding.list !== "none" || job.lists.some((list) => list.peer === peer)) return;
  if (job.lists.length >= uncheckedListsMax) {
    // There is no room now: with the next request it is asked for again.
    job.listAskedOf.delete(peer);
    return;
  }
  job.lists.push({ peer, sizeBytes: message.sizeBytes, hashes: message.hashes });
  checkNextList(state, step, job, holding);
}

/** The verifier answered. With its word on what is held here all of its answers may become good for something. */
export function onRoots(state: State, step: Step, { roots }: Extract<Input, { type: "roots" }>): void {
  for (const { segment, root } of roots) {
    if (!state.roots.verified(segment, root)) continue;
    const holding = state.inventory.get(segment);
    if (holding !== undefined) compareOwn(state, step, holding);
  }
  useRoots(state, step);
}

/** What others' bytes contradict is true for nobody: what peers brought by it goes, unless this viewer's copy is the CDN's. */
export function onContradicted(state: State, step: Step, key: SegmentKey): void {
  const holding = state.inventory.get(key);
  const job = state.jobs.get(key);
  if (!state.roots.contradicted(key) || holding === undefined) return;
  if (holding.info.root !== null || holding.ownRoot !== null) return;
  holding.quarantined = true;
  if (holding.complete) return;
  if (job !== undefined) cancelTransfers(state, step, job);
  state.inventory.clear(holding);
  if (job !== undefined && job.loads.length > 0) fetchWhole(state, step, job);
}

/** The segment's own root is known here: it also tells whether the verifier speaks of this title. */
export function onHashed(state: State, step: Step, { segment, root }: SegmentHashed): void {
  learnOwnRoot(state, step, segment, root);
  useRoots(state, step);
}

function useRoots(state: State, step: Step): void {
  for (const job of state.jobs.all()) {
    const holding = state.inventory.get(job.key);
    if (holding === undefined) continue;
    adoptRoot(state, step, job, holding);
    checkNextList(state, step, job, holding);
    job.attentionMs = step.nowMs;
  }
}

/** Only the root and the CDN's own bytes tell a size: what a peer says binds nobody. */
export function adoptRoot(state: State, step: Step, job: Job, holding: Holding): void {
  const root = state.roots.of(holding.info);
  if (root === null || holding.complete || holding.sizeBytes === root.sizeBytes) return;
  if (holding.cdnPrefixBytes > 0) return;
  cancelTransfers(state, step, job);
  job.listAskedOf.clear();
  if (holding.sizeBytes !== null) state.inventory.clear(holding);
  state.inventory.setSize(holding, root.sizeBytes);
}

function checkNextList(state: State, step: Step, job: Job, holding: Holding): void {
  const root = state.roots.of(job.info);
  const list = job.lists[0];
  if (root === null || list === undefined || job.checkingListOf !== null || holding.list !== "none") return;
  job.checkingListOf = list.peer;
  step.out.push({
    type: "check-list",
    segment: job.key,
    peer: list.peer,
    sizeBytes: list.sizeBytes,
    hashes: list.hashes,
    root: root.hash,
  });
}

export function onListChecked(
  state: State,
  step: Step,
  key: SegmentKey,
  peer: PeerKey,
  valid: boolean,
): void {
  const job = state.jobs.get(key);
  const holding = state.inventory.get(key);
  // The store has kept the list all the same.
  if (holding === undefined) step.out.push({ type: "evict", segment: key });
  if (job === undefined || holding === undefined || job.checkingListOf !== peer) return;
  job.checkingListOf = null;
  const at = job.lists.findIndex((list) => list.peer === peer);
  if (at >= 0) job.lists.splice(at, 1);
  if (!valid) {
    state.counters.hashFailures += 1;
    job.avoided.set(peer, Infinity);
    expel(state, step, peer, "peer-lied", "sent a piece list that does not match the trusted root");
    checkNextList(state, step, job, holding);
    return;
  }
  holding.list = "checked";
  job.lists.length = 0;
  holding.pieces.forEach((_, index) => provePiece(state, step, holding, index));
}

export function onPieceChecked(state: State, step: Step, answer: PieceChecked): void {
  const job = state.jobs.get(answer.segment);
  const holding = state.inventory.get(answer.segment);
  const piece = holding?.pieces[answer.piece];
  if (job === undefined || holding === undefined || piece === undefined) return;
  if (piece.state !== "checking" || piece.check !== answer.check) return;
  if (answer.valid) {
    piece.state = "verified";
    const author = piece.author === null ? undefined : state.roster.partner(piece.author);
    if (author !== undefined) author.silences = 0;
    announceProgress(state, step, holding);
    settle(state, step, job);
    pump(state, step);
    account(state, step, holding, answer.piece);
    return;
  }
  state.counters.hashFailures += 1;
  const { author } = piece;
  if (author !== null) {
    expel(state, step, author, "peer-lied", "sent bytes that do not match the piece list");
    return;
  }
  // The CDN's piece differs from a list that matched the root: two versions exist, the CDN's is played.
  quarantine(step, holding, state.roots.of(holding.info) !== null);
  state.inventory.clear(holding);
  if (job.loads.length > 0) fetchWhole(state, step, job);
}

/** What came from a peer and is true is owed a receipt. */
function account(state: State, step: Step, holding: Holding, piece: number): void {
  const peer = holding.pieces[piece]?.author ?? null;
  const root = state.roots.of(holding.info);
  if (peer === null || root === null) return;
  const { info, complete } = holding;
  const bytes = pieceSizeOf(root.sizeBytes, piece);
  step.out.push({ type: "piece-proved", peer, segment: info.id, root, bytes, complete });
}
