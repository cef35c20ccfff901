import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.unstubAllGlobals());

test("explain() of a page whose engine was destroyed denied that there was a player", async () => {
  vi.stubGlobal("window", {});
  vi.stubGlobal("document", { currentScript: { dataset: { tracker: "wss://t.test" } } });
  const tag = await import("./script-tag.ts");
  expect(tag.explain()).toMatch(/^No player was made through window\.Hls/);
  const engine = tag.createEngine();
  expect(tag.explain()).toMatch(/No player is attached/);
  await engine.destroy();
  expect(tag.explain()).toBe("The engine was destroyed: CDN only.");
});
