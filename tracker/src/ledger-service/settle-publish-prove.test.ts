import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  checkPayoutProof,
  parseNoteKey,
  parsePayoutProof,
  runHashing,
  runHashingAsync,
} from "@tributary/protocol/log";
import { verifyEd25519 } from "../adapters/crypto/ed25519.ts";
import { sha256 } from "../adapters/database/sha256.ts";
import { batchOf, PUBLISHER, accountOf } from "../adapters/database/testing/epoch-scene.ts";
import type { Ledger } from "./contract.ts";
import { startLedgerThread } from "./ledger-thread.ts";

const EPOCH_MS = 60_000;
let dataDir: string;
const opened: Ledger[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "tributary-ledger-"));
});
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
  rmSync(dataDir, { recursive: true });
});

async function start(options: { epochMs?: number; parameters?: object } = {}): Promise<Ledger> {
  const ledger = await startLedgerThread({
    dataDir,
    epochMs: EPOCH_MS,
    graceMs: 1_000,
    parameters: { prefixesMin: 1 },
    ...options,
  });
  opened.push(ledger);
  return ledger;
}
const closeAll = async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
};

async function fund(ledger: Ledger, epochs: readonly number[]): Promise<void> {
  await ledger.deposit({ id: "deposit/1", publisher: PUBLISHER, amount: 10_000n });
  for (const epoch of epochs) {
    const lease = { id: `lease/${epoch}`, publisher: PUBLISHER, amount: 500n, epoch };
    expect(await ledger.takeLease(lease)).toBe(true);
  }
}

it("settles what is due, publishes it, and proves to each account what it earned", async () => {
  const ledger = await start();
  await fund(ledger, [1, 2]);
  await Promise.all([1, 2].map((epoch) => ledger.record(batchOf(epoch))));
  expect(await ledger.settleDue(2 * EPOCH_MS + 999)).toEqual([]);
  expect((await ledger.settleDue(2 * EPOCH_MS + 1_000)).map(({ epoch, paid }) => [epoch, paid])).toEqual([
    [1, 34n],
  ]);
  expect((await ledger.settleDue(9 * EPOCH_MS)).map(({ epoch }) => epoch)).toEqual([2]);
  expect(await ledger.settleDue(9 * EPOCH_MS)).toEqual([]);

  const alice = accountOf("alice");
  const earnings = await ledger.earningsOf(alice);
  expect(earnings.map(({ epoch, paid, state }) => [epoch, paid, state])).toEqual([
    [2, 17n, "pending"],
    [1, 17n, "pending"],
  ]);
  const spending = await ledger.spendingOf(PUBLISHER);
  expect(spending).toMatchObject({ available: 9_900n, setAside: 0n });
  const bytes = earnings[0]!.bytes * 2n;
  expect(spending.charges).toEqual([2, 1].map((epoch) => ({ epoch, amount: 50n, bytes })));

  const proof = parsePayoutProof((await ledger.proofOf(alice, PUBLISHER, 1))!);
  const key = runHashing(parseNoteKey(ledger.logKey), sha256);
  if (!proof.ok || !key.ok) throw new Error("no proof, or no key");
  const verdict = await checkPayoutProof(proof.value, key.value, verifyEd25519, (hashing) =>
    runHashingAsync(hashing, async (bytes) => sha256(bytes)),
  );
  expect(verdict.steps.map(({ ok, text }) => `${ok} ${text}`)).toEqual([
    `true the checkpoint is signed by ${key.value.name}`,
    "true the epoch's record is entry 0 of 2 in the log",
    "true both are of epoch 1",
    expect.stringMatching(/^true the payout is number [12] of 2, and all of them add up to 34 micro-units$/),
    "true 34 micro-units paid of 50 collected from publishers",
  ]);
  expect(verdict.proved?.payout.paid).toBe(17n);
  expect(readFileSync(join(dataDir, "log", "checkpoint"), "utf8")).toContain(`${key.value.name}\n2\n`);
  expect(await ledger.proofOf(accountOf("bob"), PUBLISHER, 1)).toBeNull();

  const tampered = {
    ...proof.value,
    record: proof.value.record.map((byte, at) => (at === 90 ? byte ^ 1 : byte)),
  };
  const refused = await checkPayoutProof(tampered, key.value, verifyEd25519, (hashing) =>
    runHashing(hashing, sha256),
  );
  expect(refused.ok).toBe(false);
});

it("posts a reward when its escrow is over, though nobody watches any more", async () => {
  const ledger = await start({ parameters: { prefixesMin: 1, escrowMs: 2 * EPOCH_MS } });
  await fund(ledger, [1]);
  await ledger.record(batchOf(1));
  const settledUntil = async (closed: number) => {
    const settled = await ledger.settleDue((closed + 1) * EPOCH_MS + 1_000);
    const [earned] = await ledger.earningsOf(accountOf("alice"));
    return [settled.map(({ epoch, paid }) => `${epoch}: ${paid}`), earned?.state];
  };
  expect(await settledUntil(1)).toEqual([["1: 34"], "pending"]);
  expect(await settledUntil(2)).toEqual([[], "pending"]);
  expect(await settledUntil(3)).toEqual([["3: 0"], "posted"]);
  expect(await settledUntil(4)).toEqual([[], "posted"]);
});

it("keeps what it acknowledged when it is opened again", async () => {
  const ledger = await start();
  await fund(ledger, [1]);
  const batch = batchOf(1);
  expect(await ledger.record(batch)).toEqual([true, true, true, true]);
  const { logKey } = ledger;
  await closeAll();
  const again = await start();
  expect(again.logKey).toBe(logKey);
  expect(await again.findGrants(batch.grants!.map(({ grantId }) => grantId))).toHaveLength(2);
  expect((await again.settleDue(9 * EPOCH_MS)).map(({ paid }) => paid)).toEqual([34n]);
});

it("answers a malformed batch with its fault, and the others that came with it as if alone", async () => {
  const ledger = await start();
  const good = batchOf(1);
  const bad = { statements: [{ sealed: new Uint8Array(5), account: null }] };
  const answers = await Promise.allSettled([good, bad, batchOf(2)].map((batch) => ledger.record(batch)));
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

it("refuses to open with epochs of another length", async () => {
  const ledger = await start();
  await fund(ledger, [1]);
  await ledger.record(batchOf(1));
  await ledger.settleDue(9 * EPOCH_MS);
  await closeAll();
  await expect(start({ epochMs: 30_000 })).rejects.toThrow("are 60 s long and cannot become 30 s");
});

it("refuses to open on an old backup of what it published, and opens on the newer one", async () => {
  const [file, older, newer] = ["", ".older", ".newer"].map((name) =>
    join(dataDir, `tributary.sqlite${name}`),
  ) as [string, string, string];
  for (const epoch of [1, 2]) {
    const ledger = await start();
    await fund(ledger, [epoch]);
    await ledger.record(batchOf(epoch));
    expect((await ledger.settleDue((epoch + 2) * EPOCH_MS)).map(({ epoch }) => epoch)).toEqual([epoch]);
    await closeAll();
    copyFileSync(file, epoch === 1 ? older : newer);
  }
  copyFileSync(older, file);
  await expect(start()).rejects.toThrow("the published log has 2 epochs and the database 1");
  copyFileSync(newer, file);
  expect(await (await start()).settleDue(9 * EPOCH_MS)).toEqual([]);
});
