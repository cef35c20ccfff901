import { describe, expect, it } from "vitest";
import { createEventQueue, type EventQueue } from "../event-queue.ts";
import { createDownlink, passDown } from "./downlink.ts";
import { createUplink, startFlow, stopFlow, type Flow } from "./uplink.ts";

/** Sends blocks of the given sizes one after another, and notes when each one is out. */
function flowOf(queue: EventQueue, blocks: number[]): Flow & { readonly outMs: number[] } {
  const outMs: number[] = [];
  let next = 1;
  return {
    endsAt: 0,
    outMs,
    sent() {
      outMs.push(Math.round(queue.nowMs() * 1000) / 1000);
      return blocks[next++] ?? 0;
    },
  };
}

describe("an uplink", () => {
  it("is shared evenly, and whole again for who is left", () => {
    const queue = createEventQueue();
    const uplink = createUplink(8_000_000, queue); // 1,000 bytes a millisecond
    const long = flowOf(queue, [100_000]);
    const short = flowOf(queue, [20_000]);
    startFlow(uplink, long, 100_000);
    queue.at(10, { fire: () => startFlow(uplink, short, 20_000) }, null);
    queue.run(1000);
    expect(short.outMs).toEqual([50]);
    expect(long.outMs).toEqual([120]);
    expect(uplink.busyMs).toBeCloseTo(120);
  });

  it("goes on with the next block of a flow", () => {
    const queue = createEventQueue();
    const uplink = createUplink(8_000_000, queue);
    const one = flowOf(queue, [10_000, 30_000]);
    const other = flowOf(queue, [40_000]);
    startFlow(uplink, one, 10_000);
    startFlow(uplink, other, 40_000);
    queue.run(1000);
    expect(one.outMs).toEqual([20, 80]);
    expect(other.outMs).toEqual([80]);
  });

  it("gives a stopped flow's share to the others", () => {
    const queue = createEventQueue();
    const uplink = createUplink(8_000_000, queue);
    const [kept, stopped] = [flowOf(queue, [50_000]), flowOf(queue, [50_000])];
    startFlow(uplink, kept, 50_000);
    startFlow(uplink, stopped, 50_000);
    queue.at(20, { fire: () => stopFlow(uplink, stopped) }, null);
    queue.run(1000);
    expect(kept.outMs).toEqual([60]);
    expect(stopped.outMs).toEqual([]);
  });
});

describe("a downlink", () => {
  it("adds nothing to a slower flow and queues a faster one", () => {
    const downlink = createDownlink(8_000_000);
    expect(passDown(downlink, 100, 10_000)).toBe(100);
    expect(passDown(downlink, 100, 10_000)).toBe(110);
    expect(passDown(downlink, 115, 10_000)).toBe(120);
    expect(passDown(downlink, 500, 10_000)).toBe(500);
  });
});
