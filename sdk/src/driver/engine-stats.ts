import type { Core } from "../core/index.ts";
import type { EngineStats, PlaybackMeasures } from "../driver-contract.ts";
import type { Network } from "./network.ts";

/** What the core counts, the player measured and the network knows, as the page sees it. */
export function engineStats(core: Core, measures: PlaybackMeasures, network: Network | null): EngineStats {
  const counts = core.stats();
  return {
    ...measures,
    cdnBytes: counts.cdnBytes,
    peerBytes: counts.peerBytes,
    wastedBytes: counts.wastedBytes,
    uploadedBytes: counts.uploadedBytes,
    peerId: network?.self() ?? null,
    peers: counts.peers,
    offloadRatio: counts.offloadRatio,
    segmentsFromPeers: counts.segmentsFromPeers,
    segmentsFromCdn: counts.segmentsFromCdn,
    hashFailures: counts.hashFailures,
    swarmViewers: counts.swarmViewers,
    tracker: network?.trackerState() ?? "off",
    account: network?.account() ?? null,
    peerList: counts.peerList.map((peer) => ({ ...peer, rttMs: network?.rttMs(peer.id) ?? null })),
  };
}
