import { createCalendar } from "./calendar.ts";

/** Where an event goes. One sink per owner and purpose; what differs between events is the payload. */
export interface Sink<T> {
  fire(payload: T): void;
}

/** The clock, and what is still to happen. Events of one moment happen in the order they were put in. */
export interface EventQueue {
  nowMs(): number;
  /** A time in the past means now. */
  at<T>(atMs: number, sink: Sink<T>, payload: T): void;
  /** Lets everything happen up to and including that time, and leaves the clock there. */
  run(untilMs: number): void;
  firedCount(): number;
  pendingCount(): number;
}

/** Events of one moment beyond which somebody goes round in circles. */
const momentMax = 1_000_000;

/** What is to happen lies still at its place while the calendar sorts its number: places are used again. */
export function createEventQueue(): EventQueue {
  const calendar = createCalendar();
  const sinks: (Sink<unknown> | null)[] = [];
  const payloads: unknown[] = [];
  const free: number[] = [];
  let rank = 0;
  let fired = 0;
  let now = 0;
  let momentEndsAt = momentMax;

  function push(time: number, sink: Sink<unknown>, payload: unknown): void {
    const event = free.pop() ?? sinks.length;
    sinks[event] = sink;
    payloads[event] = payload;
    calendar.add(event, time, rank++);
  }

  return {
    nowMs: () => now,
    at: (atMs, sink, payload) => push(atMs > now ? atMs : now, sink as Sink<unknown>, payload),
    run(untilMs) {
      for (let time = calendar.firstTime(); time <= untilMs; time = calendar.firstTime()) {
        if (time > now) {
          now = time;
          momentEndsAt = fired + momentMax;
        } else if (fired > momentEndsAt) throw new Error(`the clock stands still at ${now} ms`);
        const event = calendar.takeFirst();
        const sink = sinks[event]!;
        const payload = payloads[event];
        sinks[event] = null;
        payloads[event] = null;
        free.push(event);
        fired += 1;
        sink.fire(payload);
      }
      now = untilMs;
    },
    firedCount: () => fired,
    pendingCount: () => sinks.length - free.length,
  };
}
