import { defineConfig } from "@playwright/test";

/** One test at a time: each starts a swarm of real players and the machine has two cores. */
export default defineConfig({
  testDir: "./tests",
  testMatch: "*.test.ts",
  outputDir: "../test-results",
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  use: { trace: "off", screenshot: "off", video: "off" },
});
