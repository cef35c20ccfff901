import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { audienceOf } from "../admission.ts";
import { mintLedgerToken } from "../adapters/admission/mint-token.ts";
import { loadTrackerKey } from "../adapters/crypto/tracker-key.ts";
import { startTracker, type Tracker } from "../index.ts";
import { createPublisher } from "../testing/publishers.ts";

let dataDir: string;
let tracker: Tracker;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "tributary-pages-"));
});
afterEach(async () => {
  await tracker.close();
  rmSync(dataDir, { recursive: true });
});

const get = (path: string, authorization?: string) =>
  fetch(`http://127.0.0.1:${tracker.port}${path}`, {
    redirect: "manual",
    headers: authorization === undefined ? {} : { authorization },
  });

it("shows a publisher's spending to whoever brings a token of that publisher for it, and to nobody else", async () => {
  tracker = await startTracker({
    dataDir,
    open: false,
    host: "127.0.0.1",
    escrowSeconds: 60,
    epochSeconds: 30,
  });
  const acme = createPublisher("acme");
  await tracker.publishers.add(acme.publisher);
  await tracker.ledger!.deposit({ id: "deposit/1", publisher: acme.publisher.id, amount: 70_000n });
  const audience = audienceOf(loadTrackerKey(dataDir).trackerId);
  const tokenOf = ({ privateKey, keyId } = acme, changes = {}) => {
    const claims = { publisher: "acme", audience, expiresAtMs: Date.now() + 60_000, ...changes };
    return mintLedgerToken(privateKey, keyId, claims);
  };
  const refusal = async (authorization?: string) => {
    const answer = await get("/ledger/spending", authorization);
    expect(answer.status).toBe(401);
    return answer.text();
  };
  expect(await refusal()).toContain("ledger-token");
  expect(await refusal("Bearer nonsense")).toContain("not a JWT");
  expect(await refusal(`Bearer ${await tokenOf(createPublisher("acme"))}`)).toContain("not signed by a key");
  expect(await refusal(`Bearer ${await tokenOf(acme, { audience: "another" })}`)).toContain(
    "another tracker",
  );
  expect(await refusal(`Bearer ${await tokenOf(acme, { expiresAtMs: Date.now() - 60_000 })}`)).toContain(
    "expired",
  );
  // What its viewers get opens nothing here, even for all of its titles.
  const viewers = await acme.mint({ audience, contentId: "*", expiresAtMs: Date.now() + 60_000 });
  expect(await refusal(`Bearer ${viewers}`)).toContain('scope is not "ledger"');

  const answer = await get("/ledger/spending", `Bearer ${await tokenOf()}`);
  expect(await answer.json()).toEqual({
    publisher: Buffer.from(acme.publisher.id).toString("base64url"),
    availableMicro: "70000",
    setAsideMicro: "0",
    charges: [],
  });
  expect(await (await get("/ledger/terms")).json()).toEqual({
    epochMs: 30_000,
    graceMs: 120_000,
    escrowMs: 60_000,
    pricePerGb: 5_000,
    rewardPerGb: 3_500,
  });
});

it("leads to the page with a slash, and lets no path out of its folder", async () => {
  tracker = await startTracker({ dataDir, open: true, epochSeconds: 30 });
  const led = await get("/earnings");
  expect([led.status, led.headers.get("location")]).toEqual([308, "earnings/"]);
  for (const path of [
    "/earnings/..%2f..%2fpackage.json",
    "/earnings/../../package.json",
    "/earnings/none.js",
  ])
    expect([404, 503]).toContain((await get(path)).status);
  expect((await fetch(`http://127.0.0.1:${tracker.port}/earnings/`, { method: "POST" })).status).toBe(405);
});

it("a tile whose path is longer than a file's can be is not there, and no trouble to be told of", async () => {
  tracker = await startTracker({ dataDir, open: true, epochSeconds: 30, sockets: "ws" });
  const warned = vi.spyOn(process, "emitWarning");
  expect((await get(`/log/tile/0/${"x000/".repeat(1_000)}000`)).status).toBe(404);
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});
