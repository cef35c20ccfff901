import type { Clock, EngineStats } from "../driver-contract.ts";
import type { Events } from "./events.ts";

const everyMs = 1_000;

/** Tells of the figures once a second, for as long as somebody listens. */
export interface StatsPulse {
  start(): void;
  stop(): void;
}

export function createStatsPulse(clock: Clock, events: Events, stats: () => EngineStats): StatsPulse {
  let callOff: (() => void) | null = null;

  function start(): void {
    callOff ??= clock.after(everyMs, () => {
      callOff = null;
      if (!events.listened("stats")) return;
      events.emit("stats", stats());
      start();
    });
  }

  return { start, stop: () => callOff?.() };
}
