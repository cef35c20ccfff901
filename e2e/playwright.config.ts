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
  "tokens",
  "tracker-trouble",
].map((name) => `${name}.test.ts`);

/** The machine has two cores: tests with a swarm of real players run one at a time, after those that mostly wait. */
export default defineConfig({
  testDir: "./tests",
  outputDir: "../test-results",
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  use: { trace: "off", screenshot: "off", video: "off" },
  projects: [
    { name: "waiting", testMatch: WAITING },
    { name: "swarms", testMatch: "*.test.ts", testIgnore: WAITING, workers: 1, dependencies: ["waiting"] },
  ],
});
