import { expect, test } from "@playwright/test";
import { buildDemoPlayer, DEMO_PLAYER_DIST } from "../../demo-player/build.ts";
import { startDemo } from "../../demo-player/src/demo.ts";
import { launchBrowser } from "../src/browser.ts";

/** The first statement comes a quarter of a minute after the first receipt; the demo itself takes longer. */
const TERMS = { epochSeconds: 5, settleAfterSeconds: 25, escrowSeconds: 5 };
/** An epoch, its settlement and what a busy machine adds. */
const SETTLED_MS = 90_000;

test("the demo's viewers earn, and its link leads to a proof that holds", async () => {
  test.setTimeout(180_000);
  await buildDemoPlayer();
  const demo = await startDemo(0, DEMO_PLAYER_DIST, TERMS);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(demo.url);
    const earned = page.locator("#earned");
    await expect(earned).toContainText("so far. An epoch of 5\u00a0s is settled", { timeout: 30_000 });
    await expect(earned).toContainText(/\$0\.\d*[1-9]\d* of play money earned by serving/, {
      timeout: SETTLED_MS,
    });
    const href = await page.locator("#earned-link").getAttribute("href");
    expect(href).toMatch(/\/earnings\/#account=[\w-]{43}$/);

    const [proofs] = await Promise.all([page.waitForEvent("popup"), page.locator("#earned-link").click()]);
    await proofs.locator(".verify").first().click();
    const verdict = proofs.locator(".detail").first().locator(".verdict");
    await expect(verdict).toHaveText(/^Proved: \$/, { timeout: 20_000 });
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
    await demo.close();
  }
});
