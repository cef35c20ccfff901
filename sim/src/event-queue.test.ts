import { describe, expect, it } from "vitest";
import { createEventQueue } from "./event-queue.ts";
import { createRandom } from "./random.ts";

describe("the event queue", () => {
  it("fires in order of time, and of insertion where times are equal", () => {
    const seed = 7;
    const random = createRandom(seed, "queue");
    const queue = createEventQueue();
    const fired: { atMs: number; order: number }[] = [];
    const sink = { fire: (order: number) => void fired.push({ atMs: queue.nowMs(), order }) };
    const times = Array.from({ length: 5000 }, () => random.below(300));
    times.forEach((atMs, order) => queue.at(atMs, sink, order));
    queue.run(1000);
    const expected = times
      .map((atMs, order) => ({ atMs, order }))
      .sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    expect(fired, `seed ${seed}`).toEqual(expected);
    expect(queue.nowMs()).toBe(1000);
  });

  it("takes the past for now and stops at the given time", () => {
    const queue = createEventQueue();
    const fired: string[] = [];
    const sink = {
      fire(name: string) {
        fired.push(`${name} ${queue.nowMs()}`);
        if (name === "first") queue.at(0, sink, "past");
      },
    };
    queue.at(10, sink, "first");
    queue.at(11, sink, "late");
    queue.run(10);
    expect(fired).toEqual(["first 10", "past 10"]);
    expect(queue.pendingCount()).toBe(1);
  });

  it("notices when the clock stands still", () => {
    const queue = createEventQueue();
    const sink = { fire: (): void => queue.at(5, sink, null) };
    queue.at(5, sink, null);
    expect(() => queue.run(6)).toThrow("the clock stands still at 5 ms");
  });
});
