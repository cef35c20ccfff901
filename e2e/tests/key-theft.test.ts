import { execFile } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { decodeClientMessage, delegationMessage, encodeHex } from "@tributary/protocol";
import { startTracker, type Tracker } from "@tributary/tracker";
import { asThief, type InjectedSite, withInjectedSite } from "../src/hostile/injected-site.ts";
import { startWithHistory } from "../src/ledger-history.ts";

const LEDGER = fileURLToPath(new URL("../../tracker/src/ledger-cli/main.ts", import.meta.url));

/** A viewer, a ledger with a past, and two commands that begin in processes of their own. */
const COMMANDS_TIMEOUT_MS = 180_000;

async function withSite(
  run: (site: InjectedSite, tracker: Tracker) => Promise<void>,
  weakens = false,
): Promise<void> {
  const tracker = await startTracker({ dataDir: null, open: true, allowSameNetwork: true });
  try {
    await withInjectedSite(tracker, weakens, (site) => run(site, tracker));
  } finally {
    await tracker.close();
  }
}

const hexOf = (account: string) => Buffer.from(account, "base64url").toString("hex");

function isSignedBy(account: string, message: string, signature: string): boolean {
  const der = Buffer.from(`302a300506032b6570032100${hexOf(account)}`, "hex");
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  return verify(null, Buffer.from(message, "hex"), key, Buffer.from(signature, "hex"));
}

test("T16 injected script: it gets hold of both keys, and their bytes by no way at all", async () => {
  await withSite(async ({ account, inject }) => {
    const keys = await inject("catchKeys");
    const places = new Set(keys.flatMap(({ caughtAt }) => caughtAt));
    // Neither engine nor player leads to a key; to catch one a script must have changed the browser's own functions.
    expect([...places].sort()).toEqual([
      "generateKey",
      "its database",
      "sign",
      "what is put into a database",
    ]);
    expect(keys.filter(({ caughtAt }) => caughtAt.includes("sign"))).toHaveLength(2);
    expect(keys.flatMap(({ takenOutBy }) => takenOutBy)).toEqual([]);
    expect(new Set(keys.map(({ kind }) => kind))).toEqual(new Set(["Ed25519 sign"]));
    // What remains: while the page is open it signs whatever it likes.
    const signature = await inject("signAsAccount", "c0ffee");
    expect(isSignedBy(account, "c0ffee", signature)).toBe(true);
  });
});

test("T16 frame of another origin: it is handed the keys and keeps them, in this browser and without their bytes", async () => {
  await withSite(async ({ page, account, inject, thiefUrl }, tracker) => {
    await inject("catchKeys");
    await inject("handOver", thiefUrl);
    const frame = page.frames().find((one) => one.url() === thiefUrl)!;
    const loot = await asThief(frame, "loot");
    expect(loot.length).toBeGreaterThanOrEqual(3);
    expect(loot.flatMap(({ takenOutBy }) => takenOutBy)).toEqual([]);
    // What remains: the handle outlives the page that it was stolen from, and has sessions earn for its owner.
    const later = await page.context().newPage();
    await page.close();
    await later.goto(thiefUrl);
    expect((await asThief(later, "loot")).flatMap(({ takenOutBy }) => takenOutBy)).toEqual([]);
    expect(await asThief(later, "forge", tracker.url, hexOf(account))).toEqual({
      welcomed: true,
      errors: [],
    });
  });
});

test("T16 what remains: a script that is there when an account is made can have it made with a key to copy", async () => {
  await withSite(async ({ account, inject }) => {
    const keys = await inject("catchKeys");
    const kept = keys.filter(({ caughtAt }) => caughtAt.includes("its database"));
    expect(kept.map(({ takenOutBy }) => takenOutBy)).toEqual([expect.arrayContaining(["exportKey pkcs8"])]);
    expect(isSignedBy(account, "c0ffee", await inject("signAsAccount", "c0ffee"))).toBe(true);
  }, true);
});

test("T16 delegation: what one session showed is of no use to another", async () => {
  await withSite(async ({ page, account, inject, thiefUrl }, tracker) => {
    const [delegation] = (await inject("sent")).flatMap((frame) => {
      const decoded = decodeClientMessage(Buffer.from(frame, "hex"));
      return decoded.ok && decoded.value.type === "hello" ? [decoded.value.delegation] : [];
    });
    const parsed = delegationMessage.parse(delegation!);
    expect(parsed.ok && encodeHex(parsed.value.account)).toBe(hexOf(account));
    expect(parsed.ok && parsed.value.expiryMs).toBeLessThanOrEqual(Date.now() + 24 * 60 * 60 * 1_000);
    const thief = await page.context().newPage();
    await thief.goto(thiefUrl);
    const answer = await asThief(thief, "reuse", tracker.url, encodeHex(delegation!));
    expect(answer).toEqual({
      welcomed: true,
      errors: [
        expect.objectContaining({ code: "wrong-key", message: expect.stringContaining("another session") }),
      ],
    });
  });
});

const ledgerCli = (...args: string[]): Promise<{ readonly ok: boolean; readonly said: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", LEDGER, ...args], (error, stdout, stderr) =>
      resolve({ ok: error === null, said: stdout + stderr }),
    );
  });

test("T16 payout address: whoever has it changed is not paid at once what the account has earned", async () => {
  test.setTimeout(COMMANDS_TIMEOUT_MS);
  await withSite(async ({ account: name }) => {
    const account = Buffer.from(name, "base64url");
    const { tracker, dataDir, close } = await startWithHistory({ served: [3, 3], escrowEpochs: 0, account });
    try {
      const earned = (await tracker.ledger!.earningsOf(account)).filter(({ state }) => state === "posted");
      expect(earned.length).toBeGreaterThan(0);
      const change = ["--data", dataDir, "--account", name, "--address", `0x${"7".repeat(40)}`];
      expect((await ledgerCli("payout-address", ...change)).ok).toBe(true);
      const chain = ["--chain-id", "1", "--distributor", `0x${"d".repeat(40)}`, "--out", `${dataDir}/claims`];
      const { ok, said } = await ledgerCli("export", "--data", dataDir, ...chain);
      expect(said).toContain("no account with a payout address has anything to claim");
      expect(ok).toBe(false);
    } finally {
      await close();
    }
  });
});
