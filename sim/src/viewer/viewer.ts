import { defaultCoreConfig, type Core, type CoreConfig } from "@tributary/sdk/core";
import type { EventQueue } from "../event-queue.ts";
import type { Cdn } from "../network/cdn.ts";
import { createDownlink } from "../network/downlink.ts";
import type { Mesh, MeshMember } from "../network/mesh.ts";
import type { Neighbour } from "../measures/causes.ts";
import type { AccessLink } from "../network/population.ts";
import { createUplink } from "../network/uplink.ts";
import type { Watch } from "../probe.ts";
import type { Stream } from "../stream/stream.ts";
import { createTrackerSession, type TrackerSession } from "../tracker/session.ts";
import type { TrackerHost } from "../tracker/tracker.ts";
import { createEngine, type Engine } from "./engine.ts";
import { listBytesOf, pieceBytesOf, type Honesty } from "./honesty.ts";
import { peerOf } from "./peers.ts";
import { createPlayer, type Player } from "./player.ts";

export interface Viewer {
  readonly index: number;
  readonly player: Player;
  readonly core: Core;
  /** Share of its time that the uplink was in use. */
  uplinkBusyMs(): number;
  /** Those it is connected to now. */
  neighbours(): Neighbour[];
  seek(toMs: number): void;
  leave(abrupt: boolean): void;
}

export interface ViewerEnvironment {
  readonly index: number;
  readonly access: AccessLink;
  readonly honesty: Honesty;
  readonly queue: EventQueue;
  readonly stream: Stream;
  readonly cdn: Cdn;
  readonly mesh: Mesh;
  readonly host: TrackerHost;
  readonly watch: Watch;
  readonly storageMaxBytes: number;
  readonly p2pAllowed: boolean;
  createCore(config: CoreConfig): Core;
}

/** The CDN's edge and the tracker, behind the viewer's access line. */
const edgeMs = 4;
const trackerMs = 20;

export function createViewer(environment: ViewerEnvironment): Viewer {
  const { index, access, honesty, queue, stream, cdn, mesh, host, watch } = environment;
  const core = environment.createCore({
    ...defaultCoreConfig,
    storageMaxBytes: environment.storageMaxBytes,
  });
  const peer = peerOf(index);
  const downlink = createDownlink(access.downBps);
  const oneWayMs = access.accessMs + edgeMs;
  const pieceBytes = pieceBytesOf(honesty);
  const arrivedAtMs = queue.nowMs();
  const member: MeshMember = {
    index,
    peer,
    access,
    uplink: createUplink(access.upBps, queue),
    downlink,
    mute: honesty === "mute",
    links: new Map(),
    admitting: false,
    heldOffers: [],
    ticket: 0,
    gone: false,
    input: (input) => engine.input(input),
    chunkData: () => pieceBytes,
    sentMedia: (bytes) => watch.uploaded(index, bytes),
    signal: (to, kind) => session.signal(to, kind),
  };
  const input: Engine["input"] = (next) => engine.input(next);
  const engine: Engine = createEngine({
    index,
    core,
    queue,
    stream,
    cdn,
    client: { index, downlink, oneWayMs, input },
    mesh,
    member,
    watch,
    session: () => session,
    player: () => player,
    listBytes: listBytesOf(honesty),
  });
  // What arrives by the thousand goes straight there.
  member.input = engine.input;
  const session: TrackerSession = createTrackerSession({
    queue,
    host,
    stream,
    member,
    trackerMs: access.accessMs + trackerMs,
    p2pAllowed: environment.p2pAllowed,
    input,
    signalled: (from, kind) => mesh.signalled(member, from, kind),
  });
  const player: Player = createPlayer({
    index,
    queue,
    stream,
    watch,
    arrivedAtMs,
    playlistMs: 2 * oneWayMs + edgeMs,
    input,
  });

  mesh.join(member);
  watch.arrived(index, arrivedAtMs);
  engine.input({
    type: "upload-policy",
    allowed: true,
    maxBps: Infinity,
    maxBytes: Infinity,
  });
  // Connecting, the multivariant playlist and the media playlist: three round trips.
  const manifest = {
    fire() {
      if (member.gone) return;
      player.start();
      session.open();
    },
  };
  queue.at(arrivedAtMs + 6 * oneWayMs, manifest, null);

  return {
    index,
    player,
    core,
    uplinkBusyMs: () => member.uplink.busyMs,
    neighbours: () =>
      mesh
        .neighboursOf(member)
        .map(({ index, uplink }) => ({ index, uplinkIdle: uplink.flows.length === 0 })),
    seek: (toMs) => player.seek(toMs),
    leave(abrupt) {
      player.stop();
      engine.stop();
      session.close();
      mesh.leave(member, abrupt);
      watch.left(index, queue.nowMs());
    },
  };
}
