import { afterEach, expect, it, vi } from "vitest";
import { everyDatabase } from "./databases.ts";

const none = async () => "there is none";
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it("a run on CI without PostgreSQL fails, so that nobody takes half of the tests for all", async () => {
  vi.stubEnv("CI", "true");
  await expect(everyDatabase(none)).rejects.toThrow("Tests on PostgreSQL cannot run: there is none.");
});

it("a run elsewhere goes on with SQLite alone, and says so", async () => {
  vi.stubEnv("CI", "");
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  const databases = await everyDatabase(none);
  expect(databases.map(({ kind }) => kind)).toEqual(["sqlite"]);
  expect(warned).toHaveBeenCalledWith("Tests on PostgreSQL are left out: there is none.");
  for (const { close } of databases) await close();
});
