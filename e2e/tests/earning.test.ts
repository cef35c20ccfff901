import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { startTracker, type Tracker } from "@tributary/tracker";
import { checkViewers, type Scene, until, type Viewer, withScene } from "../src/index.ts";

/** Two viewers play, an epoch closes, is settled, and what was earned in it is released by a later one. */
const TEST_TIMEOUT_MS = 240_000;
const EPOCH_S = 20;
/** Statements go out a quarter of a minute after the first receipt: in the next epoch, if it is a slow machine. */
const SETTLE_AFTER_S = 10;
/** All of the sample stream at once, so that it is served in one go. */
const WHOLE_TITLE = { maxBufferLength: 600, maxMaxBufferLength: 600 };

async function withLedger(run: (tracker: Tracker) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "earning-"));
  const tracker = await startTracker({
    dataDir,
    open: true,
    allowSameNetwork: true,
    epochSeconds: EPOCH_S,
    settleAfterSeconds: SETTLE_AFTER_S,
    escrowSeconds: EPOCH_S,
  });
  try {
    await run(tracker);
  } finally {
    await tracker.close();
    rmSync(dataDir, { recursive: true });
  }
}

/** The second takes from the first what there is. Early in an epoch: in it there is time to watch what is paid for. */
async function shareAll(scene: Scene, earning: object): Promise<{ earner: Viewer; taker: Viewer }> {
  const earner = await scene.join({ engine: { ...earning, earn: {} } });
  const all = { what: "it has the whole title" };
  await earner.until(({ bufferedEndS, durationS }) => durationS > 0 && bufferedEndS > durationS - 1, all);
  await until(() => Date.now() % (EPOCH_S * 1_000) < 3_000, {
    what: "an epoch has just begun",
    timeoutMs: EPOCH_S * 1_000,
  });
  const taker = await scene.join({ engine: earning });
  await taker.until(({ bufferedEndS, durationS }) => durationS > 0 && bufferedEndS > durationS - 1, all);
  return { earner, taker };
}

test("what a viewer served is on its account: pending when the epoch is settled, then posted", async () => {
  test.setTimeout(TEST_TIMEOUT_MS);
  await withLedger(async (tracker) => {
    const engine = { tracker: tracker.url };
    await withScene({ stream: "vod-ts", tracker: null, hls: WHOLE_TITLE }, async (scene) => {
      const { earner, taker } = await shareAll(scene, engine);
      const { stats, warnings } = await earner.report();
      expect(warnings).toEqual([]);
      expect(stats?.account).toMatch(/^[\w-]{43}$/);
      expect((await taker.report()).stats?.account).toBeNull();
      const account = Buffer.from(stats!.account!, "base64url");

      const earnings = async () => (await tracker.ledger?.earningsOf(account)) ?? [];
      const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
      await until(async () => (await earnings()).length > 0, {
        what: "an epoch is settled",
        timeoutMs: 1_000 * (2 * EPOCH_S + SETTLE_AFTER_S),
        describe: () => JSON.stringify(tracker.stats()),
      });
      await until(async () => (await earnings()).every(({ state }) => state === "posted"), {
        what: "what is settled is posted",
        timeoutMs: 1_000 * (3 * EPOCH_S + SETTLE_AFTER_S),
        describe: () => "some is still pending",
      });
      const held = (await earner.report()).receipts.filter(({ direction }) => direction === "held");
      const receiptedBytes = held.reduce((total, { bytes }) => total + bytes, 0);
      const posted = await earnings();
      expect(Number(sum(posted.map(({ bytes }) => bytes)))).toBe(receiptedBytes);
      const served = (await earner.report()).stats!.uploadedBytes;
      expect(receiptedBytes).toBeGreaterThan(0.9 * served);
      // $0.0035 for 10^9 bytes, rounded down for each epoch.
      const paid = posted.map(({ bytes }) => (bytes * 3_500n) / 1_000_000_000n);
      expect(posted.map((earning) => earning.paid)).toEqual(paid);
      expect((await checkViewers(scene)).problems).toEqual([]);
    });
  });
});

test("by roots in the playlist alone it is paid too, and no faster than the stream plays", async () => {
  test.setTimeout(TEST_TIMEOUT_MS);
  await withLedger(async (tracker) => {
    await withScene({ stream: "roots/vod-ts", tracker: null, hls: WHOLE_TITLE }, async (scene) => {
      // The default content id names a port of each viewer's own; this one the tracker can read.
      const contentId = `${scene.origin.url}/roots/vod-ts/index.m3u8`;
      const { earner } = await shareAll(scene, { tracker: tracker.url, contentId });
      const account = Buffer.from((await earner.report()).stats!.account!, "base64url");
      const earnings = async () => (await tracker.ledger?.earningsOf(account)) ?? [];
      await until(async () => (await earnings()).length > 0, {
        what: "an epoch is settled",
        timeoutMs: 1_000 * (2 * EPOCH_S + SETTLE_AFTER_S),
        describe: () => JSON.stringify(tracker.stats()),
      });
      const paidBytes = (await earnings()).reduce((sum, { bytes }) => sum + Number(bytes), 0);
      const served = (await earner.report()).stats!.uploadedBytes;
      expect(paidBytes).toBeGreaterThan(0.3 * served);
      expect(paidBytes).toBeLessThanOrEqual(served);
      // The verifier had nothing to fetch.
      expect(tracker.stats().verifier?.copies).toBe(0);
    });
  });
});

test("an account outlives its page, and two pages of a site earn for the same one", async () => {
  await withLedger(async (tracker) => {
    const engine = { tracker: tracker.url, earn: {} };
    await withScene({ stream: "vod-ts", tracker: null, engine }, async (scene) => {
      const [first, other] = [await scene.join(), await scene.join()];
      const accountOf = async (viewer: Viewer) =>
        (await viewer.until(({ stats }) => stats?.account != null, { what: "it has an account" })).stats!
          .account;
      const account = await accountOf(first);
      expect(await accountOf(other)).not.toBe(account);
      // Loaded anew, it plays with a fresh session key and the kept account.
      await first.page.reload();
      await first.play();
      expect(await accountOf(first)).toBe(account);
      const second = await first.page.context().newPage();
      await second.goto(first.page.url());
      const exported = await second.evaluate(async () => {
        const pair = await new Promise<CryptoKeyPair>((resolve, reject) => {
          const opening = indexedDB.open("keyval-store");
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const asked = opening.result.transaction("keyval").objectStore("keyval").get("tributary-account");
            asked.onsuccess = () => resolve(asked.result as CryptoKeyPair);
          };
        });
        return crypto.subtle.exportKey("pkcs8", pair.privateKey).then(
          () => "exported",
          (error: Error) => error.name,
        );
      });
      expect(exported).toBe("InvalidAccessError");
    });
  });
});

/** A page that knows nothing of us but the tag. */
const siteWith = (tag: string) => `<!doctype html>
<meta charset="utf-8" />
<link rel="icon" href="data:," />
<video muted playsinline></video>
${tag}
<script src="hls.min.js"></script>
<script>
  const hls = new Hls();
  hls.loadSource("/vod-ts/index.m3u8");
  hls.attachMedia(document.querySelector("video"));
  window.account = () => [...Tributary.engines].map((engine) => engine.stats().account)[0] ?? null;
</script>
`;

test("a script tag with data-earn is credited, by the module that lies beside it", async () => {
  await withLedger(async (tracker) => {
    await withScene({ stream: "vod-ts", tracker: null }, async ({ browser, origin, setPage }) => {
      setPage(
        "site.html",
        siteWith(`<script src="tributary.min.js" data-tracker="${tracker.url}" data-earn></script>`),
      );
      const page = await browser.newPage();
      await page.goto(`${(await origin.openPort("site")).url}/e2e/site.html`);
      const account = () =>
        page.evaluate(() => (window as unknown as { account(): string | null }).account());
      await expect.poll(account, { timeout: 20_000 }).toMatch(/^[\w-]{43}$/);
      expect(tracker.stats().refusals).toEqual({});
    });
  });
});
