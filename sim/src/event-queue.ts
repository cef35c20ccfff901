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

const initialCapacity = 1024;
/** Events of one moment beyond which somebody goes round in circles. */
const momentMax = 1_000_000;

/** A binary heap over flat arrays: millions of events a second must not become millions of objects. */
export function createEventQueue(): EventQueue {
  let times = new Float64Array(initialCapacity);
  let orders = new Float64Array(initialCapacity);
  const sinks: (Sink<unknown> | null)[] = [];
  const payloads: unknown[] = [];
  let size = 0;
  let order = 0;
  let fired = 0;
  let now = 0;
  let momentEndsAt = momentMax;

  function grow(): void {
    const [oldTimes, oldOrders] = [times, orders];
    times = new Float64Array(oldTimes.length * 2);
    orders = new Float64Array(oldOrders.length * 2);
    times.set(oldTimes);
    orders.set(oldOrders);
  }

  function put(at: number, time: number, rank: number, sink: Sink<unknown> | null, payload: unknown): void {
    times[at] = time;
    orders[at] = rank;
    sinks[at] = sink;
    payloads[at] = payload;
  }

  function move(from: number, to: number): void {
    put(to, times[from]!, orders[from]!, sinks[from]!, payloads[from]);
  }

  function push(time: number, sink: Sink<unknown>, payload: unknown): void {
    if (size === times.length) grow();
    const rank = order++;
    let at = size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // The newest event has the highest rank, so only an earlier time moves it up.
      if (times[parent]! <= time) break;
      move(parent, at);
      at = parent;
    }
    put(at, time, rank, sink, payload);
  }

  /** Takes the first event out by letting the last one sink from the top. */
  function removeFirst(): void {
    size -= 1;
    const time = times[size]!;
    const rank = orders[size]!;
    const sink = sinks[size]!;
    const payload = payloads[size];
    sinks[size] = null;
    payloads[size] = null;
    if (size === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      const right = child + 1;
      if (
        right < size &&
        (times[right]! < times[child]! ||
          (times[right]! === times[child]! && orders[right]! < orders[child]!))
      )
        child = right;
      if (times[child]! > time || (times[child]! === time && orders[child]! > rank)) break;
      move(child, at);
      at = child;
    }
    put(at, time, rank, sink, payload);
  }

  return {
    nowMs: () => now,
    at: (atMs, sink, payload) => push(atMs > now ? atMs : now, sink as Sink<unknown>, payload),
    run(untilMs) {
      while (size > 0 && times[0]! <= untilMs) {
        if (times[0]! > now) {
          now = times[0]!;
          momentEndsAt = fired + momentMax;
        } else if (fired > momentEndsAt) throw new Error(`the clock stands still at ${now} ms`);
        const sink = sinks[0]!;
        const payload = payloads[0];
        removeFirst();
        fired += 1;
        sink.fire(payload);
      }
      now = untilMs;
    },
    firedCount: () => fired,
    pendingCount: () => size,
  };
}
