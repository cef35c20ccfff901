import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, type Page, test } from "@playwright/test";
import { launchBrowser } from "../src/browser.ts";
import { type History, startWithHistory } from "../src/ledger-history.ts";

/** Segments of 6 MB: eight epochs, of which the last four are pending, and one in which nothing was served. */
const SERVED = [12, 30, 0, 44, 70, 52, 18, 25];
const CLI = fileURLToPath(new URL("../../tracker/src/ledger-cli/main.ts", import.meta.url));

interface Visit {
  readonly history: History;
  readonly page: Page;
  /** The account's key in base64url. */
  readonly account: string;
  /** Uncaught exceptions and whatever the console was told as an error. */
  readonly complaints: readonly string[];
}

async function withPage(run: (visit: Visit) => Promise<void>): Promise<void> {
  const history = await startWithHistory({ served: SERVED, escrowEpochs: 4 });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    const account = Buffer.from(history.account).toString("base64url");
    await page.goto(`${history.url}/earnings#account=${account}`);
    await run({ history, page, account, complaints });
  } finally {
    await browser.close();
    await history.close();
  }
}

/** Asks for the newest payout's check and waits for its end. */
async function verifyNewest(page: Page): Promise<{ verdict: string; steps: string[] }> {
  await page.locator(".verify").first().click();
  const detail = page.locator(".detail").first();
  const verdict = await detail.locator(".verdict").innerText();
  return { verdict, steps: await detail.locator(".steps li").allTextContents() };
}

test("a viewer sees what it served and earned, and proves it in the page", async () => {
  await withPage(async ({ page, account, complaints }) => {
    const rows = page.locator("#earning-rows .row");
    await expect(rows).toHaveCount(7);
    // 251 segments of 6 MB at $0.0035 per GB.
    await expect(page.locator("#served")).toHaveText(/^1\.51.GB$/);
    await expect(page.locator("#earned")).toHaveText("$0.005271");
    await expect(page.locator("#posted")).toHaveText("$0.001806");
    await expect(page.locator("#pending")).toHaveText("$0.003465");
    await expect(page.locator(".state[data-state=posted]")).toHaveCount(3);
    await expect(page.locator("#epochs-chart > rect")).toHaveCount(7);

    const first = await verifyNewest(page);
    expect(first.verdict).toBe(`Proved: $0.000525 for 150 MB, to ${account}.`.replace(" MB", "\u00a0MB"));
    expect(first.steps.every((step) => step.startsWith("Holds: "))).toBe(true);
    expect(first.steps.join("\n")).toContain("new to this browser");
    // Loaded anew it remembers the log, and checks that nothing of it was rewritten.
    await page.reload();
    const again = await verifyNewest(page);
    expect(again.verdict).toBe(first.verdict);
    expect(again.steps.join("\n")).toContain("are still in it, unchanged");
    expect(complaints).toEqual([]);
  });
});

test("a proof that was tampered with fails, visibly and at the step that it breaks", async () => {
  await withPage(async ({ page }) => {
    await page.route("**/ledger/proof?*", async (route) => {
      const response = await route.fetch();
      const proof = (await response.json()) as { record: string };
      const record = Buffer.from(proof.record, "base64url");
      // The last byte of the amount: a dollar's millionth more.
      record[record.length - 1]! += 1;
      await route.fulfill({ json: { ...proof, record: record.toString("base64url") } });
    });
    const { verdict, steps } = await verifyNewest(page);
    expect(verdict).toContain("Not proved");
    expect(steps.at(-1)).toContain("Does not hold: Not true: the payout is number 1 of 1");
    await expect(page.locator(".verdict").first()).toHaveAttribute("data-ok", "false");
  });
});

test("a true proof of another payout does not pass for the row's", async () => {
  await withPage(async ({ page }) => {
    await expect(page.locator("#earning-rows .row")).toHaveCount(7);
    const other = await page.locator(".download").nth(2).getAttribute("href");
    await page.route("**/ledger/proof?*", async (route) =>
      route.fulfill({ response: await route.fetch({ url: new URL(other!, page.url()).href }) }),
    );
    const { verdict, steps } = await verifyNewest(page);
    expect(verdict).toContain("Not proved");
    expect(steps.at(-1)).toContain("another account, publisher, epoch or amount");
  });
});

test("a log with another past, or another key, than this browser has seen fails", async () => {
  await withPage(async ({ page, history, account }) => {
    expect((await verifyNewest(page)).verdict).toContain("Proved");
    // The same page address, answered by another tracker's ledger.
    const stranger = await startWithHistory({ served: [5, 6, 7], escrowEpochs: 4 });
    try {
      const elsewhere = (url: string) => url.replace(history.url, stranger.url);
      await page.route("**/log/**", async (route) =>
        route.fulfill({ response: await route.fetch({ url: elsewhere(route.request().url()) }) }),
      );
      const forked = await verifyNewest(page);
      expect(forked.verdict).toContain("Not proved");
      expect(forked.steps.at(-1)).toContain("The published log: not signed by");
      await page.route("**/ledger/key", async (route) =>
        route.fulfill({ response: await route.fetch({ url: elsewhere(route.request().url()) }) }),
      );
      await page.goto("about:blank");
      await page.goto(`${history.url}/earnings#account=${account}`);
      const renamed = await verifyNewest(page);
      expect(renamed.verdict).toContain("Not proved");
      expect(renamed.steps.at(-1)).toContain("not the one that this browser has kept");
    } finally {
      await stranger.close();
    }
  });
});

test("the downloaded proof is checked offline by the command line, and in the page; changed it fails in both", async () => {
  await withPage(async ({ page, history, account }) => {
    const downloading = page.waitForEvent("download");
    await page.locator(".download").first().click();
    const path = await (await downloading).path();
    const key = history.tracker.ledger!.logKey;
    const verify = (file: string) =>
      promisify(execFile)(process.execPath, ["--import", "tsx", CLI, "verify", file, "--key", key]);
    expect((await verify(path)).stdout).toContain(`proved: ${account} earned 525 micro-units`);

    const file = page.locator("#proof-file");
    await file.setInputFiles(path);
    await expect(page.locator("#file-steps .verdict")).toContainText("Proved: $0.000525");
    const text = readFileSync(path, "utf8");
    const forged = text.replace(/"leaf": \d+/, '"leaf": 1');
    await file.setInputFiles({
      name: "forged.json",
      mimeType: "application/json",
      buffer: Buffer.from(forged),
    });
    await expect(page.locator("#file-steps .verdict")).toContainText("Not proved");
    await file.setInputFiles({ name: "none.json", mimeType: "text/plain", buffer: Buffer.from("hello") });
    await expect(page.locator("#file-steps .steps li").last()).toContainText("The proof file cannot be read");
  });
});

test("keyboard alone reaches and opens everything, and a phone shows it without scrolling sideways", async () => {
  await withPage(async ({ page, complaints }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await expect(page.locator("#earning-rows .row")).toHaveCount(7);
    await page.keyboard.press("Tab");
    await expect(page.locator(".skip")).toBeFocused();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await expect(page.locator("input[name=role][value=viewer]")).toBeFocused();
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("Tab");
    await expect(page.locator(".verify").first()).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.locator(".detail .verdict")).toContainText("Proved");
    await expect(page.locator(".verify").first()).toBeFocused();
    const sideways = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await sideways()).toBe(0);
    await page.locator("input[name=role][value=viewer]").focus();
    await page.keyboard.press("ArrowRight");
    await expect(page.locator("#saved")).toBeVisible();
    expect(await sideways()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

test("a publisher sees what it spent against what the CDN would have cost", async () => {
  await withPage(async ({ page, complaints }) => {
    await page.locator("input[name=role][value=publisher]").check();
    // 1.506 GB: $0.00753 for viewers, $0.01506 at a CDN of $0.01 per GB.
    await expect(page.locator("#saved")).toHaveText("$0.007530");
    await expect(page.locator("#cdn-cost")).toHaveText("$0.015060");
    await expect(page.locator("#charge-rows .row")).toHaveCount(7);
    await page.locator("#cdn-price").fill("0.003");
    await expect(page.locator("#saved-words")).toHaveText("more than the CDN would have cost");
    await page.locator("#cdn-price").fill("");
    await expect(page.locator("#cdn-price")).toHaveAttribute("aria-invalid", "true");
    expect(complaints).toEqual([]);
  });
});

test("what is no account, and a tracker that is gone, are said in words", async () => {
  await withPage(async ({ page, history }) => {
    await page.locator("#account").fill("me");
    await page.keyboard.press("Enter");
    await expect(page.locator("#account-problem")).toContainText("43 letters");
    await page.locator("#account").fill("A".repeat(43));
    await page.keyboard.press("Enter");
    await expect(page.locator("#nothing-yet")).toContainText("Nothing is settled for this account yet");
    await history.tracker.close();
    await page.locator("#account").fill("B".repeat(42) + "A");
    await page.keyboard.press("Enter");
    await expect(page.locator("#banner")).toHaveText("The tracker does not answer.");
  });
});
