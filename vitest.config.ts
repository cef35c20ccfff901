import { defineConfig } from "vitest/config";

/** Tests that start whole trackers, databases or processes, or try a thousand seeds. */
const SERVICES = [
  "tracker/src/*.test.ts",
  "tracker/src/{adapters/database,ledger-cli,ledger-service,publishers}/**/*.test.ts",
  "demo-player/src/*.test.ts",
  "sim/src/cut-mid-flight.test.ts",
  "tracker/src/adversary/*.test.ts",
  "tracker/src/pages/egress-page.test.ts",
  "scripts/command-lines.test.ts",
];

const EVERYWHERE = { exclude: ["**/node_modules/**", "**/dist/**"], testTimeout: 20_000 };

export default defineConfig({
  test: {
    maxWorkers: "100%",
    projects: [
      {
        test: {
          ...EVERYWHERE,
          name: "unit",
          isolate: false,
          include: [
            "{protocol,sdk,tracker,demo-player,bench,scripts,sim}/**/*.test.ts",
            "e2e/tidy.test.ts",
            "e2e/tidy/*.test.ts",
          ],
          exclude: [...EVERYWHERE.exclude, ...SERVICES],
        },
      },
      {
        test: {
          ...EVERYWHERE,
          name: "services",
          include: SERVICES,
          globalSetup: "tracker/src/adapters/database/testing/install-postgres.ts",
          // Some start one process after the other, which takes its time on a busy machine.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
