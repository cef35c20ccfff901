import { peerKeyOf, pieceSetOf, segmentKeyOf } from "@tributary/protocol";
import { expect, it } from "vitest";
import { defaultCoreConfig } from "../config.ts";
import { createState, type State, type Step } from "../state.ts";
import { assignPieces, opensRequest } from "./assigning.ts";

const peer = peerKeyOf(new Uint8Array(16).fill(1));
const id = { track: 7, sequence: 3, part: -1, fingerprint: 1003 };
const info = {
  id,
  key: segmentKeyOf(id),
  startMs: 0,
  durationMs: 4000,
  source: { url: "https://cdn.test/3.ts", rangeStartBytes: null, rangeLengthBytes: null },
  root: { hash: "root", sizeBytes: 3 * 65_536 },
};
const step: Step = { nowMs: 1000, out: [], piecesFree: false };
const only = (piece: number) => pieceSetOf(3, (index) => index === piece);

/** A viewer that has the first of three pieces and has asked for the second. */
function scene() {
  const state: State = createState(defaultCoreConfig);
  const partner = state.roster.connected(peer, 1, 0)!;
  const job = state.jobs.open(info, 0);
  job.askable = true;
  const holding = state.inventory.ensure(info, 0);
  state.inventory.setSize(holding, info.root.sizeBytes);
  holding.pieces[0]!.state = "verified";
  const transfer = { requestId: 1, peer, piece: 1, startedAtMs: 0, nextBytes: 65_536, endBytes: 131_072 };
  state.jobs.begin(job, transfer);
  const opens = (pieces: Uint8Array | null) => opensRequest(state, step, partner, info.key, pieces);
  return { state, partner, job, transfer, opens };
}

it("opens a request where a partner has a piece that is missing and asked of nobody", () => {
  const { opens } = scene();
  expect([0, 1, 2].map((piece) => opens(only(piece)))).toEqual([false, false, true]);
  expect(opens(null)).toBe(true);
});

it("takes a piece for free again once what brought it has ended", () => {
  const { state, job, transfer, opens } = scene();
  state.jobs.end(job, transfer);
  expect(opens(only(1))).toBe(true);
});

it("opens nothing with a partner that rests, or owes as much as it should", () => {
  const { partner, opens } = scene();
  partner.restUntilMs = step.nowMs + 1;
  expect(opens(null)).toBe(false);
  partner.restUntilMs = 0;
  partner.pendingCount = 16;
  expect(opens(null)).toBe(false);
});

it.each([
  { lineBps: 4e6, asked: 6 },
  { lineBps: 40e6, asked: 20 },
])(
  "asks for no more than a line of $lineBps bit/s brings in a moment, however fast the partners are",
  (line) => {
    const state = createState(defaultCoreConfig);
    const sizeBytes = 20 * 65_536;
    const large = { ...info, root: { hash: "root", sizeBytes } };
    const bodyMs = (sizeBytes * 8000) / line.lineBps;
    state.cdn.sample({ sizeBytes, firstByteMs: 10, bodyBytes: sizeBytes, bodyMs }, 0);
    for (let index = 1; index <= 5; index++) {
      const partner = state.roster.connected(peerKeyOf(new Uint8Array(16).fill(index)), index, 0)!;
      partner.held.add(info.key);
      partner.goodput.sample(65_536, 10);
    }
    const job = state.jobs.open(large, 0);
    Object.assign(job, { askable: true, rescueAtMs: 10_000 });
    state.inventory.setSize(state.inventory.ensure(large, 0), sizeBytes);
    const asking: Step = { nowMs: 1000, out: [], piecesFree: true };
    assignPieces(state, asking);
    expect(asking.out.filter((output) => output.type === "send-to-peer")).toHaveLength(line.asked);
  },
);

it("asks the only holder however slow it was, whatever the rates of those that have nothing of the segment", () => {
  const state = createState(defaultCoreConfig);
  const [holder, ...others] = [1, 2, 3, 4, 5].map((index) =>
    state.roster.connected(peerKeyOf(new Uint8Array(16).fill(index)), index, 0)!,
  );
  holder!.held.add(info.key);
  holder!.goodput.sample(65_536, 2000);
  for (const { goodput } of others) goodput.sample(65_536, 2);
  const job = state.jobs.open(info, 0);
  Object.assign(job, { askable: true, rescueAtMs: 10_000 });
  state.inventory.setSize(state.inventory.ensure(info, 0), info.root.sizeBytes);
  const asking: Step = { nowMs: 1000, out: [], piecesFree: true };
  assignPieces(state, asking);
  expect(asking.out).toMatchObject([{ type: "send-to-peer", peer: holder!.peer }]);
});

/** The CDN is bringing all three pieces, 1 s each, and a neighbour with a fast line has these. */
function raced(pieces: "all" | "some") {
  const state = createState(defaultCoreConfig);
  state.cdn.sample({ sizeBytes: 65_536, firstByteMs: 0, bodyBytes: 65_536, bodyMs: 1000 }, 0);
  const partner = state.roster.connected(peer, 1, 0)!;
  partner.goodput.sample(65_536, 50);
  if (pieces === "all") partner.held.add(info.key);
  else partner.arriving.set(info.key, { pieces: pieceSetOf(3, () => true), gainedAtMs: 1000 });
  const job = state.jobs.open(info, 0);
  Object.assign(job, { askable: true, rescueAtMs: 10_000 });
  job.fetch = {
    id: 1,
    request: 1,
    offsetBytes: 0,
    endBytes: null,
    startedAtMs: 900,
    firstByteAtMs: 1000,
    receivedBytes: 0,
    isProbe: false,
    isLate: false,
    firstRead: null,
  };
  state.inventory.setSize(state.inventory.ensure(info, 0), info.root.sizeBytes);
  const asking: Step = { nowMs: 1000, out: [], piecesFree: true };
  assignPieces(state, asking);
  return asking.out.flatMap((output) =>
    output.type === "send-to-peer" && output.message.type === "request" ? [output.message.firstPiece] : [],
  );
}

it("waited for a slow CDN beside a neighbour that had the whole segment: asks it for the end, backwards", () => {
  expect(raced("all")).toEqual([2, 1]);
});

it("does not mix what a neighbour is only getting into a segment that it could pass on as it comes", () => {
  expect(raced("some")).toEqual([]);
});

it("does not let what a slow partner owes for seconds keep the fast ones idle", () => {
  const state = createState(defaultCoreConfig);
  const [slow, fast] = [1, 2].map((index) =>
    state.roster.connected(peerKeyOf(new Uint8Array(16).fill(index)), index, 0)!,
  );
  slow!.goodput.sample(65_536, 4000);
  slow!.pendingBytes = 6 * 65_536;
  fast!.goodput.sample(65_536, 10);
  fast!.held.add(info.key);
  const job = state.jobs.open(info, 0);
  Object.assign(job, { askable: true, rescueAtMs: 10_000 });
  state.inventory.setSize(state.inventory.ensure(info, 0), info.root.sizeBytes);
  const asking: Step = { nowMs: 1000, out: [], piecesFree: true };
  assignPieces(state, asking);
  expect(asking.out).toHaveLength(3);
});
