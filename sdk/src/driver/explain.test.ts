import { expect, test } from "vitest";
import { createCore, defaultCoreConfig } from "../core/index.ts";
import { explainSurroundings } from "./explain.ts";

test("a lost tracker was told of twice, in two sentences", () => {
  const core = createCore(defaultCoreConfig);
  core.handle({ type: "tracker-lost" }, 0, []);
  const lines = explainSurroundings(
    {
      inactive: null,
      titleKnown: true,
      trackerConfigured: true,
      rtc: true,
      tracker: "lost",
      trackerTrouble: "wss://t.test/: the connection broke",
      linkTrouble: null,
      paused: false,
      metered: false,
      uploadEnabled: true,
      onMetered: false,
    },
    core.explain(),
  );
  expect(lines.filter((line) => /tracker/.test(line))).toEqual([
    "There is no session with the tracker (wss://t.test/: the connection broke).",
  ]);
});
