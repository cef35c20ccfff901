import { afterEach, describe, expect, it } from "vitest";
import { startTracker, type Tracker } from "./index.ts";
import { startFlood, startHonestViewers } from "./testing/flood.ts";
import { SOCKET_KINDS } from "./testing/socket-kinds.ts";

describe.each(SOCKET_KINDS)("a flood of one attacker over %s", (sockets) => {
  let tracker: Tracker;
  afterEach(() => tracker.close());

  it.each(["garbage", "pings"] as const)(
    "of %s is cut in words, again and again, and everybody else is answered",
    async (junk) => {
      tracker = await startTracker({ dataDir: null, open: true, trustProxy: true, sockets });
      const viewers = await startHonestViewers(tracker.url, 10, 20);
      const flood = startFlood(tracker.url, junk, 10_000);
      // What a burst allows is used up, and the address has to wait for each connection.
      while (flood.figures.sessionsAdmitted < 5 || flood.figures.messagesSent < 2_000)
        await new Promise((resolve) => setImmediate(resolve));
      await flood.stop();
      const { sessionsAdmitted, cutInWords } = flood.figures;
      expect(cutInWords).toBe(sessionsAdmitted);
      const { sessions, refusals } = tracker.stats();
      expect(sessions.joined).toBe(10);
      expect(refusals[junk === "garbage" ? "bad-message" : "rate-limited"]).toBeGreaterThan(0);
      const { answered, unanswered } = viewers.take();
      viewers.close();
      // Only those under way right now: each viewer has one.
      expect(answered).toBeGreaterThan(20);
      expect(unanswered).toBeLessThanOrEqual(10);
    },
  );
});
