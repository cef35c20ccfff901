import { expect, it } from "vitest";
import { createUplinkEstimate } from "./uplink.ts";

const KB = 1024;

/** Channels that are given 32 KB each time, of which the router's empty buffer takes so many at once. */
function upload(
  rateBps: number,
  bufferBytes: number,
  bytes: number,
  fromMs = 0,
  estimate = createUplinkEstimate(),
) {
  let nowMs = fromMs;
  let leftBytes = bytes;
  let roomBytes = bufferBytes;
  while (leftBytes > 0) {
    const windowBytes = Math.min(32 * KB, leftBytes);
    estimate.filled(nowMs);
    for (let at = 0; at < windowBytes; at += 8 * KB) {
      const atOnceBytes = Math.min(8 * KB, roomBytes);
      roomBytes -= atOnceBytes;
      nowMs += 2 + ((8 * KB - atOnceBytes) * 8000) / rateBps;
      leftBytes -= 8 * KB;
      // The next ones are given before the last has left.
      estimate.drained(8 * KB, leftBytes > 0 ? 8 * KB : 0, nowMs);
    }
  }
  return { estimate, nowMs };
}

it("what a router's empty buffer took in at once was measured as a wide uplink, and 190 KB were given to 250 kbit/s", () => {
  const { estimate } = upload(250_000, 40 * KB, 128 * KB);
  expect(estimate.rateBps()).toBeGreaterThan(150_000);
  expect(estimate.rateBps()).toBeLessThan(400_000);
});

it("takes nothing from a short upload, nor from the first bytes after each rest", () => {
  const { estimate, nowMs } = upload(250_000, 40 * KB, 32 * KB);
  expect(estimate.seenAtMs()).toBe(-Infinity);
  const first = upload(250_000, 40 * KB, 160 * KB, nowMs + 600, estimate);
  const seenBps = estimate.rateBps();
  upload(250_000, 40 * KB, 40 * KB, first.nowMs + 5000, estimate);
  expect(estimate.rateBps()).toBe(seenBps);
});

it("follows a wide uplink", () => {
  const { estimate } = upload(50_000_000, 0, 2048 * KB);
  expect(estimate.rateBps()).toBeGreaterThan(10_000_000);
  expect(estimate.seenAtMs()).toBeGreaterThan(0);
});

it("a wide uplink that was given 32 KB at a time was never measured, and stayed at that for good", () => {
  const estimate = createUplinkEstimate();
  for (let nowMs = 0; nowMs < 1000; nowMs += 6) {
    estimate.filled(nowMs);
    estimate.drained(32 * KB, 0, nowMs + 4);
  }
  expect(estimate.rateBps()).toBeGreaterThan(20_000_000);
});
