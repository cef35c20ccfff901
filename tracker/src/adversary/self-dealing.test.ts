import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { encodeBase64Url, type SegmentRoot } from "@tributary/protocol";
import { fingerprintOf } from "../adapters/verifier/fingerprint.ts";
import { OPEN_PUBLISHER } from "../core/accounting/grants.ts";
import { startTracker, type Tracker } from "../index.ts";
import { startLedgerThread } from "../ledger-service/ledger-thread.ts";
import { joinMessage } from "../testing/core-rig.ts";
import { mediaBytes, type MediaOrigin, startMediaOrigin } from "../testing/media-origin.ts";
import { createPublisher } from "../testing/publishers.ts";
import { admitSybils, grantsOf, joinAll, pretend, type Sybils } from "../testing/sybils.ts";
import { connectTracker, type TrackerClient } from "../testing/tracker-client.ts";

/**
 * Programs that talk to the tracker as viewers do, with perfect keys and signatures, and state transfers that never
 * were: none has a data channel. They know the true roots, which the tracker tells every viewer. All scenes play side
 * by side in one epoch of one tracker, with its verifier and its ledger.
 */
const EPOCH_MS = 6_000;
/** Time for the last statements to arrive in. */
const SETTLE_AFTER_SECONDS = 3;
const SEGMENT_BYTES = 1_000_000;
/** Micro-units. */
const DEPOSIT = 50_000n;

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
/** Addresses of so many different /24 networks. */
const networks = (count: number, first: number, hosts = 1) =>
  numbers(count).flatMap((net) => numbers(hosts).map((host) => `${first}.7.${net}.${host + 1}`));

let dataDir: string;
let origin: MediaOrigin;
let tracker: Tracker;
const all: TrackerClient[] = [];
const scenes = {} as Record<
  "oneNetwork" | "deadTitle" | "twice" | "invented" | "launderer" | "raced",
  Sybils
>;
/** Two viewers that come with the tokens of a publisher who never deposited anything. */
const unfunded: TrackerClient[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "tributary-adversary-"));
  origin = await startMediaOrigin((path, response) => response.end(mediaBytes(SEGMENT_BYTES, path.length)));
  await fundOpenPublisher();
  tracker = await startTracker({
    dataDir,
    open: true,
    trustProxy: true,
    origins: [origin.origin],
    epochSeconds: EPOCH_MS / 1000,
    settleAfterSeconds: SETTLE_AFTER_SECONDS,
  });
  await admitAll();
  const { epoch } = await enterAll();
  await pretendAll(epoch);
  // Those that are paid, so that the others have been settled with them.
  for (const { account } of [scenes.twice, scenes.raced])
    await vi.waitFor(async () => expect(await tracker.ledger!.earningsOf(account)).toHaveLength(1), {
      timeout: 20_000,
      interval: 100,
    });
}, 60_000);

afterAll(async () => {
  for (const client of all) client.socket.terminate();
  await tracker.close();
  await origin.close();
  rmSync(dataDir, { recursive: true });
});

async function fundOpenPublisher(): Promise<void> {
  const ledger = await startLedgerThread({ dataDir, epochMs: EPOCH_MS });
  await ledger.deposit({ id: "deposit/1", publisher: OPEN_PUBLISHER, amount: DEPOSIT });
  await ledger.close();
}

async function admitAll(): Promise<void> {
  const admit = async (addresses: readonly string[]) => {
    const sybils = await admitSybils(tracker.url, addresses);
    all.push(...sybils.clients);
    return sybils;
  };
  scenes.oneNetwork = await admit(numbers(50).map((host) => `66.66.66.${host + 1}`));
  // Fifty in one network short of what a title needs.
  scenes.deadTitle = await admit(networks(19, 20, 3).slice(0, 50));
  scenes.twice = await admit(networks(24, 30));
  scenes.invented = await admit(networks(24, 40));
  scenes.launderer = await admit(networks(24, 50));
  scenes.raced = await admit(networks(24, 80));
  const acme = createPublisher("acme");
  await tracker.publishers.add(acme.publisher);
  for (const address of networks(2, 60)) {
    const client = await connectTracker(tracker.url, { "x-forwarded-for": address });
    all.push(client);
    unfunded.push(client);
    const nonce = await client.next("nonce");
    client.inbox.push(nonce);
    const token = await acme.mint({
      audience: encodeBase64Url(nonce.trackerId),
      contentId: "invented publisher",
      expiresAtMs: Date.now() + 60_000,
    });
    await client.hello({ token });
    await client.next("welcome");
  }
}

/** All join at the beginning of an epoch, whose grants they then have. */
async function enterAll(): Promise<{ epoch: number }> {
  // Honest viewers of many networks, so that it is no dead title in which the one network pretends.
  const audience = await admitSybils(tracker.url, networks(20, 70));
  all.push(...audience.clients);
  await vi.waitFor(() => expect(Date.now() % EPOCH_MS).toBeLessThan(300), { timeout: 10_000, interval: 10 });
  const epoch = Math.floor(Date.now() / EPOCH_MS);
  const origins = [origin.origin];
  await joinAll(audience, "one network", origins);
  await joinAll(scenes.oneNetwork, "one network", origins);
  await joinAll(scenes.deadTitle, "dead title", origins);
  await joinAll(scenes.twice, "twice", origins);
  await joinAll(scenes.invented, "invented", origins);
  await joinAll(scenes.launderer, "launderer", origins);
  await joinAll(scenes.raced, "raced", origins);
  for (const client of unfunded) {
    client.send(joinMessage("invented publisher"));
    await client.next("swarm");
  }
  // Each grant goes to two.
  const untold = () =>
    2 * tracker.stats().accounting.grantsIssued -
    all.reduce((sum, client) => sum + grantsOf(client).length, 0);
  await vi.waitFor(() => expect(untold()).toBe(0), { timeout: 5_000, interval: 20 });
  return { epoch };
}

async function pretendAll(epoch: number): Promise<void> {
  const { oneNetwork, deadTitle, twice, invented, launderer, raced } = scenes;
  await pretend(oneNetwork, { epoch, content: await trueRoot(oneNetwork) });
  await pretend(deadTitle, { epoch, content: await trueRoot(deadTitle) });
  await pretend(twice, { epoch, content: await trueRoot(twice) });
  // Two of them have another resource's root computed first, whose path collides with the segment's.
  const rival = await rootOf(raced.clients.slice(2, 4), "/lie/hx5a9o7.ts");
  const content = await trueRoot(raced);
  expect(rival.segment).toEqual(content.segment);
  expect(rival.root).not.toEqual(content.root);
  await pretend(raced, { epoch, content });
  const madeUp = { ...(await trueRoot(invented)), root: new Uint8Array(32).fill(7) };
  await pretend(invented, { epoch, content: madeUp });
  await pretend(launderer, {
    epoch,
    content: await trueRoot(launderer),
    uploader: launderer.clients[0]!,
    // A viewer's own playback is believed to need what 25 Mbit/s bring in two minutes and a bit.
    cdnBytes: 500_000_000,
  });
}

/** As the tracker's verifier tells it to two viewers who ask. */
const trueRoot = ({ clients }: Sybils) => rootOf(clients.slice(0, 2), "/film/1.ts");

async function rootOf(clients: readonly TrackerClient[], path: string): Promise<SegmentRoot> {
  const source = { url: origin.origin + path, rangeStart: 0, rangeLength: 0 };
  const id = { track: 1, sequence: 1, part: -1, fingerprint: fingerprintOf(source) };
  const asked = { id, ...source };
  for (const client of clients) client.send({ type: "hashes", segments: [asked] });
  const { roots } = await clients[0]!.next("hashes");
  return roots[0]!;
}

const earned = async ({ account }: Sybils) =>
  (await tracker.ledger!.earningsOf(account)).reduce((sum, { bytes }) => sum + Number(bytes), 0);

/** Grants of that scene that would have been paid for. */
const paidGrants = ({ clients }: Sybils) =>
  clients.flatMap(grantsOf).filter(({ payClass }) => payClass === "paid").length;

describe("T6 ghost-town: fifty Sybils with perfect signatures and no data channel", () => {
  it("T6 are paid nothing where they share a network, in a title that many networks watch", async () => {
    expect(await earned(scenes.oneNetwork)).toBe(0);
    expect(tracker.stats().accounting.statementsRefused).toBe(0);
  });

  it("T6 are paid nothing in a title that nineteen networks watch, all of them their own", async () => {
    expect(paidGrants(scenes.deadTitle)).toBeGreaterThan(50);
    expect(await earned(scenes.deadTitle)).toBe(0);
  });
});

describe("T4 and T5: what Sybils of twenty-four networks get, whom nothing tells from viewers", () => {
  it("T4 is nothing for content that no verifier saw, however well it is signed", async () => {
    expect(paidGrants(scenes.invented)).toBeGreaterThan(24);
    expect(await earned(scenes.invented)).toBe(0);
  });

  it("T2 is as much where two of them gave its segment another resource's root first", async () => {
    expect(await earned(scenes.raced)).toBe(24 * SEGMENT_BYTES);
  });

  it("T5 is one payment for a segment and viewer, from however many it claims it", async () => {
    const downloads = new Set(
      scenes.twice.clients.flatMap(grantsOf).map(({ downloaderKey }) => encodeBase64Url(downloaderKey)),
    );
    expect(downloads.size).toBe(24);
    expect(paidGrants(scenes.twice)).toBeGreaterThan(4 * 24);
    expect(await earned(scenes.twice)).toBe(24 * SEGMENT_BYTES);
  });
});

describe("T7 and T8", () => {
  it("T7 launderer: who fetched from the CDN what it passed on is paid nothing", async () => {
    expect(paidGrants(scenes.launderer)).toBeGreaterThan(0);
    expect(await earned(scenes.launderer)).toBe(0);
  });

  it("T8 invented publisher: without a balance there is not one grant", async () => {
    const introductions = unfunded.flatMap(({ inbox }) =>
      inbox.flatMap((message) => (message.type === "peers" ? message.peers : [])),
    );
    expect(introductions).toHaveLength(1);
    expect(unfunded.flatMap(grantsOf)).toEqual([]);
  });

  it("T8 nobody is ever paid more than was deposited", async () => {
    const { available, setAside, charges } = await tracker.ledger!.spendingOf(OPEN_PUBLISHER);
    const charged = charges.reduce((sum, { amount }) => sum + amount, 0n);
    expect(charged).toBeGreaterThan(0n);
    expect(available + setAside + charged).toBe(DEPOSIT);
  });
});
