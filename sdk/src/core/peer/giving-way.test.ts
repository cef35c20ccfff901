import { peerKeyOf, PIECE_BYTES, segmentKeyOf, type PeerMessageOf } from "@tributary/protocol";
import { expect, it } from "vitest";
import { defaultCoreConfig } from "../config.ts";
import { createState, type Step } from "../state.ts";
import { acceptRequest, pump } from "./uploading.ts";

const peer = peerKeyOf(new Uint8Array(16).fill(1));

function infoOf(sequence: number) {
  const id = { track: 7, sequence, part: -1, fingerprint: sequence };
  const source = { url: `https://cdn.test/${sequence}.ts`, rangeStartBytes: null, rangeLengthBytes: null };
  return { id, key: segmentKeyOf(id), startMs: 0, durationMs: 4000, source, root: null };
}

/** A viewer that holds a segment and whose player waits for the next one, which the CDN brings at 20 Mbit/s. */
function scene(uplinkBps: number) {
  const state = createState(defaultCoreConfig);
  state.roster.connected(peer, 1, 0);
  const held = state.inventory.ensure(infoOf(1), 0);
  state.inventory.setSize(held, PIECE_BYTES);
  Object.assign(held, { complete: true, list: "own" });
  held.pieces[0]!.state = "cdn";
  state.uplink.filled(0);
  state.uplink.drained(PIECE_BYTES, PIECE_BYTES, 0);
  state.uplink.drained(PIECE_BYTES, 0, (PIECE_BYTES * 8000) / uplinkBps);
  state.cdn.sample({ sizeBytes: 250_000, firstByteMs: 20, bodyBytes: 250_000, bodyMs: 100 }, 0);
  const job = state.jobs.open(infoOf(2), 0);
  job.fetch = {
    id: 1,
    request: 1,
    offsetBytes: 0,
    endBytes: null,
    startedAtMs: 0,
    firstByteAtMs: null,
    receivedBytes: 0,
    isProbe: false,
    isLate: false,
    firstRead: null,
  };
  const step: Step = { nowMs: 1000, out: [], piecesFree: false };
  const request: PeerMessageOf<"request"> = {
    type: "request",
    requestId: 1,
    segment: infoOf(1).id,
    firstPiece: 0,
    pieceCount: 1,
    deadlineMs: 8000,
    wantsList: false,
  };
  acceptRequest(state, step, peer, request);
  return { state, step, job, request };
}

it("a narrow uplink full of uploads kept the CDN's bytes from a player that ran dry", () => {
  const { state, step, job, request } = scene(700_000);
  expect(step.out).toMatchObject([{ message: { type: "reject", reason: "busy" } }]);
  job.fetch = null;
  pump(state, step);
  expect(step.out.at(-1)).toMatchObject({ peer, message: { type: "choke", choked: false } });
  acceptRequest(state, step, peer, request);
  expect(step.out.at(-1)).toMatchObject({ type: "send-piece" });
});

it("uploads beside the CDN where the uplink has room for the acknowledgements, or what comes is for neighbours", () => {
  expect(scene(3_000_000).step.out).toMatchObject([{ type: "send-piece" }]);
  const { state, step, job, request } = scene(700_000);
  job.ahead = true;
  acceptRequest(state, step, peer, request);
  expect(step.out.at(-1)).toMatchObject({ type: "send-piece" });
});

it("keeps an uplink free that a single piece would fill for a second, and looks again some time later", () => {
  const { state, step, job, request } = scene(250_000);
  job.fetch = null;
  acceptRequest(state, step, peer, request);
  expect(step.out.at(-1)).toMatchObject({ message: { type: "reject", reason: "busy" } });
  acceptRequest(state, { ...step, nowMs: 30_000 }, peer, request);
  expect(step.out.at(-1)).toMatchObject({ type: "send-piece" });
});

it("uploads went on behind a CDN that had become slow by them: it was as slow as the uplink, so there seemed to be room", () => {
  const { state, step, request } = scene(700_000);
  state.cdn.slowed(10_000, 1000, 500);
  acceptRequest(state, step, peer, request);
  expect(step.out.at(-1)).toMatchObject({ message: { type: "reject", reason: "busy" } });
});

it("a page that a flood kept busy measured a narrow uplink by its own turns, and served nobody for twenty seconds", () => {
  const { state, step, job, request } = scene(250_000);
  job.fetch = null;
  state.lateness.asleep(700, 600);
  state.lateness.woken(1000);
  acceptRequest(state, step, peer, request);
  expect(step.out.at(-1)).toMatchObject({ type: "send-piece" });
});
