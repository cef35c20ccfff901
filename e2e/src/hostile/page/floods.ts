import { MAX_HAVE_SEGMENTS, type SegmentId, WHOLE_SEGMENT } from "@tributary/protocol";
import type { LieName } from "../contract.ts";
import { type Lie, pause, type Stage } from "./lie.ts";

/** Each sound by itself, and far too many. */
export const floods = {
  "request-flood": {
    claims: "nothing",
    begin: (stage) =>
      flood(stage, 20_000, ({ wire, media }, at) => {
        const { id } = media.listed[at % media.listed.length]!;
        wire.send({
          type: "request",
          requestId: at,
          segment: id,
          firstPiece: 0,
          pieceCount: 0,
          deadlineMs: 0,
          wantsList: true,
        });
      }),
  },
  "cancel-flood": {
    claims: "nothing",
    begin: (stage) =>
      flood(stage, 20_000, ({ wire, media }, at) => {
        const { id } = media.listed[at % media.listed.length]!;
        wire.send({
          type: "request",
          requestId: at,
          segment: id,
          firstPiece: 0,
          pieceCount: 1,
          deadlineMs: 0,
          wantsList: true,
        });
        wire.send({ type: "cancel", requestId: at });
      }),
  },
  "have-flood": {
    claims: "nothing",
    begin: (stage) =>
      flood(stage, 3_000, ({ wire }, at) => {
        const added = Array.from({ length: MAX_HAVE_SEGMENTS }, (_, index) =>
          invented(at * MAX_HAVE_SEGMENTS + index),
        );
        wire.send({ type: "have", position: NOWHERE, added, removed: [] });
      }),
  },
  "subscribe-flood": {
    claims: "nothing",
    begin: (stage) =>
      flood(stage, 200_000, ({ wire }, at) => wire.send({ type: "subscribe", track: at, on: true })),
  },
  "ping-flood": {
    claims: "nothing",
    begin: (stage) => flood(stage, 200_000, ({ wire }, at) => wire.send({ type: "ping", nonce: at })),
  },
} as const satisfies Partial<Record<LieName, Lie>>;

const NOWHERE = { track: 0, audioTrack: 0, wanted: 0, audioWanted: 0, positionMs: 0, uplinkClass: 0 };

/** After so many its own page gets to hear something, the victim's BYE above all. */
const BREATH = 250;

async function flood(stage: Stage, count: number, once: (stage: Stage, at: number) => void): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    if (at % BREATH === 0) {
      await pause(0);
      if (!(await stage.wire.ready())) return;
    }
    once(stage, at);
    stage.lied();
  }
}

/** No segment of any stream. */
function invented(number: number): SegmentId {
  return { track: 7, sequence: number, part: WHOLE_SEGMENT, fingerprint: number >>> 0 };
}
