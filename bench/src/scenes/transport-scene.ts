import { withStage, type Stage } from "../stage/stage.ts";
import { RAW_CHANNEL_PAGE } from "../stage/viewer-page.ts";
import { mean } from "../figures/statistics.ts";
import { goodputOf, type TransportLog } from "../transport/goodput.ts";
import { openRawChannel } from "../transport/raw.ts";
import type { TransportResult } from "../transport/result.ts";
import { paddedStream, SEGMENT_BYTES, SEGMENTS_COUNT, TRANSPORT_PREFIX } from "../transport/stream.ts";
import type { Scene } from "./scene.ts";

/** All of the stream, so that nobody has to play for the next segment to be loaded. */
const HOLD_ALL = {
  playlist: `${TRANSPORT_PREFIX}index.m3u8`,
  contentId: "bench/transport",
  plays: false,
  hlsConfig: { maxBufferLength: 120 },
};
const PLANNED_SECONDS = 25;

/** What the SDK's whole path, from a request to a verified segment, leaves of a raw data channel's rate. */
export const transportScene: Scene = {
  name: "transport",
  title:
    `${SEGMENTS_COUNT} segments of ${SEGMENT_BYTES / 2 ** 20} MiB from one viewer to another that asks for them in turn, ` +
    "beside a raw data channel just before and just after; each between two browser contexts of one Chromium",
  ceiling: null,
  obstacle: () => null,
  plannedSeconds: ({ variants }) => (variants.some(isTributary) ? PLANNED_SECONDS : 0),
  async run({ variants, run, viewerPages, say }, onResult) {
    if (!variants.some(isTributary)) return;
    const stage = { kinds: ["tributary"], stream: "vod-ts", roots: "playlist", viewerPages } as const;
    await withStage(stage, async (open) => {
      open.origin.mount(TRANSPORT_PREFIX, await paddedStream(open.origin));
      const before = await rawRate(open);
      const sdk = goodputOf(await fetchAll(open));
      const after = await rawRate(open);
      if (sdk === null) throw new Error("the transport scene's viewer got no segment from its peer");
      const result: TransportResult = {
        run,
        rawBytesPerSecond: mean([before, after])!,
        sdkBytesPerSecond: sdk.bytesPerSecond,
        bytes: sdk.bytes,
      };
      say(`${megabytes(result.sdkBytesPerSecond)} beside ${megabytes(before)} and ${megabytes(after)} raw`);
      onResult(result);
    });
  },
};

const isTributary = ({ kind }: { kind: string }): boolean => kind === "tributary";
const megabytes = (bytesPerSecond: number): string => `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`;

async function rawRate(stage: Stage): Promise<number> {
  const [from, to] = [await stage.openPage(RAW_CHANNEL_PAGE), await stage.openPage(RAW_CHANNEL_PAGE)];
  const channel = await openRawChannel(from, to);
  const rate = await channel.measure(SEGMENTS_COUNT * SEGMENT_BYTES);
  await Promise.all([from.context().close(), to.context().close()]);
  return rate;
}

/** One viewer gets everything from the origin, the other one as much as it can from the first. */
async function fetchAll(stage: Stage): Promise<TransportLog> {
  const [holder, asker] = [
    await stage.prepare("tributary", HOLD_ALL),
    await stage.prepare("tributary", HOLD_ALL),
  ];
  for (const viewer of [holder, asker]) {
    await viewer.start();
    await viewer.until("all segments", ({ deliveries }) => deliveries.length >= SEGMENTS_COUNT);
  }
  const log = await asker.transportLog();
  await Promise.all([holder.leave(), asker.leave()]);
  return log;
}
