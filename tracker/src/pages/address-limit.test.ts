import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { addressLedgerQuestions } from "../core/limits.ts";
import { startTracker } from "../index.ts";
import { createAddressLimit } from "./address-limit.ts";
import type { HttpRoute } from "./pages.ts";

const RULE = { burst: 3, perSecond: 0.5 };

function limitedPages() {
  let nowMs = 0;
  const limited = createAddressLimit(RULE, () => nowMs);
  const page = (prefix: string) =>
    limited({ prefix, answer: async () => ({ status: 200, headers: {}, body: "" }) } satisfies HttpRoute);
  const pages = [page("/one"), page("/two")] as const;
  return {
    async ask(address: string, of: 0 | 1 = 0) {
      const request = { method: "GET", path: "", query: "", address, authorization: "", body: null };
      return (await pages[of].answer(request))!;
    },
    wait: (elapsedMs: number) => (nowMs += elapsedMs),
  };
}

it("an address is answered so often, and again when time has passed, and no other pays for it", async () => {
  const { ask, wait } = limitedPages();
  const statuses = async (...asked: [string, (0 | 1)?][]) =>
    (await Promise.all(asked.map((args) => ask(...args)))).map(({ status }) => status);
  expect(await statuses(["203.0.113.7"], ["203.0.113.7", 1], ["203.0.113.7"])).toEqual([200, 200, 200]);
  const refused = await ask("203.0.113.7", 1);
  expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "2"]);
  expect(refused.body).toContain("203.0.113.7: ask again");
  expect(await statuses(["203.0.113.8"])).toEqual([200]);
  wait(1_999);
  expect(await statuses(["203.0.113.7"])).toEqual([429]);
  wait(1);
  expect(await statuses(["203.0.113.7"], ["203.0.113.7"])).toEqual([200, 429]);
  // Longer than it takes to be forgotten.
  wait(120_000);
  expect(await statuses(["203.0.113.7"], ["203.0.113.7"], ["203.0.113.7"], ["203.0.113.7"])).toEqual([
    200, 200, 200, 429,
  ]);
});

it("all addresses of one IPv6 subscriber are one, and loopback is bound by no limit", async () => {
  const { ask } = limitedPages();
  const answers = [];
  for (const host of ["1", "2", "3", "4"]) answers.push((await ask(`2a00:1450:1:2::${host}`)).status);
  expect(answers).toEqual([200, 200, 200, 429]);
  for (let count = 0; count < 10; count++) expect((await ask("::1")).status).toBe(200);
});

it("a tracker refuses an address that asks its ledger without end, in words, and other pages go on", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "tributary-limit-"));
  const tracker = await startTracker({ dataDir, open: true, trustProxy: true });
  const get = (path: string, address: string) =>
    fetch(`http://127.0.0.1:${tracker.port}${path}`, { headers: { "x-forwarded-for": address } });
  let refused: Response | null = null;
  // More than the refill can keep up with.
  for (let count = 0; refused === null && count < 100 * addressLedgerQuestions.burst; count += 50) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => get("/ledger/key", "203.0.113.7")));
    refused = answers.find(({ status }) => status === 429) ?? null;
  }
  expect(await refused?.text()).toContain("from 203.0.113.7");
  expect((await get("/healthz", "203.0.113.7")).status).toBe(200);
  expect((await get("/ledger/key", "203.0.113.8")).status).toBe(200);
  await tracker.close();
  rmSync(dataDir, { recursive: true });
});
