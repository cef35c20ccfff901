import { expect, it } from "vitest";
import { fullBucket, isFull, takeTokens } from "./token-bucket.ts";

const rule = { burst: 10, perSecond: 2 };

it("gives the burst at once and then the rate", () => {
  const bucket = fullBucket(rule, 0);
  expect(takeTokens(bucket, rule, 10, 0)).toBe(true);
  expect(takeTokens(bucket, rule, 1, 0)).toBe(false);
  expect(takeTokens(bucket, rule, 1, 499)).toBe(false);
  expect(takeTokens(bucket, rule, 1, 500)).toBe(true);
});

it("takes nothing where there is not enough", () => {
  const bucket = fullBucket(rule, 0);
  expect(takeTokens(bucket, rule, 11, 0)).toBe(false);
  expect(takeTokens(bucket, rule, 10, 0)).toBe(true);
});

it("never holds more than the burst", () => {
  const bucket = fullBucket(rule, 0);
  takeTokens(bucket, rule, 10, 0);
  expect(isFull(bucket, rule, 4_999)).toBe(false);
  expect(isFull(bucket, rule, 1_000_000)).toBe(true);
  expect(takeTokens(bucket, rule, 11, 1_000_000)).toBe(false);
});

it("gives nothing for a clock that stands still or goes back", () => {
  const bucket = fullBucket(rule, 1_000);
  takeTokens(bucket, rule, 10, 1_000);
  expect(takeTokens(bucket, rule, 1, 1_000)).toBe(false);
  expect(takeTokens(bucket, rule, 1, 0)).toBe(false);
});
