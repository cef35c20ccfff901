import { startOrigin } from "./origin/index.ts";
import { startPageServer } from "./page-server.ts";
import { DEMO_TERMS } from "./payment-terms.ts";
import { VIEWERS_MAX, type DemoStatus } from "./status.ts";
import { startTrackerProcess } from "./tracker-process.ts";

export interface Demo {
  readonly url: string;
  readonly trackerUrl: string;
  readonly statsUrl: string;
  readonly vodUrl: string;
  readonly liveUrl: string;
  close(): Promise<void>;
}

/**
 * Transport streams of one rendition, which any player takes, with the segments' hashes in their playlists: the tracker
 * then has nothing to fetch for itself, which in an audience of four would be much.
 */
const STREAMS = { vod: "/roots/vod-ts/index.m3u8", live: "/roots/live-ts/index.m3u8" };

/** Starts everything behind the page; `folder` holds the built page. Leaves nothing running where it rejects. */
export async function startDemo(port: number, folder: string, terms = DEMO_TERMS): Promise<Demo> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => void (await Promise.allSettled(closers.splice(0).map((closeOne) => closeOne())));
  try {
    const origin = await startOrigin();
    closers.push(() => origin.close());
    const labels = Array.from({ length: VIEWERS_MAX }, (_, index) => `viewer ${index + 1}`);
    const ports = await Promise.all(
      labels.map(async (label) => ({ label, url: (await origin.openPort(label)).url })),
    );
    const tracker = await startTrackerProcess(terms);
    closers.push(() => tracker.stop());

    const status = (): DemoStatus => {
      const { byClient } = origin.bytes();
      return {
        tracker: tracker.status(),
        media: ports.map(({ label, url }) => ({ url, sentBytes: byClient.get(label)?.bytes ?? 0 })),
        streams: STREAMS,
        titles: origin.url,
      };
    };
    const page = await startPageServer({
      port,
      folder,
      status,
      command: (action) => (action === "kill" ? tracker.kill() : tracker.start()),
    });
    closers.push(() => page.close());
    return {
      url: `http://localhost:${page.port}/`,
      trackerUrl: tracker.status().url,
      statsUrl: tracker.statsUrl,
      vodUrl: origin.url + STREAMS.vod,
      liveUrl: origin.url + STREAMS.live,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
