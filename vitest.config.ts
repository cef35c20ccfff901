import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "{protocol,sdk,tracker,demo-player,bench,scripts,sim}/**/*.test.ts",
      "e2e/tidy.test.ts",
      "e2e/tidy/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**"],
    testTimeout: 20_000,
  },
});
