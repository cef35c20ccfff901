import { expect, it } from "vitest";
import { createUploadDay } from "./upload-day.ts";

const DAY_MS = 86_400_000;

function browser() {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
  let nowMs = 20_000 * DAY_MS + 1_000;
  return {
    kept,
    open: (maxBytes = 1_000, keeps: typeof storage | null = storage) =>
      createUploadDay(maxBytes, keeps, () => nowMs),
    pass: (ms: number) => void (nowMs += ms),
  };
}

it("a page that was loaded anew could upload a whole day's bytes again", () => {
  const { open } = browser();
  const first = open();
  first.sent(300);
  first.sent(300);
  expect(open().leftBytes()).toBe(400);
});

it("two pages of a site share the day", () => {
  const { open } = browser();
  const [one, two] = [open(), open()];
  one.sent(300);
  two.sent(100);
  one.sent(1);
  expect([one.leftBytes(), two.leftBytes()]).toEqual([599, 599]);
});

it("a new day is a new allowance, also for a page that stays open", () => {
  const { open, pass } = browser();
  const page = open();
  page.sent(5_000);
  expect([page.leftBytes(), page.untilTomorrowMs()]).toEqual([0, DAY_MS - 1_000]);
  pass(page.untilTomorrowMs());
  expect(page.leftBytes()).toBe(1_000);
  page.sent(10);
  expect(page.leftBytes()).toBe(990);
});

it("where the browser keeps nothing, or nonsense, the page counts by itself", () => {
  const { open, kept } = browser();
  const alone = open(1_000, null);
  alone.sent(300);
  expect(alone.leftBytes()).toBe(700);
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new Error("QuotaExceededError");
    },
  };
  const refused = open(1_000, full);
  refused.sent(300);
  expect(refused.leftBytes()).toBe(700);
  kept.set("tributary-uploaded", "yesterday -5");
  expect(open().leftBytes()).toBe(1_000);
});
