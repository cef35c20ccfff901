import { defineConfig } from "@playwright/test";

/** A few viewers who mostly wait: for epochs, trackers, timeouts. */
const WAITING = [
  "demo-earning",
  "demo-page",
  "earning",
  "earnings-page",
  "harness",
  "page-loaders",
  "receipts",
  "relay-only",
  "script-tag",
  "stolen-tokens",
  "tokens",
  "tracker-trouble",
].map((name) => `${name}.test.ts`);

/** Two or three viewers each, and no clock that is held against plain hls.js's. */
const SMALL = [
  "cdn-failures",
  "controls",
  "destroy",
  "forged-receipts",
  "hostile-peer",
  "integrity",
  "key-theft",
  "peer-failures",
  "poisoned-prefix",
  "public-names",
  "titles",
  "withheld-receipts",
].map((name) => `${name}.test.ts`);

/** The machine has two cores: tests with a swarm of real players run one at a time, after all others. */
export default defineConfig({
  testDir: "./tests",
  outputDir: "../test-results",
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  use: { trace: "off", screenshot: "off", video: "off" },
  projects: [
    { name: "waiting", testMatch: WAITING },
    { name: "small", testMatch: SMALL, dependencies: ["waiting"] },
    {
      name: "swarms",
      testMatch: "*.test.ts",
      testIgnore: [...WAITING, ...SMALL],
      workers: 1,
      dependencies: ["small"],
    },
  ],
});
