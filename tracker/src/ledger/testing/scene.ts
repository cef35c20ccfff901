import { createHash } from "node:crypto";
import {
  accumulate,
  EMPTY_ACC,
  encodeHex,
  type Grant,
  type Link,
  type StatementEntry,
} from "@tributary/protocol";
import {
  type EpochFacts,
  type GrantBatch,
  type GrantToSettle,
  NO_TOTALS,
  type SessionFacts,
  type SwarmFacts,
  swarmEpochOf,
} from "../settlement/input.ts";
import { DEFAULT_PARAMETERS, type SettlementParameters } from "../settlement/parameters.ts";
import { createSettling, type Settlement } from "../settlement/settle.ts";
import type { Transfer } from "../transfers.ts";

export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(bytes).digest());

/** 32 (or fewer) bytes that stand for a key or an id. */
export const bytesOf = (name: string, length = 32) => sha256(new TextEncoder().encode(name)).slice(0, length);

export const SEGMENT_BYTES = 1_000_000;
/** Two million bytes a second: half a second for a segment. */
const BITRATE_BPS = 16_000_000;
const EPOCH_MS = 60_000;

const segmentOf = (sequence: number) => ({ track: 1, sequence, part: -1, fingerprint: sequence });
const rootOf = (sequence: number) => bytesOf(`root ${sequence}`);

export const linksOf = (sequences: readonly number[], bytes = SEGMENT_BYTES): Link[] =>
  sequences.map((sequence) => ({ segment: segmentOf(sequence), bytes }));

export const sequence = (start: number, end: number) =>
  Array.from({ length: end - start }, (_, at) => start + at);

export function grantOf(name: string, fields: Partial<Grant> & { from?: string; to?: string } = {}): Grant {
  const { from = "alice", to = "bob", ...given } = fields;
  return {
    trackerKeyId: bytesOf("tracker", 8),
    grantId: bytesOf(name, 16),
    epoch: 1,
    publisher: bytesOf("publisher", 16),
    swarm: bytesOf("swarm"),
    uploaderKey: bytesOf(from),
    downloaderKey: bytesOf(to),
    notBeforeMs: EPOCH_MS,
    expiryMs: 2 * EPOCH_MS,
    maxBytes: 1_000 * SEGMENT_BYTES,
    payClass: "paid",
    ...given,
  };
}

/** What one side states after so many links, by its receipt `seq`; it tells `told` of them in this statement. */
export function entryOf(
  grant: Grant,
  role: StatementEntry["role"],
  links: readonly Link[],
  seq = links.length,
  told: readonly Link[] = links,
): StatementEntry {
  const acc = links.reduce(
    (before, { segment, bytes }) => accumulate(sha256, before, segment, rootOf(segment.sequence), bytes),
    EMPTY_ACC,
  );
  const bytes = links.reduce((sum, link) => sum + link.bytes, 0);
  const receipt = role === "uploader" ? new Uint8Array(0) : null;
  return { role, grantId: grant.grantId, seq, bytes, segments: links.length, acc, links: told, receipt };
}

/** A grant over which both sides say that these links came. */
export function agreedOn(
  grant: Grant,
  links: readonly Link[],
  fields: Partial<GrantToSettle> = {},
): GrantToSettle {
  return {
    grant,
    account: bytesOf(`account of ${encodeHex(grant.uploaderKey)}`),
    downloaderAccount: bytesOf(`account of ${encodeHex(grant.downloaderKey)}`),
    putOff: false,
    uploader: [entryOf(grant, "uploader", links)],
    downloader: [entryOf(grant, "downloader", links)],
    ...fields,
  };
}

/** A whole epoch in one batch. */
export interface Scene extends EpochFacts, GrantBatch {
  readonly deposits: readonly Transfer[];
}

export function settle(scene: Scene): Settlement {
  const settling = createSettling(scene);
  settling.add(scene);
  return settling.finish(scene.deposits);
}

export interface SceneOptions {
  readonly parameters?: Partial<SettlementParameters>;
  readonly swarm?: Partial<SwarmFacts>;
  /** By name. */
  readonly sessions?: Readonly<Record<string, Partial<SessionFacts>>>;
  readonly budget?: bigint;
  readonly input?: Partial<Scene>;
}

/** One epoch of one swarm that many watch, with plenty of budget. */
export function sceneOf(grants: readonly GrantToSettle[], options: SceneOptions = {}): Scene {
  const swarm: SwarmFacts = {
    bitrateBps: BITRATE_BPS,
    watchMs: 100 * EPOCH_MS,
    egressBytes: null,
    prefixes: 30,
    paidBytes: 0,
    ...options.swarm,
  };
  const named = Object.entries(options.sessions ?? {}).map(
    ([name, facts]) => [encodeHex(bytesOf(name)), facts] as const,
  );
  const facts = new Map(named);
  const keys = grants.flatMap(({ grant }) => [encodeHex(grant.uploaderKey), encodeHex(grant.downloaderKey)]);
  const sessions = new Map(
    keys.map((key): [string, SessionFacts] => [
      key,
      { before: NO_TOTALS, cdnBytes: 0, watchMs: EPOCH_MS, dutyBytes: 0, ...facts.get(key) },
    ]),
  );
  const publishers = new Set(grants.map(({ grant }) => encodeHex(grant.publisher)));
  return {
    epoch: 1,
    opensMs: EPOCH_MS,
    closesMs: 2 * EPOCH_MS,
    parameters: { ...DEFAULT_PARAMETERS, ...options.parameters },
    grants,
    swarms: new Map(grants.map(({ grant }) => [swarmEpochOf(grant), swarm])),
    sessions,
    rootsOf: (_, { sequence }) =>
      sequence < 10_000 ? [{ root: rootOf(sequence), sizeBytes: SEGMENT_BYTES }] : [],
    paidBefore: () => 0,
    leases: [...publishers].map((publisher) => ({
      id: `lease/${publisher}`,
      debit: `publisher:${publisher}`,
      credit: "escrow",
      amount: options.budget ?? 1_000_000_000n,
      epoch: 1,
      code: "lease",
      pendingId: null,
      state: "pending",
    })),
    matured: [],
    deposits: [],
    sha256,
    ...options.input,
  };
}
