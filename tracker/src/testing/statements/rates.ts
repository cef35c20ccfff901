import { verify } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTrackerKey, trackerKeyIdOf } from "../../adapters/crypto/tracker-key.ts";
import { createOriginPolicy } from "../../adapters/verifier/origin-policy.ts";
import { resourceNames } from "../../adapters/verifier/named-resource.ts";
import { contentHashOf, createHelloJudge } from "../../admission.ts";
import { createDriver, type Driver, monotonicUnixMs } from "../../driver.ts";
import { createBookkeeper } from "../../ledger-service/bookkeeper.ts";
import type { Ledger } from "../../ledger-service/contract.ts";
import { startLedgerThread } from "../../ledger-service/ledger-thread.ts";
import { publishersInMemory } from "../publishers.ts";
import type { Kind, Round, Signed } from "./crowd.ts";
import { startCrowd } from "./crowd-thread.ts";

/** A day, so that it does not end while we measure. */
const EPOCH_MS = 86_400_000;
/** What the tracker takes at once from pages that close. */
const UNDER_WAY = 1_000;

/** How many in a second of wall time, and of the CPU time of all threads together. */
export interface Rate {
  readonly perSecond: number;
  readonly perCoreSecond: number;
}

export interface StatementRates {
  readonly kind: Kind;
  readonly statements: Rate;
  /** Of signatures in them. */
  readonly signaturesInStatements: Rate;
  /** The same signatures under the same keys, and nothing else. */
  readonly bareVerifications: Rate;
  /** Signatures in statements by bare verifications. */
  readonly ratio: { readonly wall: number; readonly cpu: number };
}

/** A tracker without its sockets: statements come in as bodies of POST, and are answered when they are durable. */
interface Bench {
  readonly driver: Driver;
  readonly ledger: Ledger;
  close(): Promise<void>;
}

async function openBench(): Promise<Bench> {
  const dataDir = mkdtempSync(join(tmpdir(), "tributary-statements-"));
  const key = loadTrackerKey(dataDir);
  const ledger = await startLedgerThread({ dataDir, epochMs: EPOCH_MS });
  const bookkeeper = createBookkeeper(ledger, EPOCH_MS, monotonicUnixMs);
  const policy = createOriginPolicy({ open: true, host: "127.0.0.1", trustProxy: false, origins: [] });
  const { trackerId, swarmIdOf } = key;
  const driver = createDriver(
    {
      trackerId,
      open: true,
      verifier: false,
      iceServersFor: () => [],
      turnBlocks: [],
      random: Math.random,
      swarmIdOf,
      contentHashOf,
      originOf: () => null,
      originAllowed: () => false,
      ...resourceNames,
      accounting: {
        trackerKeyId: trackerKeyIdOf(trackerId),
        epochMs: EPOCH_MS,
        allowSameNetwork: false,
        hasBudget: () => true,
      },
    },
    key,
    policy,
    createHelloJudge({ open: true, key, publishers: publishersInMemory(), nowMs: Date.now }),
    bookkeeper.store,
  );
  return {
    driver,
    ledger,
    async close() {
      await ledger.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

interface Spent {
  wallMs: number;
  cpuMs: number;
  count: number;
}

async function timed(into: Spent, count: number, work: () => Promise<void>): Promise<void> {
  const [startMs, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  into.wallMs += performance.now() - startMs;
  into.cpuMs += (user + system) / 1_000;
  into.count += count;
}

/** So many at a time. */
async function forAll<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, worker));
}

function verified({ key, preimage, signature }: Signed): Promise<void> {
  return new Promise((resolve, reject) =>
    verify(null, preimage, key, signature, (error, valid) =>
      error === null && valid ? resolve() : reject(error ?? new Error("a signature does not fit")),
    ),
  );
}

/**
 * The tracker's statements and bare verifications in turn, each round over all viewers. What comes first of a viewer,
 * when its key is read and its grants are looked up, is not counted: it is one statement of many.
 */
export async function measureStatements(
  kind: Kind,
  viewers: number,
  grantsEach: number,
  rounds: number,
): Promise<StatementRates> {
  const epoch = Math.floor(Date.now() / EPOCH_MS);
  const crowd = startCrowd({ kind, viewers, grantsEach, epoch });
  const bench = await openBench();
  const whole: Spent = { wallMs: 0, cpuMs: 0, count: 0 };
  const bare: Spent = { wallMs: 0, cpuMs: 0, count: 0 };
  let signatures = 0;
  try {
    await bench.ledger.record({ grants: await crowd.grants() });
    await stateAll(bench.driver, await crowd.round(1));
    for (let number = 2; number < 2 + rounds; number++) {
      const round = await crowd.round(number);
      signatures += round.signatures.length;
      await timed(bare, round.signatures.length, () => forAll(round.signatures, verified));
      await timed(whole, round.statements.length, () => stateAll(bench.driver, round));
    }
  } finally {
    await bench.close();
    await crowd.close();
  }
  const statements = rateOf(whole, whole.count);
  const signaturesInStatements = rateOf(whole, signatures);
  const bareVerifications = rateOf(bare, bare.count);
  return {
    kind,
    statements,
    signaturesInStatements,
    bareVerifications,
    ratio: {
      wall: signaturesInStatements.perSecond / bareVerifications.perSecond,
      cpu: signaturesInStatements.perCoreSecond / bareVerifications.perCoreSecond,
    },
  };
}

const rateOf = ({ wallMs, cpuMs }: Spent, count: number): Rate => ({
  perSecond: (1_000 * count) / wallMs,
  perCoreSecond: (1_000 * count) / cpuMs,
});

/** Resolves when all are durable. @throws Error with what the tracker said to one that it refused */
async function stateAll({ post }: Driver, { statements }: Round): Promise<void> {
  await forAll(statements, async (body) => {
    const request = { method: "POST", path: "/statement", query: "", address: "127.0.0.1", body };
    const answer = await post!(request as Parameters<NonNullable<Driver["post"]>>[0]);
    if (answer.status !== 204) throw new Error(`refused: ${String(answer.body)}`);
  });
}
