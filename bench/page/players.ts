import type * as Sdk from "@tributary/sdk";
import type HlsPlayer from "hls.js";
import type { HlsConfig } from "hls.js";
import type { HlsJsP2PEngine } from "p2p-media-loader-hlsjs";
import { KINDS } from "../src/kinds.ts";
import type { Claims, ViewerOrder } from "../src/stage/viewer-report.ts";

/** A player of one kind, ready to load. */
export interface Player {
  readonly hls: HlsPlayer;
  /** What its engine says of itself, null for plain hls.js. */
  claims(): Claims | null;
  leave(): Promise<void>;
}

export type PlayerFactory = (order: ViewerOrder) => Player;

const SDK_URL = "/e2e/tributary.mjs";
const P2PML_URL = "/bench/p2pml.js";

/** The build with the worker inside, which is on by default. */
const Hls = (window as unknown as { Hls: typeof HlsPlayer }).Hls;

/** Loads what a kind needs beside hls.js, so that a start compares players and not downloads. */
export async function loadPlayers(kind: ViewerOrder["kind"]): Promise<PlayerFactory> {
  switch (KINDS[kind].swarm) {
    case null:
      return plain;
    case "tributary":
      return withTributary((await import(/* @vite-ignore */ SDK_URL)) as typeof Sdk);
    case "p2pml": {
      const { HlsJsP2PEngine: Engine } = (await import(/* @vite-ignore */ P2PML_URL)) as {
        HlsJsP2PEngine: typeof HlsJsP2PEngine;
      };
      return withP2pml(Engine, kind === "p2pml");
    }
  }
}

function plain({ hlsConfig }: ViewerOrder): Player {
  const hls = new Hls(hlsConfig);
  return { hls, claims: () => null, leave: async () => hls.destroy() };
}

function withTributary({ createEngine }: typeof Sdk): PlayerFactory {
  return ({ tracker, contentId, hlsConfig }) => {
    const engine = createEngine({ contentId, ...(tracker !== null && { tracker }) });
    const warnings: string[] = [];
    engine.on("warning", ({ code, message }) => warnings.push(`${code}: ${message}`));
    const hls = new Hls(engine.hlsConfig(hlsConfig));
    engine.attach(hls);
    return {
      hls,
      claims() {
        const { peerBytes, cdnBytes, peers } = engine.stats();
        return { peerBytes, cdnBytes, peers, explain: engine.explain(), warnings };
      },
      async leave() {
        hls.destroy();
        await engine.destroy();
      },
    };
  };
}

/**
 * "As shipped" sets nothing but the swarm, the tracker and no STUN servers, which a closed network does not reach. "At
 * its best" keeps hls.js's worker off, under which it loses its buffers, and states hls.js's default live latency, which
 * it would change by itself; in LL-HLS the playlist names the latency.
 */
function withP2pml(Engine: typeof HlsJsP2PEngine, atItsBest: boolean): PlayerFactory {
  return ({ tracker, contentId, lowLatency, hlsConfig }) => {
    const claims = { peerBytes: 0, cdnBytes: 0, peers: 0 };
    const warnings: string[] = [];
    const config = {
      ...hlsConfig,
      ...(atItsBest && { enableWorker: false }),
      ...(atItsBest && !lowLatency && { liveSyncDurationCount: Hls.DefaultConfig.liveSyncDurationCount }),
      p2p: {
        core: {
          swarmId: contentId,
          announceTrackers: tracker === null ? [] : [tracker],
          rtcConfig: { iceServers: [] },
        },
      },
    };
    const HlsWithP2p = Engine.injectMixin(Hls);
    const hls = new HlsWithP2p(config as unknown as Partial<HlsConfig>) as HlsPlayer & {
      readonly p2pEngine: HlsJsP2PEngine;
    };
    hls.p2pEngine.addEventListener("onChunkDownloaded", (bytes, source) => {
      claims[source === "p2p" ? "peerBytes" : "cdnBytes"] += bytes;
    });
    hls.p2pEngine.addEventListener("onPeerConnect", () => (claims.peers += 1));
    hls.p2pEngine.addEventListener("onPeerClose", () => (claims.peers -= 1));
    hls.p2pEngine.addEventListener("onTrackerError", ({ error }) => warnings.push(String(error)));
    return {
      hls,
      claims: () => ({ ...claims, explain: "", warnings }),
      leave: async () => hls.destroy(),
    };
  };
}
