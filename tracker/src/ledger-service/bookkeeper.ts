import { randomUUID } from "node:crypto";
import { encodeHex, type SegmentRoot } from "@tributary/protocol";
import type { SwarmSeen } from "../adapters/database/settlement-inputs.ts";
import type { StatementStore } from "../core/accounting/statement-store.ts";
import type { Watching } from "../core/index.ts";
import { DEFAULT_PARAMETERS } from "../ledger/settlement/parameters.ts";
import { createBudgets } from "./budgets.ts";
import type { Titles } from "../titles.ts";
import type { Ledger, SettledEpoch } from "./contract.ts";
import { createStatementStore } from "./statement-store.ts";

/**
 * What a stream is taken to need at most where nobody knows its bitrate: 4K at the high end. It bounds what can be
 * paid per minute watched.
 */
const BITRATE_BPS_MAX = 25_000_000;
const TICK_MS = 5_000;

export interface BookkeeperOptions {
  readonly audience: () => readonly Watching[];
  /** Is told who watches now, and says how fast a swarm's title plays. Null: nobody knows. */
  readonly titles: Titles | null;
  /** Whose balance is asked for at once, so that their first viewers get grants. */
  readonly publishers: readonly Uint8Array[];
  /** Is told, whenever epochs were settled, whose accounts contradict each other there: of no pairs as well. */
  readonly apart: (pairs: SettledEpoch["apart"]) => void;
  /** Something that must not happen to a ledger did: the tracker has to stop. */
  readonly broken: (error: Error) => void;
}

/** Tells the ledger what the tracker sees, and lets it settle when epochs are due. */
export interface Bookkeeper {
  readonly store: StatementStore;
  hasBudget(publisher: Uint8Array): boolean;
  sawRoots(swarm: Uint8Array, roots: readonly SegmentRoot[]): void;
  /** Resolves when the publishers' money is set aside, or refused. */
  start(options: BookkeeperOptions): Promise<void>;
  /** Writes down what was seen last, and closes the ledger. */
  close(): Promise<void>;
}

interface SeenSwarm extends SwarmSeen {
  /** Session keys in hex. Each counts for the network that it was seen in first: one viewer's travels are no audience. */
  readonly viewers: Set<string>;
  readonly networks: Set<string>;
}

export function createBookkeeper(ledger: Ledger, epochMs: number, nowMs: () => number): Bookkeeper {
  const budgets = createBudgets(ledger, DEFAULT_PARAMETERS.pricePerGb, randomUUID());
  const epochNow = () => Math.floor(nowMs() / epochMs);
  /** Since they were written down last; sessions by their key. */
  let watched = new Map<string, { key: Uint8Array; watchMs: number }>();
  let swarms = new Map<string, SeenSwarm>();
  let sampledAtMs = nowMs();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  let running: BookkeeperOptions | null = null;

  /** Whoever is there now was there since the last time; what lies before an epoch's close counts to it. */
  function sample(): void {
    if (running === null) return;
    const audience = running.audience();
    running.titles?.watched(audience);
    learnBitrates(audience);
    const atMs = nowMs();
    let fromMs = Math.max(sampledAtMs, atMs - 2 * TICK_MS);
    sampledAtMs = atMs;
    while (fromMs < atMs) {
      const epoch = Math.floor(fromMs / epochMs);
      const untilMs = Math.min(atMs, (epoch + 1) * epochMs);
      count(audience, epoch, untilMs - fromMs);
      fromMs = untilMs;
    }
  }

  /** A title that is first watched at the end of an epoch is read in the next one, and pays for both. */
  function learnBitrates(audience: readonly Watching[]): void {
    const watchedNow = new Map(audience.map(({ swarm }) => [encodeHex(swarm), swarm]));
    for (const [key, seen] of swarms) {
      const swarm = watchedNow.get(encodeHex(seen.swarm));
      if (seen.bitrateBps === 0 && swarm !== undefined)
        swarms.set(key, { ...seen, bitrateBps: bitrateOf(swarm) });
    }
  }

  /** 0 until it is known: of what is seen of an epoch the highest counts. */
  function bitrateOf(swarm: Uint8Array): number {
    const known = running?.titles?.bitrateOf(swarm) ?? null;
    return known === "reading" ? 0 : (known ?? BITRATE_BPS_MAX);
  }

  function count(audience: readonly Watching[], epoch: number, elapsedMs: number): void {
    const viewers = new Map<string, { publisher: Uint8Array; bytesPerMs: number }>();
    for (const { swarm, publisher, sessionKey, network } of audience) {
      const bitrateBps = bitrateOf(swarm);
      const viewer = encodeHex(sessionKey);
      const session = watched.get(viewer) ?? { key: sessionKey, watchMs: 0 };
      session.watchMs += elapsedMs;
      watched.set(viewer, session);
      const key = `${epoch} ${encodeHex(swarm)}`;
      const seen = swarms.get(key) ?? {
        swarm,
        epoch,
        bitrateBps,
        watchMs: 0,
        prefixes: 0,
        viewers: new Set<string>(),
        networks: new Set<string>(),
      };
      if (!seen.viewers.has(viewer)) seen.networks.add(network ?? "loopback");
      seen.viewers.add(viewer);
      swarms.set(key, {
        ...seen,
        bitrateBps: Math.max(seen.bitrateBps, bitrateBps),
        watchMs: seen.watchMs + elapsedMs,
        prefixes: seen.networks.size,
      });
      const of = viewers.get(encodeHex(publisher)) ?? { publisher, bytesPerMs: 0 };
      viewers.set(encodeHex(publisher), { publisher, bytesPerMs: of.bytesPerMs + bitrateBps / 8_000 });
    }
    for (const { publisher, bytesPerMs } of viewers.values())
      budgets.used(publisher, epoch, Math.floor(bytesPerMs * elapsedMs), Math.floor(bytesPerMs * 60_000));
  }

  async function writeDown(): Promise<void> {
    const epoch = epochNow();
    const sessions = [...watched.values()].map(({ key, watchMs }) => ({ key, epoch, watchMs, dutyBytes: 0 }));
    const seen = [...swarms.values()].map(({ networks: _networks, viewers: _viewers, ...swarm }) => swarm);
    watched = new Map();
    // Networks are counted over the whole epoch, watch time from here on.
    swarms = new Map(
      [...swarms]
        .filter(([, swarm]) => swarm.epoch === epoch || (swarm.epoch === epoch - 1 && swarm.bitrateBps === 0))
        .map(([key, swarm]) => [key, { ...swarm, watchMs: 0 }]),
    );
    if (sessions.length > 0 || seen.some(({ watchMs }) => watchMs > 0))
      await ledger.record({ swarms: seen, sessions });
  }

  function tick(): void {
    sample();
    working = working
      .then(async () => {
        await writeDown();
        const settled = await ledger.settleDue(nowMs());
        if (settled.length > 0) running?.apart(settled.flatMap(({ apart }) => apart));
      })
      .catch((error: unknown) => running?.broken(error as Error));
  }

  return {
    hasBudget: (publisher) => budgets.has(publisher, epochNow()),
    store: createStatementStore(ledger),
    sawRoots(swarm, roots) {
      const seen = roots.map(({ segment, root, sizeBytes }) => ({ swarm, segment, root, sizeBytes }));
      ledger.record({ roots: seen }).catch((error: unknown) => running?.broken(error as Error));
    },
    async start(options) {
      running = options;
      sampledAtMs = nowMs();
      timer = setInterval(tick, Math.min(TICK_MS, epochMs / 4));
      await Promise.all(options.publishers.map((publisher) => budgets.prepare(publisher, epochNow())));
    },
    async close() {
      clearInterval(timer);
      sample();
      await working;
      await writeDown();
      running = null;
      await ledger.close();
    },
  };
}
