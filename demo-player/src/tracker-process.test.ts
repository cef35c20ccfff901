import { afterEach, describe, expect, it } from "vitest";
import { startTrackerProcess, type TrackerProcess } from "./tracker-process.ts";

describe("the tracker's process", () => {
  const started: TrackerProcess[] = [];
  afterEach(() => Promise.all(started.splice(0).map((tracker) => tracker.stop())));

  it("answers, is dead once killed, and comes back on the same port", async () => {
    const tracker = await startTrackerProcess();
    started.push(tracker);
    const { url } = tracker.status();
    expect(tracker.status().state).toBe("running");
    expect((await fetch(tracker.statsUrl)).status).toBe(200);

    await tracker.kill();
    await tracker.kill();
    expect(tracker.status()).toEqual({ state: "down", url });
    await expect(fetch(tracker.statsUrl)).rejects.toThrow();

    const [first, second] = [tracker.start(), tracker.start()];
    expect(tracker.status().state).toBe("starting");
    await Promise.all([first, second]);
    expect(tracker.status()).toEqual({ state: "running", url });
    expect((await fetch(tracker.statsUrl)).status).toBe(200);
  });
});
