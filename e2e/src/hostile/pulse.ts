import type { Viewer } from "../index.ts";

/** How a page bears what is done to it. */
export interface Pulse {
  /** The longest time since the start in which its script could not run anything else. */
  longestGapMs(): Promise<number>;
  /** What its script holds: objects and buffers. */
  heldBytes(): Promise<number>;
}

const BEAT_MS = 20;

export async function takePulse({ page }: Viewer): Promise<Pulse> {
  await page.evaluate((beatMs) => {
    const pulse = { longestGapMs: 0 };
    let lastMs = performance.now();
    setInterval(() => {
      const nowMs = performance.now();
      pulse.longestGapMs = Math.max(pulse.longestGapMs, nowMs - lastMs);
      lastMs = nowMs;
    }, beatMs);
    Object.assign(window, { pulse });
  }, BEAT_MS);
  const session = await page.context().newCDPSession(page);
  return {
    longestGapMs: () =>
      page.evaluate(() => (window as unknown as { pulse: { longestGapMs: number } }).pulse.longestGapMs),
    async heldBytes() {
      await session.send("HeapProfiler.collectGarbage");
      const { usedSize, backingStorageSize } = (await session.send("Runtime.getHeapUsage")) as {
        readonly usedSize: number;
        readonly backingStorageSize?: number;
      };
      return usedSize + (backingStorageSize ?? 0);
    },
  };
}
