import { encodeTrackerMessage, type IceServer, type PeerKey } from "@tributary/protocol";
import { loadTrackerKey, trackerKeyIdOf } from "./adapters/crypto/tracker-key.ts";
import { turnServerFor, type TurnOptions } from "./adapters/crypto/turn-credentials.ts";
import { createUnguessableRandom } from "./adapters/crypto/unguessable.ts";
import { createAddressLimit } from "./pages/address-limit.ts";
import { createEarningsRoute } from "./pages/earnings-page.ts";
import { createEgressRoute } from "./pages/egress-page.ts";
import { createLedgerDoor } from "./pages/ledger-door.ts";
import { createLedgerRoute, createLogRoute } from "./pages/ledger-pages.ts";
import { createPages, type HttpRoute } from "./pages/pages.ts";
import { listen, type SocketsChoice } from "./adapters/sockets/listen.ts";
import { createPlaylistReader } from "./adapters/verifier/playlist-reader.ts";
import { createTitles } from "./titles.ts";
import { resourceNames } from "./adapters/verifier/named-resource.ts";
import { bareOriginOf, createOriginPolicy, originOf } from "./adapters/verifier/origin-policy.ts";
import { contentHashOf, createHelloJudge } from "./admission.ts";
import { adminSecretLengthMin, createAdminRoute } from "./pages/admin.ts";
import { openPublishers } from "./publishers/open-publishers.ts";
import type { AccountingConfig } from "./core/index.ts";
import { OPEN_PUBLISHER } from "./core/accounting/grants.ts";
import { createBookkeeper } from "./ledger-service/bookkeeper.ts";
import type { Ledger } from "./ledger-service/contract.ts";
import { logFolderOf } from "./ledger-service/log-folder.ts";
import { startLedgerThread } from "./ledger-service/ledger-thread.ts";
import type { StatementStore } from "./core/accounting/statement-store.ts";
import { parseBlock, type AddressBlock } from "./core/address.ts";
import { addressLedgerQuestions } from "./core/limits.ts";
import type { PublisherRegistry } from "./core/publishers.ts";
import { createDriver, monotonicUnixMs } from "./driver.ts";
import type { TrackerStats } from "./pages/tracker-stats.ts";

export type { HttpRoute } from "./pages/pages.ts";
export type { HttpAnswer, HttpRequest } from "./adapters/sockets/contract.ts";
export type { StatementStore } from "./core/accounting/statement-store.ts";
export type { StatementRecord } from "./core/index.ts";
export type { SocketsChoice } from "./adapters/sockets/listen.ts";
export type { TrackerStats } from "./pages/tracker-stats.ts";

export interface TrackerOptions {
  /** Zero (the default) picks a free one. */
  readonly port?: number;
  /** Default: 127.0.0.1 with `open`, else 0.0.0.0. */
  readonly host?: string;
  /** Where the tracker's key lives. Null: a key for this process only. */
  readonly dataDir: string | null;
  /** Admits any publisher: for demos and tests. */
  readonly open: boolean;
  /** Where publishers are registered: a PostgreSQL URL, or the path of a SQLite file. Default: a file in `dataDir`. */
  readonly database?: string;
  /** Opens the registry's HTTP API to whoever sends it as a bearer token. Default: no such API. */
  readonly adminSecret?: string;
  /** Default "auto": uWebSockets.js where its binary loads, else `ws`. */
  readonly sockets?: SocketsChoice;
  /** Default true. */
  readonly verifier?: boolean;
  /** Origins that the verifier may fetch from, besides loopback on an open loopback tracker. */
  readonly origins?: readonly string[];
  /** Told to every client. Default: none. */
  readonly iceServers?: readonly IceServer[];
  /** TURN servers whose credentials each client gets anew. Default: none. */
  readonly turn?: TurnOptions;
  /** Where TURN servers relay: "203.0.113.7" or "203.0.113.0/24". Naming them is not limited. */
  readonly turnRanges?: readonly string[];
  /** Take client addresses from X-Forwarded-For. Default false. */
  readonly trustProxy?: boolean;
  /** Seconds of an epoch of the accounts. Default 600. */
  readonly epochSeconds?: number;
  /** With `open`: pays between peers of one network too. Default false. */
  readonly allowSameNetwork?: boolean;
  /**
   * Where statements become durable, for tests. Default: the ledger of `dataDir`, in a thread of its own; without a
   * `dataDir` there is none, no grants are issued and no statements taken.
   */
  readonly statements?: StatementStore;
  /** An epoch is settled so many seconds after its close. Default 120. */
  readonly settleAfterSeconds?: number;
  /** Rewards are pending for so long before they are posted; at least an epoch. Default: 14 days. */
  readonly escrowSeconds?: number;
  /** Called when the ledger fails. Default: the error ends the process. */
  readonly broken?: (error: Error) => void;
  /** More pages on the same port. */
  readonly routes?: readonly HttpRoute[];
}

export interface Tracker {
  readonly port: number;
  /** For clients on this machine. */
  readonly url: string;
  /** Whose tokens are taken. */
  readonly publishers: PublisherRegistry;
  /** What was earned and spent. Null without a `dataDir`. */
  readonly ledger: Ledger | null;
  stats(): TrackerStats;
  /** Tells every client, drains for at most two seconds and frees the port. Harmless when repeated. */
  close(): Promise<void>;
}

/** Time for clients to read ERROR shutting-down and close. */
const drainMs = 2_000;

/**
 * Starts a tracker in this process.
 * @throws TypeError naming a wrong option; Error with `code` (EADDRINUSE, EACCES, …) where it cannot listen.
 */
export async function startTracker(options: TrackerOptions): Promise<Tracker> {
  const { port = 0, dataDir, open, sockets = "auto", verifier = true, trustProxy = false } = options;
  const host = options.host ?? (open ? "127.0.0.1" : "0.0.0.0");
  const iceServers = options.iceServers ?? [];
  const { turn } = options;
  const iceServersFor = (peer: PeerKey, nowMs: number) =>
    turn === undefined ? iceServers : [...iceServers, turnServerFor(turn, peer, nowMs)];
  checkIceServers(iceServersFor("0".repeat(32) as PeerKey, Date.now()));
  const turnBlocks = (options.turnRanges ?? []).map(listedBlock);
  const origins = (options.origins ?? []).map(listedOrigin);

  const { adminSecret } = options;
  if (adminSecret !== undefined && adminSecret.length < adminSecretLengthMin)
    throw new TypeError(`adminSecret: expected at least ${adminSecretLengthMin} characters`);

  const key = loadTrackerKey(dataDir);
  const rules = accountingRules(options, key.trackerId);
  const ledger = options.statements === undefined ? await openLedger(options, rules.epochMs) : null;
  const bookkeeper = ledger && createBookkeeper(ledger, rules.epochMs, monotonicUnixMs);
  const statements = options.statements ?? bookkeeper?.store ?? null;
  const hasBudget = (publisher: Uint8Array) => bookkeeper?.hasBudget(publisher) ?? true;
  const accounting = statements === null ? null : { ...rules, hasBudget };
  const { registry: publishers, close: closePublishers } = await openPublishers(dataDir, options.database);
  const routes = [...(options.routes ?? [])];
  if (ledger !== null && dataDir !== null) {
    const door = createLedgerDoor(open, key.trackerId, publishers);
    const limited = createAddressLimit(addressLedgerQuestions, monotonicUnixMs);
    routes.push(
      limited(createEgressRoute(ledger, door, key.swarmIdOf, monotonicUnixMs)),
      limited(createLedgerRoute(ledger, door)),
      createLogRoute(logFolderOf(dataDir)),
      createEarningsRoute(),
    );
  }
  if (adminSecret !== undefined) routes.push(createAdminRoute(publishers, adminSecret, Date.now));
  const policy = createOriginPolicy({ open, host, trustProxy, origins });
  const driver = createDriver(
    {
      trackerId: key.trackerId,
      open,
      verifier,
      iceServersFor,
      turnBlocks,
      random: createUnguessableRandom(),
      swarmIdOf: key.swarmIdOf,
      contentHashOf,
      originOf,
      originAllowed: policy.originAllowed,
      ...resourceNames,
      accounting,
    },
    key,
    policy,
    createHelloJudge({ open, key, publishers, nowMs: Date.now }),
    statements,
    bookkeeper?.sawRoots,
  );
  const titles =
    bookkeeper === null
      ? null
      : createTitles(createPlaylistReader(policy), bookkeeper.sawRoots, monotonicUnixMs);
  const registered = bookkeeper === null ? [] : (await publishers.list()).map(({ id }) => id);
  await bookkeeper?.start({
    audience: driver.audience,
    titles,
    publishers: open ? [OPEN_PUBLISHER, ...registered] : registered,
    apart: driver.apart,
    broken: options.broken ?? throwLater,
  });
  const { post } = driver;
  if (post !== null) routes.push({ prefix: "/statement", answer: post });
  const startedAtMs = monotonicUnixMs();
  const stats = (): TrackerStats => ({
    uptimeMs: Math.round(monotonicUnixMs() - startedAtMs),
    sockets: server.kind,
    open,
    ...driver.stats(),
  });
  const server = await listen(sockets, {
    host,
    port,
    trustProxy,
    accept: driver.accept,
    answer: createPages(stats, routes),
  }).catch(async (error: unknown) => {
    titles?.close();
    await closePublishers();
    await bookkeeper?.close();
    throw error;
  });
  let closing: Promise<void> | null = null;
  return {
    port: server.port,
    url: `ws://${reachable(host)}:${server.port}`,
    publishers,
    ledger,
    stats,
    close() {
      closing ??= (async () => {
        server.stopListening();
        await driver.shutdown(drainMs);
        await server.close();
        titles?.close();
        await bookkeeper?.close();
        await closePublishers();
      })();
      return closing;
    },
  };
}

function accountingRules(
  { epochSeconds = 600, ...of }: TrackerOptions,
  trackerId: Uint8Array,
): AccountingConfig {
  if (!Number.isInteger(epochSeconds) || epochSeconds < 1 || epochSeconds > 86_400)
    throw new TypeError(`epochSeconds: expected an integer from 1 to 86400, got ${epochSeconds}`);
  if (of.allowSameNetwork === true && !of.open)
    throw new TypeError("allowSameNetwork: only together with open");
  return {
    trackerKeyId: trackerKeyIdOf(trackerId),
    epochMs: epochSeconds * 1000,
    allowSameNetwork: of.allowSameNetwork ?? false,
    hasBudget: () => true,
  };
}

function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function listedOrigin(text: string): string {
  const origin = bareOriginOf(text);
  if (origin !== null) return origin;
  throw new TypeError(`origins: expected http(s)://host[:port], got ${JSON.stringify(text)}`);
}

function listedBlock(text: string): AddressBlock {
  const block = parseBlock(text);
  if (block !== null) return block;
  throw new TypeError(`turnRanges: expected an IP address or a block such as 203.0.113.0/24, got "${text}"`);
}

/** A list that does not fit WELCOME would fail at the first viewer; it fails here instead. */
function checkIceServers(iceServers: readonly IceServer[]): void {
  try {
    encodeTrackerMessage({
      type: "welcome",
      peer: new Uint8Array(16),
      timeMs: 0,
      p2pAllowed: true,
      verifier: true,
      announceIntervalMs: 0,
      iceServers,
      resumeTicket: new Uint8Array(0),
      variant: "",
    });
  } catch (error) {
    throw new TypeError(`iceServers: ${(error as Error).message}`, { cause: error });
  }
}

/** The ledger of the data directory. A demonstration on one machine pays with play money, whoever watches. */
async function openLedger(options: TrackerOptions, epochMs: number): Promise<Ledger | null> {
  const { dataDir, database, settleAfterSeconds, escrowSeconds, allowSameNetwork = false } = options;
  if (dataDir === null) return null;
  const ledger = await startLedgerThread({
    dataDir,
    epochMs,
    ...(database === undefined ? {} : { database }),
    ...(settleAfterSeconds === undefined ? {} : { graceMs: settleAfterSeconds * 1000 }),
    parameters: {
      ...(allowSameNetwork ? { prefixesMin: 1 } : {}),
      ...(escrowSeconds === undefined ? {} : { escrowMs: escrowSeconds * 1000 }),
    },
  });
  if (allowSameNetwork)
    await ledger.deposit({ id: "deposit/play-money", publisher: OPEN_PUBLISHER, amount: PLAY_MONEY });
  return ledger;
}

/** $1,000 that nobody paid. */
const PLAY_MONEY = 1_000_000_000n;

/** A ledger that broke must not look as if it went on. */
function throwLater(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}
