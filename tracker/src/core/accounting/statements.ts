import {
  type BrokenRule,
  clockFault,
  EPOCH_GRACE_MS,
  encodeHex,
  type Grant,
  receiptMessage,
  type Statement,
  type StatementEntry,
  statementMessage,
} from "@tributary/protocol";
import type { StatementCheck } from "../inputs.ts";
import { sessionStatements } from "../limits.ts";
import type { Output } from "../outputs.ts";
import { refuse } from "../refusals.ts";
import { count, type TrackerState } from "../state.ts";
import { takeTokens } from "../token-bucket.ts";
import { accountOf, claimantOf } from "./credit.ts";
import { faultOfEntries } from "./entry-rules.ts";
import { isOpenEpoch } from "./epochs.ts";
import type { GrantRecord, PendingStatement, Source, WaitingStatement } from "./model.ts";

/** A ready-signed statement is at most 15 s old when it leaves; the rest forgives slow links. */
const statementAgeMsMax = EPOCH_GRACE_MS;
/** A statement for each open epoch, and one that was on its way. */
const outOfOrderMax = 8;
/** Statements on their way through the checks at once: of one connection, and of all pages that closed. */
const sessionPendingMax = 8;
const postsPendingMax = 1_000;

/**
 * Statements at the checks at once: enough that whoever verifies never waits. The others wait as they came, because one
 * that is read takes ten times the memory, and what waits long is copied by each sweep of the heap.
 */
const checkingMax = 64;

/** Takes its turn at the checks, or is refused where others wait already. */
export function receiveStatement(
  state: TrackerState,
  source: Source,
  sealed: Uint8Array,
  nowMs: number,
  out: Output[],
): void {
  const wrong = faultOfPending(state, source);
  if (wrong !== null) {
    refuseStatement(state, source, wrong, nowMs, out);
    return;
  }
  countPending(state, source, 1);
  state.accounting.waiting.add({ source, sealed, arrivedMs: nowMs });
  startChecks(state, nowMs, out);
}

function startChecks(state: TrackerState, nowMs: number, out: Output[]): void {
  const { waiting, checking } = state.accounting;
  for (const next of waiting) {
    if (checking.size >= checkingMax) return;
    waiting.delete(next);
    const wrong = startCheck(state, next, out);
    if (wrong === null) continue;
    countPending(state, next.source, -1);
    refuseStatement(state, next.source, wrong, nowMs, out);
  }
}

/** Looks at a statement as far as that goes without its signature, and asks for that to be checked. */
function startCheck(
  state: TrackerState,
  { source, sealed, arrivedMs }: WaitingStatement,
  out: Output[],
): BrokenRule | null {
  const parsed = statementMessage.parse(sealed);
  if (!parsed.ok) return { code: parsed.fault, reason: parsed.reason };
  const { value: statement, preimage, signature } = parsed;
  const wrong = firstFault(state, source, statement, arrivedMs);
  if (wrong !== null) return wrong;
  const { accounting } = state;
  const number = ++accounting.lastNumber;
  const { sessionKey, entries } = statement;
  // Looked up once: among many grants each look costs a miss of the processor's caches.
  const records = entries.map(({ grantId }) => accounting.grants.get(encodeHex(grantId)) ?? null);
  const unknownGrants = entries.filter((_, at) => records[at] === null).map(({ grantId }) => grantId);
  accounting.checking.set(number, { pending: { source, statement, sealed, arrivedMs, records } });
  const held = entries.flatMap(({ grantId, receipt }, at) => {
    const proof = receipt === null ? null : receiptMessage.parse(receipt);
    if (proof === null || !proof.ok) return [];
    const key = records[at]?.grant.downloaderKey ?? null;
    return [{ grantId, key, preimage: proof.preimage, signature: proof.signature }];
  });
  out.push({ type: "check-statement", number, sessionKey, preimage, signature, unknownGrants, held });
  return null;
}

/** @param nowMs when it arrived */
function firstFault(
  state: TrackerState,
  source: Source,
  statement: Statement,
  nowMs: number,
): BrokenRule | null {
  const { accounting: rules } = state.config;
  if (rules === null) return { code: "unknown-grant", reason: "this tracker issues no grants" };
  const { sessionKey, epoch, seq, timestampMs } = statement;
  const key = encodeHex(sessionKey);
  if (source.kind === "session") {
    const { state: of } = source.session;
    const identity = "identity" in of ? of.identity : null;
    if (identity === null || key !== encodeHex(identity.sessionKey))
      return { code: "wrong-key", reason: "the session key is not this connection's" };
    if (!identity.signed)
      return { code: "bad-signature", reason: "this connection did not prove its session key" };
  }
  if (!isOpenEpoch(rules.epochMs, epoch, nowMs))
    return { code: "wrong-epoch", reason: `epoch ${epoch} is not open` };
  const dated = clockFault(timestampMs, nowMs, statementAgeMsMax);
  if (dated !== null) return dated;
  return faultOfSeq(state, key, seq);
}

/** The last words of a page travel side by side, so the later may come first. */
function faultOfSeq({ accounting }: TrackerState, key: string, seq: number): BrokenRule | null {
  const claimant = accounting.claimants.get(key);
  if (claimant === undefined || seq > claimant.seq) return null;
  const isLate = seq > claimant.seq - outOfOrderMax && !claimant.taken.has(seq);
  return isLate ? null : { code: "replayed", reason: `statement ${seq} after ${claimant.seq}` };
}

function faultOfPending({ accounting }: TrackerState, source: Source): BrokenRule | null {
  const isPost = source.kind === "post";
  if (
    isPost ? accounting.postsPending < postsPendingMax : source.session.statementsPending < sessionPendingMax
  )
    return null;
  return { code: "rate-limited", reason: "others wait already; send it again" };
}

function countPending({ accounting }: TrackerState, source: Source, change: 1 | -1): void {
  if (source.kind === "post") accounting.postsPending += change;
  else source.session.statementsPending += change;
}

/** The signatures are known, and the next one takes its turn. */
export function finishCheck(state: TrackerState, check: StatementCheck, nowMs: number, out: Output[]): void {
  judge(state, check, nowMs, out);
  startChecks(state, nowMs, out);
}

/** Now the entries are held against their grants, and what stands goes to the store. */
function judge(state: TrackerState, check: StatementCheck, nowMs: number, out: Output[]): void {
  const { accounting, config } = state;
  const pending = takePending(state, check.number);
  if (pending === null || config.accounting === null) return;
  for (const grant of check.grants) {
    const id = encodeHex(grant.grantId);
    if (!accounting.grants.has(id)) accounting.grants.set(id, { grant, downloader: null, uploader: null });
  }
  const { statement, sealed, arrivedMs } = pending;
  const { sessionKey, seq } = statement;
  const records = statement.entries.map(
    ({ grantId }, at) => pending.records[at] ?? accounting.grants.get(encodeHex(grantId)) ?? null,
  );
  const wrong =
    check.fault ??
    faultOfSeq(state, encodeHex(sessionKey), seq) ??
    faultOfEntries(statement, records, config.accounting, nowMs) ??
    faultOfPosted(state, pending, nowMs);
  if (wrong !== null) {
    countPending(state, pending.source, -1);
    refuseStatement(state, pending.source, wrong, nowMs, out);
    return;
  }
  const grants: Grant[] = [];
  for (const [at, entry] of statement.entries.entries()) {
    const record = records[at];
    if (record == null) continue;
    keepClaim(record, entry);
    grants.push(record.grant);
  }
  const claimant = claimantOf(state, sessionKey, nowMs);
  claimant.taken.add(seq);
  claimant.seq = Math.max(claimant.seq, seq);
  for (const old of claimant.taken) if (old <= claimant.seq - outOfOrderMax) claimant.taken.delete(old);
  accounting.storing.set(check.number, { source: pending.source, seq });
  out.push({
    type: "store-statement",
    number: check.number,
    record: { statement, sealed, arrivedMs, grants, account: accountOf(claimant, nowMs) },
  });
}

/** Who posts need never have been admitted: its grants vouch for it, and it may state as often as a session. */
function faultOfPosted(
  state: TrackerState,
  { source, statement: { sessionKey, entries } }: PendingStatement,
  nowMs: number,
): BrokenRule | null {
  if (source.kind !== "post") return null;
  if (entries.length === 0) return { code: "unknown-grant", reason: "it speaks of no grant" };
  return takeTokens(claimantOf(state, sessionKey, nowMs).posts, sessionStatements, 1, nowMs)
    ? null
    : { code: "rate-limited", reason: "too many statements" };
}

function takePending({ accounting }: TrackerState, number: number): PendingStatement | null {
  const box = accounting.checking.get(number);
  if (box === undefined) return null;
  const { pending } = box;
  box.pending = null;
  accounting.checking.delete(number);
  return pending;
}

function keepClaim(record: GrantRecord, { role, seq, bytes, segments, acc }: StatementEntry): void {
  const last = record[role];
  if (last === null) {
    record[role] = { seq, bytes, segments, acc: new Uint8Array(acc) };
    return;
  }
  last.seq = seq;
  last.bytes = bytes;
  last.segments = segments;
  for (let at = 0; at < acc.length; at++) last.acc[at] = acc[at]!;
}

export function finishStore(
  state: TrackerState,
  number: number,
  stored: boolean,
  nowMs: number,
  out: Output[],
): void {
  const pending = state.accounting.storing.get(number);
  if (!state.accounting.storing.delete(number) || pending === undefined) return;
  const { source, seq } = pending;
  countPending(state, source, -1);
  if (!stored) {
    const wrong: BrokenRule = { code: "internal", reason: "it could not be stored; send it again" };
    refuseStatement(state, source, wrong, nowMs, out);
    return;
  }
  state.counters.statementsStored++;
  if (source.kind === "post") out.push({ type: "answer-post", request: source.request, wrong: null });
  else if (state.sessions.has(source.session.id))
    out.push({ type: "send", session: source.session.id, message: { type: "ack", of: seq } });
}

export function refuseStatement(
  state: TrackerState,
  source: Source,
  { code, reason }: BrokenRule,
  nowMs: number,
  out: Output[],
): void {
  state.counters.statementsRefused++;
  const text = `statement: ${reason}`;
  if (source.kind === "session") {
    if (state.sessions.has(source.session.id)) refuse(state, source.session, code, text, nowMs, out);
    return;
  }
  count(state.counters.refusals, code);
  out.push({ type: "answer-post", request: source.request, wrong: { code, reason: text } });
}
