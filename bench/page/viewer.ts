import type HlsPlayer from "hls.js";
import type { KindName } from "../src/kinds.ts";
import type { SegmentLoad } from "../src/transport/goodput.ts";
import { countChannelBytes } from "./channel-bytes.ts";
import { watchLoads } from "./segment-loads.ts";
import { watchPlayback } from "./playback.ts";
import { loadPlayers, type Player } from "./players.ts";

/** One viewer of one kind. What a kind does not set is hls.js's default: the figures are about those. */

const channels = countChannelBytes();
const Hls = (window as unknown as { Hls: typeof HlsPlayer }).Hls;
const video = document.querySelector("video")!;
const makePlayer = await loadPlayers(new URLSearchParams(location.search).get("kind") as KindName);
const playback = watchPlayback(video, Hls);
let player: Player | null = null;
let loads: readonly SegmentLoad[] = [];

window.benchViewer = {
  start(order) {
    playback.began();
    player = makePlayer(order);
    const { hls } = player;
    playback.watch(hls);
    hls.loadSource(order.url);
    hls.attachMedia(video);
    loads = watchLoads(hls, Hls, () => player?.claims()?.peerBytes ?? 0);
    if (order.plays) hls.on(Hls.Events.MANIFEST_PARSED, () => void video.play());
  },
  report: () => ({
    ...playback.measures(),
    channels: { receivedBytes: channels.receivedBytes, sentBytes: channels.sentBytes },
    claims: player?.claims() ?? null,
  }),
  transportLog: () => ({ loads, arrivalsMs: channels.arrivalsMs }),
  seek: (toS) => playback.seek(toS),
  leave: async () => player?.leave(),
};
