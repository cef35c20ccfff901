import type { PeerKey } from "@tributary/protocol";
import type { State } from "../state.ts";
import type { Counters } from "./counters.ts";

/** One connected neighbour, as shown to the page. */
export interface PartnerStats {
  readonly id: PeerKey;
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
}

export interface CoreStats extends Readonly<Counters> {
  readonly peers: number;
  readonly peerList: readonly PartnerStats[];
  readonly swarmViewers: number;
  /** Verified peer bytes used / all media bytes used. */
  readonly offloadRatio: number;
}

export function snapshot(state: State): CoreStats {
  const partners = state.roster.partners();
  const { counters } = state;
  const usedBytes = counters.peerBytes + counters.cdnBytes;
  return {
    ...counters,
    peers: partners.length,
    peerList: partners.map(({ peer, uploadedBytes, downloadedBytes }) => ({
      id: peer,
      uploadedBytes,
      downloadedBytes,
    })),
    swarmViewers: state.session.viewerCount,
    offloadRatio: usedBytes === 0 ? 0 : counters.peerBytes / usedBytes,
  };
}
