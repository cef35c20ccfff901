import type { EngineStats, ReplayingDriver } from "./driver-contract.ts";

const NOTHING: EngineStats = {
  cdnBytes: 0,
  peerBytes: 0,
  wastedBytes: 0,
  uploadedBytes: 0,
  peerId: null,
  account: null,
  peers: 0,
  offloadRatio: 0,
  startupMs: null,
  rebufferMs: 0,
  rebufferCount: 0,
  segmentsFromPeers: 0,
  segmentsFromCdn: 0,
  hashFailures: 0,
  tracker: "off",
  swarmViewers: 0,
  peerList: [],
};

/** The trivial twin of the driver, for surroundings in which the real one can not start. It is never active. */
export function createIdleDriver(why: string): ReplayingDriver {
  const nothing = (): void => {};
  return {
    active: false,
    yields: () => false,
    replay: nothing,
    load(_request, handlers) {
      queueMicrotask(() => handlers.failed({ kind: "network", status: 0, text: why }));
      return { abort: nothing };
    },
    playlistUpdated: nothing,
    firstFrame: nothing,
    playhead: nothing,
    stalled: nothing,
    measured: nothing,
    setContentId: nothing,
    warn: nothing,
    stats: () => NOTHING,
    explain: () => why,
    on: () => nothing,
    pause: nothing,
    resume: nothing,
    destroy: () => Promise.resolve(),
  };
}
