const firstDelayMs = 1_000;
const longestDelayMs = 60_000;

/** Delays that double, each drawn from its upper half: a tracker's restart must not bring everybody back at once. */
export interface Backoff {
  nextDelayMs(): number;
  reset(): void;
}

export function createBackoff(random: () => number): Backoff {
  let attempts = 0;
  return {
    nextDelayMs() {
      const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempts++, 10));
      return delayMs * (0.5 + random() / 2);
    },
    reset: () => void (attempts = 0),
  };
}
