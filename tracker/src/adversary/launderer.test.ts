import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import type { SegmentRoot } from "@tributary/protocol";
import { fingerprintOf } from "../adapters/verifier/fingerprint.ts";
import { OPEN_PUBLISHER } from "../core/accounting/grants.ts";
import { startTracker, type Tracker } from "../index.ts";
import { startLedgerThread } from "../ledger-service/ledger-thread.ts";
import { mediaBytes, startMediaOrigin } from "../testing/media-origin.ts";
import { admitSybils, grantsOf, joinAll, pretend, type Sybils } from "../testing/sybils.ts";

const EPOCH_MS = 6_000;
/** Time for the last statements, and for the publisher's report. */
const SETTLE_AFTER_SECONDS = 3;
const SEGMENT_BYTES = 1_000_000;
/** Enough for a title to pay. */
const NETWORKS = 22;
/** What a title is believed to need whose playlists the tracker has not read. */
const WATCHED_BPS_MAX = 25_000_000;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Place {
  readonly tracker: Tracker;
  readonly origin: string;
}

/** A tracker with its verifier, a ledger, and a publisher that can pay for it all. */
async function start(): Promise<Place> {
  const dataDir = mkdtempSync(join(tmpdir(), "tributary-launderer-"));
  cleanUps.push(() => rmSync(dataDir, { recursive: true }));
  const media = await startMediaOrigin((path, response) =>
    response.end(mediaBytes(SEGMENT_BYTES, path.length)),
  );
  cleanUps.push(() => media.close());
  const ledger = await startLedgerThread({ dataDir, epochMs: EPOCH_MS });
  await ledger.deposit({ id: "deposit/1", publisher: OPEN_PUBLISHER, amount: 50_000n });
  await ledger.close();
  const tracker = await startTracker({
    dataDir,
    open: true,
    trustProxy: true,
    origins: [media.origin],
    epochSeconds: EPOCH_MS / 1000,
    settleAfterSeconds: SETTLE_AFTER_SECONDS,
  });
  cleanUps.push(() => tracker.close());
  return { tracker, origin: media.origin };
}

async function admit({ tracker }: Place, firstByte: number): Promise<Sybils> {
  const addresses = Array.from({ length: NETWORKS }, (_, network) => `${firstByte}.7.${network}.1`);
  const sybils = await admitSybils(tracker.url, addresses);
  cleanUps.push(() => sybils.clients.forEach(({ socket }) => socket.terminate()));
  return sybils;
}

/** As the tracker's verifier tells it to two viewers who ask. */
async function contentOf({ clients }: Sybils, origin: string): Promise<SegmentRoot> {
  const source = { url: `${origin}/film/1.ts`, rangeStart: 0, rangeLength: 0 };
  const id = { track: 1, sequence: 1, part: -1, fingerprint: fingerprintOf(source) };
  for (const client of clients.slice(0, 2)) client.send({ type: "hashes", segments: [{ id, ...source }] });
  return (await clients[0]!.next("hashes")).roots[0]!;
}

/** One of them fetches what it passes on from the CDN, and states that it fetched nothing. */
async function launder({ tracker, origin }: Place, sybils: Sybils, epoch: number): Promise<Uint8Array> {
  const [uploader] = sybils.clients;
  // Everybody is granted something with the first of them, in time.
  const grant = await vi.waitUntil(() => grantsOf(uploader!).find(({ payClass }) => payClass === "paid"));
  await pretend(sybils, {
    epoch,
    content: await contentOf(sybils, origin),
    uploader: uploader!,
    cdnBytes: 0,
  });
  expect(tracker.stats().accounting.statementsRefused).toBe(0);
  return grant.swarm;
}

const earned = async ({ ledger }: Tracker, { account }: Sybils) =>
  (await ledger!.earningsOf(account)).reduce((sum, { bytes }) => sum + Number(bytes), 0);

it("T7 launderer that states no CDN bytes: is paid nothing where the publisher reports its egress, and only there", async () => {
  const place = await start();
  const { tracker, origin } = place;
  const [reported, unreported] = [await admit(place, 20), await admit(place, 30)];
  await vi.waitFor(() => expect(Date.now() % EPOCH_MS).toBeLessThan(300), { timeout: 10_000, interval: 10 });
  const epoch = Math.floor(Date.now() / EPOCH_MS);
  await joinAll(reported, "reported", [origin]);
  await joinAll(unreported, "unreported", [origin]);
  await launder(place, unreported, epoch);
  const swarm = await launder(place, reported, epoch);
  // The CDN gave out whatever they watched, for each byte that was passed on came from there.
  const bytes = (WATCHED_BPS_MAX / 8) * (EPOCH_MS / 1000) * NETWORKS;
  await vi.waitUntil(
    async () => {
      const report = { publisher: OPEN_PUBLISHER, swarms: [swarm], epoch, bytes };
      return (await tracker.ledger!.reportEgress(report)).kind === "kept";
    },
    // The tracker writes down every few seconds who watches.
    { timeout: 8_000, interval: 50 },
  );
  await vi.waitFor(async () => expect(await earned(tracker, unreported)).toBeGreaterThan(SEGMENT_BYTES), {
    timeout: 20_000,
    interval: 100,
  });
  expect(await earned(tracker, reported)).toBe(0);
}, 60_000);
