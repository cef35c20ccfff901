/** Events by number, in the order of their times, and of their ranks where times are equal. */
export interface Calendar {
  /** @param rank higher than that of any event before */
  add(event: number, time: number, rank: number): void;
  /** Infinity where there is none. */
  firstTime(): number;
  /** @returns the event with the lowest time, which is no longer in the calendar */
  takeFirst(): number;
}

/** Days so short that few events share one, and as many as hold all but what is seconds away. */
const daysPerMs = 4;
const dayCount = 16_384;
const none = -1;

/**
 * A calendar queue (Brown, 1988): one list for each stretch of time, put in order when its turn comes. A heap of
 * hundreds of thousands of events reads as many cold lines of memory as it has levels for each one, this a few. What is
 * further away than the last day waits in a heap.
 */
export function createCalendar(): Calendar {
  let times = new Float64Array(1024);
  let ranks = new Float64Array(1024);
  /** The next event of the same day. */
  let links = new Int32Array(1024);
  const days = new Int32Array(dayCount).fill(none);
  let today = 0;
  let listed = 0;
  /** Today's events in order from `next` on. */
  let due: number[] = [];
  let next = 0;
  const far: number[] = [];

  const isBefore = (one: number, other: number) =>
    times[one]! < times[other]! || (times[one]! === times[other]! && ranks[one]! < ranks[other]!);
  const inOrder = (one: number, other: number) => times[one]! - times[other]! || ranks[one]! - ranks[other]!;

  function grow(): void {
    const [oldTimes, oldRanks, oldLinks] = [times, ranks, links];
    times = new Float64Array(oldTimes.length * 2);
    ranks = new Float64Array(times.length);
    links = new Int32Array(times.length);
    times.set(oldTimes);
    ranks.set(oldRanks);
    links.set(oldLinks);
  }

  function addToday(event: number): void {
    let [from, to] = [next, due.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (isBefore(event, due[middle]!)) to = middle;
      else from = middle + 1;
    }
    if (from === due.length) due.push(event);
    else due.splice(from, 0, event);
  }

  function place(event: number, day: number): void {
    if (day <= today) {
      addToday(event);
      return;
    }
    const at = day & (dayCount - 1);
    links[event] = days[at]!;
    days[at] = event;
    listed += 1;
  }

  const dayOf = (event: number) => Math.floor(times[event]! * daysPerMs);

  /** Goes to the next day that has events. @returns whether there is one */
  function turn(): boolean {
    if (listed === 0) {
      if (far.length === 0 || times[far[0]!] === Infinity) return false;
      today = dayOf(far[0]!);
    } else today += 1;
    due = [];
    next = 0;
    while (far.length > 0 && dayOf(far[0]!) < today + dayCount) {
      const event = takeFar();
      place(event, dayOf(event));
    }
    const at = today & (dayCount - 1);
    for (let event = days[at]!; event !== none; event = links[event]!) {
      due.push(event);
      listed -= 1;
    }
    days[at] = none;
    if (due.length > 1) due.sort(inOrder);
    return true;
  }

  function addFar(event: number): void {
    let at = far.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, far[parent]!)) break;
      far[at] = far[parent]!;
      at = parent;
    }
    far[at] = event;
  }

  function takeFar(): number {
    const first = far[0]!;
    const last = far.pop()!;
    const size = far.length;
    if (size === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && isBefore(far[child + 1]!, far[child]!)) child += 1;
      if (!isBefore(far[child]!, last)) break;
      far[at] = far[child]!;
      at = child;
    }
    far[at] = last;
    return first;
  }

  return {
    add(event, time, rank) {
      while (event >= times.length) grow();
      times[event] = time;
      ranks[event] = rank;
      if (dayOf(event) < today + dayCount) place(event, dayOf(event));
      else addFar(event);
    },
    firstTime() {
      while (next === due.length) if (!turn()) return Infinity;
      return times[due[next]!]!;
    },
    takeFirst: () => due[next++]!,
  };
}
