import type { PeerKey, PeerMessage } from "@tributary/protocol";
import type { CoreConfig } from "./config.ts";
import { createCdnEstimate, type CdnEstimate } from "./estimate/cdn.ts";
import { createLateness, type Lateness } from "./estimate/lateness.ts";
import { createLine, type Line } from "./estimate/line.ts";
import { createUplinkEstimate, type UplinkEstimate } from "./estimate/uplink.ts";
import { createRoots, type Roots } from "./integrity/roots.ts";
import type { WarningCode } from "./model.ts";
import type { Output } from "./outputs.ts";
import { createRoster, type Roster } from "./peer/roster.ts";
import { createUploads, type Uploads } from "./peer/uploads.ts";
import { createPlayback, type Playback } from "./player/playback.ts";
import { createTracks, type Tracks } from "./player/tracks.ts";
import { createJobs, type Jobs } from "./request/jobs.ts";
import { createSeeding, type Seeding } from "./schedule/seeding.ts";
import { createCounters, type Counters } from "./stats/counters.ts";
import { createInventory, type Inventory } from "./store/inventory.ts";

/** What holds for the session as a whole. */
export interface Session {
  /** When the player got its first main segment; null during startup, which belongs to the CDN alone. */
  startedAtMs: number | null;
  /** The first frame can be shown. */
  frameShown: boolean;
  /** Connections may be made. */
  linking: boolean;
  /** When a connection would be due if they were made one by one at an even pace. */
  linkDueAtMs: number;
  paused: boolean;
  /** Open after a stall during a wait for peers: the rest of the session asks the CDN first. */
  breakerOpen: boolean;
  /** The CDN can only be asked for what the player waits for, whole and through its own load. */
  cdnThroughPlayer: boolean;
  /** The tracker's switch for everybody. */
  p2pAllowed: boolean;
  /** The tracker has been asked for partners and has not answered yet. */
  namesAwaited: boolean;
  tracker: "absent" | "ready" | "lost";
  ticket: number;
  viewerCount: number;
  copiesTarget: number;
  announcedAtMs: number;
  /** When a partner was last parted with for another. */
  replacedAtMs: number;
  uploadAllowed: boolean;
  uploadMaxBytes: number;
}

/** The whole state of one engine; every table has one owner and is changed through it alone. */
export interface State {
  readonly config: CoreConfig;
  readonly session: Session;
  readonly playback: Playback;
  readonly tracks: Tracks;
  readonly inventory: Inventory;
  readonly roster: Roster;
  readonly jobs: Jobs;
  readonly uploads: Uploads;
  readonly roots: Roots;
  readonly cdn: CdnEstimate;
  readonly line: Line;
  readonly lateness: Lateness;
  readonly seeding: Seeding;
  readonly uplink: UplinkEstimate;
  readonly counters: Counters;
  /** Hosts that answered a Range request with anything but the range. */
  readonly rangelessHosts: Set<string>;
  /** Neighbours that are not served for the receipts they owe. */
  readonly debtors: Set<PeerKey>;
}

/** One call of `handle`: the clock, and where effects go. */
export interface Step {
  readonly nowMs: number;
  readonly out: Output[];
  /** Something happened through which a piece may now be asked of a partner: another holder, room, a failed try. */
  piecesFree: boolean;
}

export function createState(config: CoreConfig): State {
  return {
    config,
    session: {
      startedAtMs: null,
      frameShown: false,
      linking: false,
      linkDueAtMs: Number.NEGATIVE_INFINITY,
      paused: false,
      breakerOpen: false,
      cdnThroughPlayer: false,
      p2pAllowed: true,
      namesAwaited: false,
      tracker: "absent",
      ticket: 0,
      viewerCount: 0,
      copiesTarget: 1,
      announcedAtMs: Number.NEGATIVE_INFINITY,
      replacedAtMs: Number.NEGATIVE_INFINITY,
      uploadAllowed: true,
      uploadMaxBytes: Number.POSITIVE_INFINITY,
    },
    playback: createPlayback(),
    tracks: createTracks(),
    inventory: createInventory(),
    roster: createRoster(),
    jobs: createJobs(),
    uploads: createUploads(),
    roots: createRoots(config.integrity),
    cdn: createCdnEstimate(),
    line: createLine(),
    lateness: createLateness(),
    seeding: createSeeding(),
    uplink: createUplinkEstimate(),
    counters: createCounters(),
    rangelessHosts: new Set(),
    debtors: new Set(),
  };
}

/** Peers may be used at all: nothing is switched off and startup is over. */
export function p2pActive({ session }: State): boolean {
  return session.startedAtMs !== null && !session.paused && session.p2pAllowed;
}

export function send(
  step: Step,
  peer: PeerKey,
  message: Exclude<PeerMessage, { type: "piece" | "piece-hashes" }>,
): void {
  step.out.push({ type: "send-to-peer", peer, message });
}

export function warn(step: Step, code: WarningCode, message: string): void {
  step.out.push({ type: "event", event: { type: "warning", code, message } });
}
