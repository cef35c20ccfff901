import type { Page } from "playwright-core";
import type { RawChannelPage } from "../../page/raw-channel.ts";

/** What the browser's own benchmark pages use; the rate hardly depends on it. */
const CHUNK_BYTES = 64 * 1024;
const WARM_UP_BYTES = 8 * 2 ** 20;

interface RawWindow {
  readonly rawChannel: RawChannelPage;
}

export interface RawChannel {
  /** Payload bytes per second of one transfer. */
  measure(bytes: number): Promise<number>;
}

/** Connects two pages by a data channel, and warms it up until its congestion window is open. */
export async function openRawChannel(from: Page, to: Page): Promise<RawChannel> {
  for (const page of [from, to])
    await page.waitForFunction(() => (window as unknown as Partial<RawWindow>).rawChannel !== undefined);
  const offer = await from.evaluate(() => (window as unknown as RawWindow).rawChannel.offer());
  const answer = await to.evaluate((sdp) => (window as unknown as RawWindow).rawChannel.answer(sdp), offer);
  await from.evaluate((sdp) => (window as unknown as RawWindow).rawChannel.accept(sdp), answer);

  async function measure(bytes: number): Promise<number> {
    const took = to.evaluate((total) => (window as unknown as RawWindow).rawChannel.received(total), bytes);
    // Asked for in turn: the receiver counts before anything is sent.
    await to.evaluate(() => undefined);
    await from.evaluate(
      ([total, chunk]) => (window as unknown as RawWindow).rawChannel.send(total!, chunk!),
      [bytes, CHUNK_BYTES],
    );
    return (bytes * 1000) / (await took);
  }
  await measure(WARM_UP_BYTES);
  return { measure };
}
