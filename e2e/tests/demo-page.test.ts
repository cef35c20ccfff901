import { expect, test } from "@playwright/test";
import { buildDemoPlayer, DEMO_PLAYER_DIST } from "../../demo-player/build.ts";
import { startDemo } from "../../demo-player/src/demo.ts";
import { launchBrowser } from "../src/browser.ts";

test("the demo page: Escape in the form of another URL did nothing, and left it chosen while the sample played", async () => {
  await buildDemoPlayer();
  const demo = await startDemo(0, DEMO_PLAYER_DIST);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(demo.url);
    const stream = (kind: string) => page.locator(`#streams [value="${kind}"]`);
    await stream("other").check({ force: true });
    await page.locator("#other-url").fill("not an address");
    await page.keyboard.press("Enter");
    await expect(page.locator("#other-problem")).not.toBeEmpty();
    await page.locator("#other-url").press("Escape");
    await expect(page.locator("#other-form")).toBeHidden();
    await expect(stream("vod")).toBeChecked();
    await expect(stream("vod")).toBeFocused();

    await stream("other").check({ force: true });
    await expect(page.locator("#other-url")).toHaveValue("");
    await expect(page.locator("#other-problem")).toBeEmpty();
  } finally {
    await browser.close();
    await demo.close();
  }
});
