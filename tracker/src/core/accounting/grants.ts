import { encodeHex, type Grant, PUBLISHER_ID_BYTES } from "@tributary/protocol";
import type { Session } from "../model.ts";
import type { Output } from "../outputs.ts";
import type { TrackerState } from "../state.ts";
import { grantWindow, lastStatementMs } from "./epochs.ts";
import type { AccountingConfig } from "./config.ts";
import type { Pair } from "./model.ts";

/** Stands for all publishers of an open tracker that did not come with a token. */
/** Whose swarms are where nobody vouches for viewers. */
export const OPEN_PUBLISHER = new Uint8Array(PUBLISHER_ID_BYTES);
/** Whoever enters just before an epoch closes gets the next one's grant along. */
const coveredMs = 30_000;
/** 1 GiB a minute is 143 Mbit/s: above any stream, below what would make a forged total worth while. */
const grantBytesPerMinute = 2 ** 30;

/** Grants in both directions for a session and partners it was introduced to. Unsigned sessions take part unpaid. */
export function issueGrants(
  state: TrackerState,
  session: Session,
  partners: readonly Session[],
  nowMs: number,
  out: Output[],
): void {
  const { accounting: rules } = state.config;
  if (rules === null) return;
  const pairs = partners.flatMap((other) => pairOf(state, rules, session, other, nowMs) ?? []);
  for (const pair of pairs) state.accounting.pairs.add(pair);
  sign(state, rules, pairs, nowMs, out);
}

/** At half their life grants are renewed, for pairs that are still introduced; what is settled is forgotten. */
export function sweepGrants(state: TrackerState, nowMs: number, out: Output[]): void {
  const { accounting: rules } = state.config;
  if (rules === null) return;
  const { pairs, grants, claimants } = state.accounting;
  const due: Pair[] = [];
  for (const pair of pairs) {
    if (!areIntroduced(pair)) pairs.delete(pair);
    else if (nowMs >= pair.renewAtMs) due.push(pair);
  }
  sign(state, rules, due, nowMs, out);
  for (const [id, { grant }] of grants)
    if (nowMs >= lastStatementMs(rules.epochMs, grant.epoch)) grants.delete(id);
  const keptMs = lastStatementMs(rules.epochMs, 0) + rules.epochMs;
  for (const [key, { seenAtMs }] of claimants) if (nowMs - seenAtMs > keptMs) claimants.delete(key);
}

/** The signatures of a `sign-grants`, in its order. */
export function finishGrants(
  state: TrackerState,
  number: number,
  sealed: readonly Uint8Array[],
  out: Output[],
): void {
  const batch = state.accounting.signing.get(number);
  if (!state.accounting.signing.delete(number) || batch === undefined) return;
  const bySession = new Map<Session, Uint8Array[]>();
  let at = 0;
  for (const { pair, grants } of batch) {
    const own = sealed.slice(at, (at += grants.length));
    if (!areIntroduced(pair)) continue;
    for (const grant of grants)
      state.accounting.grants.set(encodeHex(grant.grantId), { grant, downloader: null, uploader: null });
    for (const session of [pair.one, pair.other]) {
      const told = bySession.get(session);
      if (told === undefined) bySession.set(session, [...own]);
      else told.push(...own);
    }
  }
  for (const [{ id }, grants] of bySession)
    for (let from = 0; from < grants.length; from += grantsPerMessage)
      out.push({
        type: "send",
        session: id,
        message: { type: "peers", peers: [], grants: grants.slice(from, from + grantsPerMessage) },
      });
}

/** What one PEERS holds. */
const grantsPerMessage = 50;

function sign(
  state: TrackerState,
  rules: AccountingConfig,
  pairs: readonly Pair[],
  nowMs: number,
  out: Output[],
): void {
  if (pairs.length === 0) return;
  const batch = pairs.map((pair) => ({ pair, grants: nextGrants(state, rules, pair, nowMs) }));
  state.counters.grantsIssued += batch.reduce((sum, { grants }) => sum + grants.length, 0);
  const number = ++state.accounting.lastNumber;
  state.accounting.signing.set(number, batch);
  out.push({ type: "sign-grants", number, grants: batch.flatMap(({ grants }) => grants) });
}

/** The grants that follow on the pair's last ones, until enough of the time ahead is covered. */
function nextGrants(state: TrackerState, rules: AccountingConfig, pair: Pair, nowMs: number): Grant[] {
  const grants: Grant[] = [];
  const untilMs = nowMs + Math.min(coveredMs, rules.epochMs / 2);
  let fromMs = Math.max(pair.expiryMs, nowMs);
  do {
    const window = grantWindow(rules.epochMs, fromMs);
    for (const [uploaderKey, downloaderKey] of [pair.keys, [pair.keys[1], pair.keys[0]] as const])
      grants.push({
        trackerKeyId: rules.trackerKeyId,
        grantId: randomId(state.config.random),
        publisher: pair.publisher,
        swarm: pair.swarm,
        uploaderKey,
        downloaderKey,
        ...window,
        maxBytes: Math.ceil((grantBytesPerMinute * (window.expiryMs - window.notBeforeMs)) / 60_000),
        payClass: pair.payClass,
      });
    pair.renewAtMs = (window.notBeforeMs + window.expiryMs) / 2;
    pair.expiryMs = fromMs = window.expiryMs;
  } while (fromMs < untilMs);
  return grants;
}

/** Null where one of the two has no key that it could sign with. */
function pairOf(
  { config }: TrackerState,
  rules: AccountingConfig,
  one: Session,
  other: Session,
  nowMs: number,
): Pair | null {
  if (one.state.kind !== "joined" || other.state.kind !== "joined") return null;
  const [identity, partner] = [one.state.identity, other.state.identity];
  const publisher = identity.admission?.publisherId ?? OPEN_PUBLISHER;
  if (!identity.signed || !partner.signed || !rules.hasBudget(publisher)) return null;
  // Neighbours in one network could be one person: what they give each other is not paid for.
  const areApart = one.network !== null && other.network !== null && one.network !== other.network;
  return {
    one,
    other,
    keys: [identity.sessionKey, partner.sessionKey],
    publisher,
    swarm: one.state.membership.swarm.id,
    payClass: areApart || (rules.allowSameNetwork && config.open) ? "paid" : "unpaid",
    expiryMs: Math.floor(nowMs),
    renewAtMs: 0,
  };
}

function randomId(random: () => number): Uint8Array {
  const id = new Uint8Array(16);
  const view = new DataView(id.buffer);
  for (let at = 0; at < id.length; at += 4) view.setUint32(at, Math.floor(random() * 2 ** 32));
  return id;
}

function areIntroduced({ one, other }: Pair): boolean {
  return one.state.kind === "joined" && one.state.membership.introduced.has(other);
}
