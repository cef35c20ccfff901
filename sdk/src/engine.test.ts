import { expect, test } from "vitest";
import { createEngine } from "./index.ts";

test("an engine without a player: explain() went on about playback that is starting", async () => {
  const engine = createEngine({ tracker: "wss://tracker.example" });
  expect(engine.explain()).toBe("No player is attached: call engine.attach(hls).");
  await engine.destroy();
  expect(engine.explain()).toBe("The engine was destroyed: CDN only.");
});
