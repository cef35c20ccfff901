import type { EventQueue } from "../event-queue.ts";

/** The media element: a playhead that moves through what is buffered and stops where that ends. */
export interface Timeline {
  positionMs(): number;
  /** End of the buffered stretch that holds the playhead; the playhead itself where there is none. */
  bufferedEndMs(): number;
  append(startMs: number, endMs: number): void;
  /** Moves the playhead and stops it. */
  jump(toMs: number): void;
  play(): void;
  playedMs(): number;
}

export interface TimelineListener {
  /** The playhead has reached the end of its stretch. */
  dry(): void;
}

interface Stretch {
  startMs: number;
  endMs: number;
}

/** Browsers play over holes this small. */
const holeMs = 250;

export function createTimeline(queue: EventQueue, listener: TimelineListener): Timeline {
  /** Apart from each other, in order. */
  let stretches: Stretch[] = [];
  let atMs = 0;
  let sinceMs = 0;
  let moving = false;
  let playedMs = 0;
  let wakeAtMs = Infinity;
  const wakes = { fire: wake };

  const endAt = (positionMs: number) => {
    for (const { startMs, endMs } of stretches)
      if (startMs <= positionMs + holeMs && endMs > positionMs) return endMs;
    return positionMs;
  };
  const position = () => (moving ? Math.min(atMs + queue.nowMs() - sinceMs, endAt(atMs)) : atMs);

  function settle(): void {
    const now = position();
    if (moving) playedMs += now - atMs;
    atMs = now;
    sinceMs = queue.nowMs();
  }

  function arm(): void {
    if (!moving) return;
    const dryAtMs = queue.nowMs() + endAt(atMs) - atMs;
    if (wakeAtMs <= dryAtMs) return;
    wakeAtMs = dryAtMs;
    queue.at(dryAtMs, wakes, dryAtMs);
  }

  /** An early wake looks again: the buffer has grown since. */
  function wake(armedMs: number): void {
    if (armedMs !== wakeAtMs) return;
    wakeAtMs = Infinity;
    if (!moving) return;
    settle();
    if (endAt(atMs) - atMs > 1e-6) {
      arm();
      return;
    }
    moving = false;
    listener.dry();
  }

  return {
    positionMs: position,
    bufferedEndMs: () => endAt(position()),
    append(startMs, endMs) {
      settle();
      const touching = stretches.filter((other) => other.startMs <= endMs && other.endMs >= startMs);
      const merged = {
        startMs: Math.min(startMs, ...touching.map((other) => other.startMs)),
        endMs: Math.max(endMs, ...touching.map((other) => other.endMs)),
      };
      stretches = stretches.filter((other) => !touching.includes(other));
      stretches.push(merged);
      stretches.sort((a, b) => a.startMs - b.startMs);
      arm();
    },
    jump(toMs) {
      settle();
      atMs = toMs;
      moving = false;
    },
    play() {
      settle();
      moving = true;
      arm();
    },
    playedMs() {
      settle();
      return playedMs;
    },
  };
}
