import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { encodeBase64Url } from "@tributary/protocol";
import { openDatabase, sqliteFileOf } from "../adapters/database/open-database.ts";
import { startTracker, type Tracker } from "../index.ts";
import { joinMessage } from "../testing/core-rig.ts";
import { connectTracker } from "../testing/tracker-client.ts";

const MAIN = fileURLToPath(new URL("../publishers/main.ts", import.meta.url));
const EPOCH_SECONDS = 3_600;

let dataDir: string;
let tracker: Tracker;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "tributary-egress-"));
  tracker = await startTracker({
    dataDir,
    open: false,
    host: "127.0.0.1",
    epochSeconds: EPOCH_SECONDS,
  });
});
afterEach(async () => {
  await tracker.close();
  rmSync(dataDir, { recursive: true });
});

const epochNow = () => Math.floor(Date.now() / (EPOCH_SECONDS * 1000));

async function publisher(...args: string[]): Promise<string> {
  const all = ["--import", "tsx", MAIN, ...args, "--data", dataDir];
  return (await promisify(execFile)(process.execPath, all)).stdout.trim();
}

async function post(token: string, body: unknown, method = "POST") {
  const answer = await fetch(`http://127.0.0.1:${tracker.port}/ledger/egress`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

async function reports() {
  const database = await openDatabase(sqliteFileOf(dataDir));
  const rows = await database.selectFrom("egress_report").selectAll().execute();
  await database.destroy();
  return rows.map(({ swarm, epoch, bytes }) => [encodeBase64Url(swarm), Number(epoch), bytes]);
}

it("keeps what a publisher reports of a title that was watched, and the last word of it", async () => {
  await publisher("add", "acme");
  const viewer = await connectTracker(tracker.url);
  await viewer.hello({ token: await publisher("token", "acme", "--content", "film") });
  await viewer.next("welcome");
  viewer.send(joinMessage("film"));
  const swarm = encodeBase64Url((await viewer.next("swarm")).swarm);
  const token = await publisher("ledger-token", "acme");
  let epoch = -1;
  const report = () => {
    epoch = epochNow();
    return post(token, { contentId: "film", epoch, bytes: 1_000 });
  };
  // The tracker writes down every few seconds who watches.
  await expect.poll(async () => (await report()).status, { timeout: 15_000, interval: 500 }).toBe(200);
  expect((await post(token, { contentId: "film", epoch, bytes: 1_000 })).text).toBe(
    `${JSON.stringify({ swarm, epoch, bytes: 1_000 })}\n`,
  );
  const at = `http://127.0.0.1:${tracker.port}`;
  const flags = ["--epoch", String(epoch), "--bytes", "2000", "--tracker", at];
  expect(JSON.parse(await publisher("egress", "acme", "--swarm", swarm, ...flags))).toMatchObject({
    bytes: 2_000,
  });
  expect(await reports()).toEqual([[swarm, epoch, 2_000n]]);

  await expect(publisher("egress", "acme", "--content", "other", ...flags)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("nobody watched that") as string,
  });
  // The same title of another publisher is another swarm.
  await publisher("add", "rival");
  const rival = await publisher("ledger-token", "rival");
  expect((await post(rival, { contentId: "film", epoch, bytes: 1 })).status).toBe(404);
  expect(await reports()).toHaveLength(1);
  viewer.close();
});

it("refuses strangers and whatever is no report", async () => {
  expect((await post("nonsense", {})).status).toBe(401);
  await publisher("add", "acme");
  const token = await publisher("ledger-token", "acme");
  const good = { contentId: "film", epoch: epochNow(), bytes: 1 };
  expect((await post(token, good, "PUT")).status).toBe(405);
  for (const [changes, word] of [
    [{ swarm: "x" }, "either contentId or swarm"],
    [{ contentId: undefined }, "either contentId or swarm"],
    [{ contentId: undefined, swarm: "x" }, "swarm: "],
    [{ contentId: "" }, "contentId: "],
    [{ contentId: "x".repeat(2_049) }, "contentId: "],
    [{ epoch: epochNow() + 2 }, "epoch: "],
    [{ epoch: -1 }, "epoch: "],
    [{ bytes: 2 ** 53 }, "bytes: "],
    [{ bytes: 1.5 }, "bytes: "],
    [{ bytes: "1" }, "bytes: "],
  ] as const) {
    const { status, text } = await post(token, { ...good, ...changes });
    expect([status, text]).toEqual([400, expect.stringContaining(word) as string]);
  }
  for (const body of ["", "[", "1"]) expect((await post(token, body)).status).toBe(400);
});
