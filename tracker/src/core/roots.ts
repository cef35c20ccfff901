import {
  encodeHex,
  segmentKeyOf,
  type ClientMessageOf,
  type SegmentKey,
  type SegmentRoot,
} from "@tributary/protocol";
import type { Input } from "./inputs.ts";
import * as limits from "./limits.ts";
import type { Membership, RootEntry, RootKey, Session, Swarm, VerifierSource } from "./model.ts";
import type { Output } from "./outputs.ts";
import { refuse, refuseForRate } from "./refusals.ts";
import type { TrackerState } from "./state.ts";
import { takeTokens } from "./token-bucket.ts";

/** Enough for every CDN host of a real page; what comes after that is refused in silence. */
const originsToldMax = 16;

/** Answers what is known, and has the rest verified once enough viewers want it. */
export function askRoots(
  state: TrackerState,
  session: Session,
  membership: Membership,
  { segments }: ClientMessageOf<"hashes">,
  nowMs: number,
  out: Output[],
): void {
  if (!state.config.verifier) {
    refuse(state, session, "not-admitted", "this tracker runs no verifier (--no-verifier)", nowMs, out);
    return;
  }
  if (!takeTokens(session.rootAsks, limits.sessionRootAsks, segments.length, nowMs)) {
    const text = `roots asked for more than ${limits.sessionRootAsks.perSecond} segments a second`;
    refuseForRate(state, session, text, nowMs, out);
    return;
  }
  const { swarm } = membership;
  const known: SegmentRoot[] = [];
  const refusedOrigins = new Set<string>();
  let misplaced = false;
  for (const { id, url, rangeStart, rangeLength } of segments) {
    const origin = state.config.originOf(url);
    if (origin === null || !membership.origins.has(origin) || !mayFetch(state, session, origin)) {
      refusedOrigins.add(origin ?? "anything but http and https");
      continue;
    }
    const source: VerifierSource = { url, rangeStart, rangeLength };
    // Whoever asks first must neither choose another's root nor use up the tries for the true one.
    if (!state.config.isSourceOf(source, id)) {
      misplaced = true;
      continue;
    }
    const entry = entryOf(swarm, id, state.config.nameDigestOf(source));
    if (entry.state.kind === "known") {
      known.push(entry.state.root);
    } else if (entry.state.kind !== "quarantined") {
      entry.askers.add(session);
      addSource(entry, source);
      verifyIfWorthIt(swarm, entry, nowMs, out);
    }
  }
  if (known.length > 0)
    out.push({ type: "send-roots", sessions: [session.id], swarm: swarm.id, roots: known });
  if (misplaced)
    refuse(state, session, "bad-message", "hashes: a URL or range is not its segment's", nowMs, out);
  for (const origin of refusedOrigins) {
    if (session.originsTold.has(origin) || session.originsTold.size >= originsToldMax) continue;
    session.originsTold.add(origin);
    const why = membership.origins.has(origin)
      ? "neither the operator (--origin) nor the publisher named it"
      : "JOIN did not name it";
    const text = `the verifier does not fetch from ${origin}: ${why}`;
    refuse(state, session, "not-admitted", text, nowMs, out);
  }
}

/** The operator's origins serve everybody, a publisher's its own viewers. */
function mayFetch({ config }: TrackerState, { state }: Session, origin: string): boolean {
  if (config.originAllowed(origin)) return true;
  return "identity" in state && state.identity.admission?.origins.has(origin) === true;
}

const keyOf = (segment: SegmentKey, name: Uint8Array) => `${segment} ${encodeHex(name)}` as RootKey;

/**
 * Ids are no lock: whoever names another resource for one gets an entry of its own and is told that resource's root alone,
 * so that it has nothing to say about the root of those who name the true one.
 */
function entryOf(swarm: Swarm, segment: RootEntry["segment"], name: Uint8Array): RootEntry {
  const key = keyOf(segmentKeyOf(segment), name);
  let entry = swarm.roots.get(key);
  if (entry === undefined) {
    entry = {
      segment,
      name,
      state: { kind: "wanted", notBeforeMs: 0 },
      sources: [],
      askers: new Set(),
      failureCount: 0,
    };
    swarm.roots.set(key, entry);
    if (swarm.roots.size > limits.rootsPerSwarmMax) {
      const oldest = swarm.roots.keys().next().value as RootKey;
      swarm.roots.delete(oldest);
    }
  }
  return entry;
}

function addSource({ sources }: RootEntry, source: VerifierSource): void {
  const same = (other: VerifierSource) =>
    other.url === source.url &&
    other.rangeStart === source.rangeStart &&
    other.rangeLength === source.rangeLength;
  if (sources.length < limits.sourcesPerSegmentMax && !sources.some(same)) sources.push(source);
}

/** A reload must not count as a second viewer, hence those who left do not count. */
function presentAskers(swarm: Swarm, { askers }: RootEntry): Session[] {
  const isPresent = ({ state }: Session) => state.kind === "joined" && state.membership.swarm === swarm;
  return [...askers].filter(isPresent);
}

function verifyIfWorthIt(swarm: Swarm, entry: RootEntry, nowMs: number, out: Output[]): void {
  if (entry.state.kind !== "wanted" || entry.state.notBeforeMs > nowMs) return;
  if (presentAskers(swarm, entry).length < limits.askersForRoot) return;
  const source = entry.sources.shift();
  if (source === undefined) return;
  entry.state = { kind: "fetching" };
  const { segment, name } = entry;
  out.push({ type: "verify-segment", swarm: swarm.key, segment, name, source });
}

export function finishVerification(
  state: TrackerState,
  { swarm: swarmKey, segment, name, result }: Extract<Input, { type: "segment-verified" }>,
  nowMs: number,
  out: Output[],
): void {
  const swarm = state.swarmsByKey.get(swarmKey);
  const entry = swarm?.roots.get(keyOf(segment, name));
  if (swarm === undefined || entry?.state.kind !== "fetching") return;
  if (!result.ok) {
    state.counters.rootsFailed++;
    entry.failureCount++;
    const delayMs = Math.min(limits.rootRetryMsMax, limits.rootRetryMs * entry.failureCount);
    const another = entry.sources.length > 0;
    entry.state = { kind: "wanted", notBeforeMs: another ? nowMs : nowMs + delayMs };
    if (another) verifyIfWorthIt(swarm, entry, nowMs, out);
    return;
  }
  state.counters.rootsVerified++;
  const { sizeBytes, root: hash } = result;
  const root: SegmentRoot = { segment: entry.segment, name: entry.name, sizeBytes, root: hash };
  const sessions = presentAskers(swarm, entry).map(({ id }) => id);
  entry.state = { kind: "known", root };
  entry.askers.clear();
  entry.sources.length = 0;
  if (sessions.length > 0) out.push({ type: "send-roots", sessions, swarm: swarm.id, roots: [root] });
}

/** Conflicts kept for the operator's eyes. */
const conflictsMax = 20;

/** Whoever is right, the viewer or the verifier: nobody shall rely on that root, those who were given it included. */
export function reportConflict(
  state: TrackerState,
  session: Session,
  { swarm }: Membership,
  { segment: id, name }: ClientMessageOf<"root-conflict">,
  nowMs: number,
  out: Output[],
): void {
  const segment = segmentKeyOf(id);
  const entry = swarm.roots.get(keyOf(segment, name));
  if (entry?.state.kind !== "known") return;
  const conflicts = state.addresses.get(session.address)?.conflicts;
  if (conflicts === undefined || !takeTokens(conflicts, limits.addressConflicts, 1, nowMs)) {
    refuseForRate(state, session, "more roots contradicted than one viewer is believed", nowMs, out);
    return;
  }
  entry.state = { kind: "quarantined" };
  const message = { type: "root-conflict", segment: id, name } as const;
  for (let at = 0; at < swarm.members.size; at++) {
    const other = swarm.members.at(at)!;
    if (other !== session) out.push({ type: "send", session: other.id, message });
  }
  state.counters.rootsQuarantined++;
  state.conflicts.push({ swarm: swarm.key, segment });
  if (state.conflicts.length > conflictsMax) state.conflicts.shift();
}
