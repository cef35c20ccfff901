import { createPublicKey, verify } from "node:crypto";
import { expect, test } from "@playwright/test";
import { receiptMessage, type Grant, type StatementEntry } from "@tributary/protocol";
import { startTracker, type StatementRecord, type StatementStore, type Tracker } from "@tributary/tracker";
import { checkViewers, type Scene, until, type Viewer, withScene } from "../src/index.ts";

/** Two viewers play for a while, and a statement is made every 15 s. */
const TEST_TIMEOUT_MS = 120_000;

interface Told extends StatementEntry {
  readonly record: StatementRecord;
  readonly grant: Grant;
}

/** A tracker in this process, and everything that its viewers stated. */
async function withTracker(run: (tracker: Tracker, told: () => Told[]) => Promise<void>): Promise<void> {
  const grants: Grant[] = [];
  const records: StatementRecord[] = [];
  const isSame = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0;
  const statements: StatementStore = {
    saveGrants: async (issued) => void grants.push(...issued),
    findGrants: async (ids) => grants.filter(({ grantId }) => ids.some((id) => isSame(id, grantId))),
    saveStatement: async (record) => void records.push(record),
  };
  const tracker = await startTracker({
    dataDir: null,
    open: true,
    allowSameNetwork: true,
    epochSeconds: 86_400,
    statements,
  });
  try {
    await run(tracker, () =>
      records.flatMap((record) =>
        record.statement.entries.map((entry, at) => ({ ...entry, record, grant: record.grants[at]! })),
      ),
    );
  } finally {
    await tracker.close();
  }
}

function isSignedBy(key: Uint8Array, preimage: Uint8Array, signature: Uint8Array): boolean {
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
  return verify(null, preimage, createPublicKey({ key: der, format: "der", type: "spki" }), signature);
}

/** The two sides of one grant, each as last stated. */
function sidesOf(told: readonly Told[]): { up: Told; down: Told } | null {
  for (const up of told.filter(({ role }) => role === "uploader").reverse()) {
    const isOther = ({ role, grantId }: Told) =>
      role === "downloader" && Buffer.compare(grantId, up.grantId) === 0;
    const down = told.filter(isOther).at(-1);
    if (down !== undefined) return { up, down };
  }
  return null;
}

/** The second comes when the first has something to give. */
async function joinBoth(scene: Scene): Promise<{ first: Viewer; second: Viewer }> {
  const first = await scene.join();
  await first.until(({ bufferedEndS }) => bufferedEndS > 20, { what: "it has something to give" });
  return { first, second: await scene.join() };
}

test("two viewers give each other receipts, and the tracker hears of them from both sides", async () => {
  test.setTimeout(TEST_TIMEOUT_MS);
  await withTracker(async (tracker, told) => {
    const engine = { tracker: tracker.url };
    await withScene({ stream: "roots/vod-ts", tracker: null, engine }, async (scene) => {
      const { first, second } = await joinBoth(scene);
      const held = await first.until(({ receipts }) => receipts.some((news) => news.direction === "held"), {
        what: "it holds a receipt",
      });
      const given = await second.until(({ receipts }) => receipts.length > 0, { what: "it gave a receipt" });
      expect(given.receipts[0]).toMatchObject({ direction: "given", paid: true, peer: held.stats?.peerId });
      expect(held.receipts[0]).toMatchObject({ direction: "held", paid: true, peer: given.stats?.peerId });

      await until(async () => sidesOf(told()) !== null, {
        what: "both sides stated the grant",
        timeoutMs: 60_000,
        describe: () => JSON.stringify(told().map(({ role, seq, bytes }) => [role, seq, bytes])),
      });
      const { up, down } = sidesOf(told())!;
      expect(up.grant).toMatchObject({ payClass: "paid" });
      expect(up.record.statement.sessionKey).toEqual(up.grant.uploaderKey);
      expect(down.record.statement.sessionKey).toEqual(up.grant.downloaderKey);
      const receipt = receiptMessage.parse(up.receipt!);
      expect(receipt.ok && isSignedBy(up.grant.downloaderKey, receipt.preimage, receipt.signature)).toBe(
        true,
      );
      expect(up.bytes).toBeGreaterThan(100_000);
      const sum = down.links.reduce((bytes, link) => bytes + link.bytes, 0);
      expect(down.segments === down.links.length ? sum : down.bytes).toBe(down.bytes);
      if (up.seq === down.seq) expect(up.acc).toEqual(down.acc);
      const { accounting, refusals } = tracker.stats();
      expect(accounting.statementsRefused, JSON.stringify(refusals)).toBe(0);
      expect((await checkViewers(scene)).problems).toEqual([]);
    });
  });
});

test("the last statement survives the closing of its page", async () => {
  test.setTimeout(TEST_TIMEOUT_MS);
  await withTracker(async (tracker, told) => {
    const engine = { tracker: tracker.url };
    await withScene({ stream: "roots/vod-ts", tracker: null, engine }, async (scene) => {
      const { first, second } = await joinBoth(scene);
      await second.until(({ receipts }) => receipts.length > 0, { what: "it gave a receipt" });
      await first.until(({ receipts }) => receipts.length > 0, { what: "it holds one" });
      // A statement is signed with the first receipt, and sent a quarter of a minute later at the soonest.
      await Promise.all([first, second].map(({ page }) => page.goto("about:blank")));
      await until(async () => sidesOf(told()) !== null, { what: "both sides' last statements are there" });
      const { accounting, messagesInByType } = tracker.stats();
      expect(accounting.statementsRefused).toBe(0);
      // None of them came over the sockets.
      expect(messagesInByType["statement"] ?? 0).toBe(0);
    });
  });
});
