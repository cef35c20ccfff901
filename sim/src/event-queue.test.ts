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

  it("keeps that order for events that are put in on the way, from the same moment to minutes ahead", () => {
    const seed = 8;
    const random = createRandom(seed, "queue");
    const queue = createEventQueue();
    const fired: { atMs: number; order: number }[] = [];
    const expected: typeof fired = [];
    const delays = [0, 0.01, 1, 40, 4095.9, 4096, 9000, 130_000];
    const put = () => {
      const event = { atMs: queue.nowMs() + delays[random.below(delays.length)]!, order: expected.length };
      expected.push(event);
      queue.at(event.atMs, sink, event);
    };
    const sink = {
      fire(event: (typeof fired)[number]) {
        fired.push({ atMs: queue.nowMs(), order: event.order });
        while (expected.length < 3000 && random.chance(0.6)) put();
      },
    };
    while (expected.length < 200) put();
    // Stops on the way, too, and puts in what comes before all that is left.
    for (let untilMs = 0; queue.pendingCount() > 0; untilMs += 5000) {
      queue.run(untilMs);
      if (expected.length < 3000) put();
    }
    expected.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    expect(fired, `seed ${seed}`).toEqual(expected);
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
