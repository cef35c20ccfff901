import { expect, it } from "vitest";
import { createRecentIds } from "./recent-ids.ts";

it("knows the latest ids and forgets those before them", () => {
  const ids = createRecentIds(3);
  expect(ids.has(1)).toBe(false);
  for (const id of [1, 2, 3, 4]) ids.add(id);
  expect([1, 2, 3, 4].map((id) => ids.has(id))).toEqual([false, true, true, true]);
});
