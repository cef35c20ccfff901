import { afterEach, expect, it, vi } from "vitest";
import type { Watching } from "../core/index.ts";
import { createBookkeeper } from "./bookkeeper.ts";
import type { Ledger, SettledEpoch } from "./contract.ts";
import type { LedgerBatch } from "../adapters/database/settlement-inputs.ts";

afterEach(() => vi.useRealTimers());

const EPOCH_MS = 600_000;

/** What is written down of the swarm's networks when its audience is another one at each look. */
async function networksOf(audiences: readonly (readonly Watching[])[]): Promise<number | undefined> {
  vi.useFakeTimers({ now: 0 });
  const batches: LedgerBatch[] = [];
  const ledger: Partial<Ledger> = {
    record: (batch) => Promise.resolve((batches.push(batch), [])),
    takeLease: () => Promise.resolve(true),
    settleDue: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
  const bookkeeper = createBookkeeper(ledger as Ledger, EPOCH_MS, Date.now);
  let look = 0;
  const audience = () => audiences[Math.min(look++, audiences.length - 1)]!;
  const broken = (error: Error) => {
    throw error;
  };
  await bookkeeper.start({ audience, titles: null, publishers: [], apart: () => undefined, broken });
  await vi.advanceTimersByTimeAsync(5_000 * audiences.length);
  await bookkeeper.close();
  return batches.flatMap(({ swarms = [] }) => swarms).at(-1)?.prefixes;
}

const watching = (viewer: number, network: string): Watching => ({
  swarm: new Uint8Array(32),
  publisher: new Uint8Array(16),
  sessionKey: new Uint8Array(32).fill(viewer),
  network,
  playlist: null,
});

it("one viewer that comes back from twenty networks is not an audience of twenty", async () => {
  const travels = Array.from({ length: 20 }, (_, at) => [watching(1, `203.0.${at}`)]);
  expect(await networksOf(travels)).toBe(1);
});

it("viewers of an epoch count for their networks, also those that have left", async () => {
  const crowd = Array.from({ length: 20 }, (_, at) => [watching(at, `203.0.${at}`)]);
  expect(await networksOf(crowd)).toBe(20);
});

it("tells of pairs that contradict each other whenever epochs were settled, also that there are none any more", async () => {
  vi.useFakeTimers({ now: 0 });
  const pair = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;
  const settledWith = (...apart: SettledEpoch["apart"][]) =>
    apart.map((of, epoch) => ({ epoch, bytes: 0n, paid: 0n, collected: 0n, apart: of, liars: [] }));
  const settlements = [settledWith(), settledWith([pair], [pair]), settledWith(), settledWith([])];
  const ledger: Partial<Ledger> = {
    settleDue: () => Promise.resolve(settlements.shift() ?? []),
    close: () => Promise.resolve(),
  };
  const bookkeeper = createBookkeeper(ledger as Ledger, EPOCH_MS, Date.now);
  const told: SettledEpoch["apart"][] = [];
  await bookkeeper.start({
    audience: () => [],
    titles: null,
    publishers: [],
    apart: (pairs) => told.push(pairs),
    broken: (error) => {
      throw error;
    },
  });
  await vi.advanceTimersByTimeAsync(20_000);
  await bookkeeper.close();
  expect(told).toEqual([[pair, pair], []]);
});
