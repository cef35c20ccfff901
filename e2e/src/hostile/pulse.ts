import type { Viewer } from "../index.ts";

/** How a page bears what is done to it. */
export interface Pulse {
  /** Times the picture stood still for want of bytes, in seconds of media. */
  starvedAtS(): Promise<readonly number[]>;
  /** The processor time that its main thread has used so far, in seconds. Others that use the machine do not count. */
  busyS(): Promise<number>;
  /** What its script holds: objects and buffers. */
  heldBytes(): Promise<number>;
}

interface PulseWindow {
  readonly pulse: { readonly starvedAtS: number[] };
}

/** With more than this ahead a picture that stands waits for the decoder: a busy machine, not a late segment. */
const WANT_S = 0.5;

/** To be called before the viewer plays. */
export async function takePulse({ page }: Viewer): Promise<Pulse> {
  await page.evaluate(
    ({ wantS }) => {
      const pulse = { starvedAtS: [] as number[] };
      const video = document.querySelector("video") as HTMLVideoElement;
      let playing = false;
      video.addEventListener("playing", () => (playing = true));
      video.addEventListener("waiting", () => {
        const { buffered, currentTime } = video;
        let aheadS = 0;
        for (let i = 0; i < buffered.length; i += 1)
          if (buffered.start(i) <= currentTime + 0.1) aheadS = buffered.end(i) - currentTime;
        if (playing && !video.seeking && !video.ended && aheadS < wantS) pulse.starvedAtS.push(currentTime);
      });
      Object.assign(window, { pulse });
    },
    { wantS: WANT_S },
  );
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return {
    starvedAtS: () => page.evaluate(() => (window as unknown as PulseWindow).pulse.starvedAtS),
    async busyS() {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration")!.value;
    },
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
