import fc, { type Arbitrary } from "fast-check";
import {
  type ClientMessage,
  type ClientMessageOf,
  encodeUtf8,
  MAX_PART,
  MAX_PIECES,
  MAX_SEGMENT_BYTES,
  MAX_UPLINK_CLASS,
  type PeerMessage,
  type PeerMessageOf,
  pieceCountOf,
  pieceSetOf,
  type SegmentId,
  segmentKeyOf,
  type TrackerMessage,
  type TrackerMessageOf,
} from "../index.ts";
import type { Candidate } from "../signal/candidate.ts";
import type { Description } from "../signal/description.ts";

const byteString = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const bytesUpTo = (maxLength: number) => fc.uint8Array({ maxLength });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
/** Small and boundary values as often as any. */
const upTo = (max: number) =>
  fc.oneof(fc.nat({ max: Math.min(max, 300) }), fc.integer({ min: 0, max }), fc.constant(max));
const safe = upTo(Number.MAX_SAFE_INTEGER);
const sizeBytes = upTo(MAX_SEGMENT_BYTES);
const text = (maxBytes: number, maxLength = 60) =>
  fc.string({ unit: "grapheme", maxLength }).filter((value) => encodeUtf8(value).length <= maxBytes);
const signature = fc.oneof(byteString(64), fc.constant(new Uint8Array(0)));

export const segmentId: Arbitrary<SegmentId> = fc.record({
  track: fc.oneof(fc.nat({ max: 3 }), u32),
  sequence: safe,
  part: fc.oneof(fc.constant(-1), upTo(MAX_PART)),
  fingerprint: u32,
});

/** Ascending and without repetition, as a set comes out of the decoder. */
export const segmentSet = (maxLength: number): Arbitrary<SegmentId[]> =>
  fc
    .uniqueArray(segmentId, { maxLength, selector: segmentKeyOf })
    .map((segments) =>
      segments.sort(
        (a, b) =>
          a.track - b.track || a.sequence - b.sequence || a.part - b.part || a.fingerprint - b.fingerprint,
      ),
    );

const position = fc.record({
  track: u32,
  audioTrack: u32,
  wanted: safe,
  audioWanted: safe,
  positionMs: safe,
  uplinkClass: upTo(MAX_UPLINK_CLASS),
});

type Kinds<Message extends { readonly type: string }> = {
  readonly [Type in Message["type"]]: Arbitrary<Extract<Message, { readonly type: Type }>>;
};

export const peerMessages: Kinds<PeerMessage> = {
  hello: fc.record({
    type: fc.constant("hello"),
    version: upTo(0xffff),
    sessionKey: byteString(32),
    ticket: u32,
    signature,
    uploads: fc.boolean(),
  }),
  have: fc.record({
    type: fc.constant("have"),
    position,
    added: segmentSet(12),
    removed: segmentSet(12),
  }),
  bitfield: fc.record({ type: fc.constant("bitfield"), position, segments: segmentSet(40) }),
  progress: fc.record({
    type: fc.constant("progress"),
    segment: segmentId,
    pieces: fc
      .uniqueArray(upTo(MAX_PIECES - 1), { maxLength: 40 })
      .map((pieces) => pieceSetOf(MAX_PIECES, (piece) => pieces.includes(piece))),
  }),
  request: fc.record({
    type: fc.constant("request"),
    requestId: upTo(0xffff_ffff),
    segment: segmentId,
    firstPiece: upTo(MAX_PIECES - 1),
    pieceCount: upTo(MAX_PIECES),
    deadlineMs: safe,
    wantsList: fc.boolean(),
  }),
  piece: fc.record({
    type: fc.constant("piece"),
    requestId: upTo(0xffff_ffff),
    offsetBytes: sizeBytes,
    data: bytesUpTo(200),
  }),
  "piece-hashes": fc
    .record({ segment: segmentId, sizeBytes: upTo(20 * 65_536), fill: fc.nat({ max: 255 }) })
    .map(({ segment, sizeBytes, fill }): PeerMessageOf<"piece-hashes"> => ({
      type: "piece-hashes",
      segment,
      sizeBytes,
      hashes: new Uint8Array(32 * pieceCountOf(sizeBytes)).fill(fill),
    })),
  cancel: fc.record({ type: fc.constant("cancel"), requestId: upTo(0xffff_ffff) }),
  reject: fc.record({
    type: fc.constant("reject"),
    requestId: upTo(0xffff_ffff),
    reason: fc.constantFrom("not-held", "busy", "too-late", "choked", "upload-off", "gone"),
  }),
  choke: fc.record({ type: fc.constant("choke"), choked: fc.boolean() }),
  receipt: fc.record({ type: fc.constant("receipt"), bytes: bytesUpTo(200) }),
  peers: fc.record({ type: fc.constant("peers"), peers: fc.array(byteString(16), { maxLength: 32 }) }),
  subscribe: fc.record({ type: fc.constant("subscribe"), track: u32, on: fc.boolean() }),
  ping: fc.record({ type: fc.constant("ping"), nonce: u32 }),
  pong: fc.record({ type: fc.constant("pong"), nonce: u32 }),
  bye: fc.record({ type: fc.constant("bye"), reason: text(200) }),
};

const signal: Arbitrary<ClientMessageOf<"signal">> = fc.record({
  type: fc.constant("signal"),
  peer: byteString(16),
  kind: fc.constantFrom("offer", "answer", "candidate"),
  body: bytesUpTo(200),
});

const rootConflict = fc.record({
  type: fc.constant("root-conflict"),
  segment: segmentId,
  name: byteString(32),
}) as Arbitrary<ClientMessageOf<"root-conflict">>;

export const clientMessages: Kinds<ClientMessage> = {
  hello: fc.record({
    type: fc.constant("hello"),
    version: upTo(0xffff),
    sessionKey: byteString(32),
    signature,
    token: text(4_096),
    delegation: bytesUpTo(100),
    resumeTicket: bytesUpTo(100),
    client: text(100, 20),
  }),
  join: fc.record({
    type: fc.constant("join"),
    contentId: text(2_048),
    wantedPeers: upTo(50),
    role: fc.constantFrom("viewer", "seeder"),
    origins: fc.array(fc.webUrl({ size: "small" }), { maxLength: 8 }),
  }),
  signal,
  statement: fc.record({ type: fc.constant("statement"), bytes: bytesUpTo(200) }),
  hashes: fc.record({
    type: fc.constant("hashes"),
    segments: fc.array(
      fc.record({ id: segmentId, url: text(2_048, 30), rangeStart: safe, rangeLength: safe }),
      { maxLength: 8 },
    ),
  }),
  "root-conflict": rootConflict,
  qos: fc.record({
    type: fc.constant("qos"),
    indicators: fc.array(
      fc.record({ id: upTo(0xffff_ffff), value: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
      { maxLength: 20 },
    ),
  }),
  leave: fc.record({ type: fc.constant("leave") }),
  ping: fc.record({ type: fc.constant("ping"), nonce: u32 }),
  report: fc.record({ type: fc.constant("report"), peer: byteString(16) }),
};

const opaque = <Type extends "order" | "challenge">(type: Type) =>
  fc.record({ type: fc.constant(type), bytes: bytesUpTo(200) }) as Arbitrary<TrackerMessageOf<Type>>;

export const trackerMessages: Kinds<TrackerMessage> = {
  nonce: fc.record({
    type: fc.constant("nonce"),
    version: upTo(0xffff),
    minVersion: upTo(0xffff),
    trackerId: byteString(32),
    nonce: byteString(32),
  }),
  welcome: fc.record({
    type: fc.constant("welcome"),
    peer: byteString(16),
    timeMs: safe,
    p2pAllowed: fc.boolean(),
    verifier: fc.boolean(),
    announceIntervalMs: safe,
    iceServers: fc.array(
      fc.record({
        urls: fc.array(text(512, 30), { maxLength: 8 }),
        username: text(512, 30),
        credential: text(512, 30),
      }),
      { maxLength: 8 },
    ),
    resumeTicket: bytesUpTo(512),
    variant: text(100, 20),
  }),
  swarm: fc.record({
    type: fc.constant("swarm"),
    swarm: byteString(32),
    ticket: u32,
    viewerCount: safe,
    copiesTarget: upTo(0xffff_ffff),
  }),
  peers: fc.record({
    type: fc.constant("peers"),
    peers: fc.array(fc.record({ peer: byteString(16), ticket: u32 }), { maxLength: 50 }),
    grants: fc.array(bytesUpTo(100), { maxLength: 8 }),
  }),
  signal,
  hashes: fc.record({
    type: fc.constant("hashes"),
    roots: fc.array(
      fc.record({ segment: segmentId, name: byteString(32), sizeBytes, root: byteString(32) }),
      { maxLength: 8 },
    ),
    signature: byteString(64),
  }),
  order: opaque("order"),
  challenge: opaque("challenge"),
  ack: fc.record({ type: fc.constant("ack"), of: u32 }),
  error: fc.record({
    type: fc.constant("error"),
    code: fc.constantFrom(
      "bad-message",
      "out-of-order",
      "version",
      "bad-signature",
      "not-admitted",
      "rate-limited",
      "too-large",
      "not-introduced",
      "unknown-swarm",
      "shutting-down",
      "internal",
      "wrong-length",
      "wrong-type",
      "wrong-order",
      "overflow",
      "inconsistent",
      "wrong-key",
      "wrong-epoch",
      "unknown-grant",
      "replayed",
      "clock-ahead",
      "clock-behind",
      "token-invalid",
      "token-expired",
      "token-replayed",
      "wrong-content",
      "banned",
    ),
    message: text(500),
    fatal: fc.boolean(),
  }),
  pong: fc.record({ type: fc.constant("pong"), nonce: u32 }),
  banned: fc.record({ type: fc.constant("banned"), peers: fc.array(byteString(16), { maxLength: 8 }) }),
  "root-conflict": rootConflict,
};

const token = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(..."ABCxyz019+/-_"), minLength, maxLength });
const candidateLine = fc.string({ unit: "grapheme-ascii", maxLength: 100 });

export const description: Arbitrary<Description> = fc.record({
  ufrag: token(4, 40),
  pwd: token(22, 60),
  fingerprint: byteString(32),
  setup: fc.constantFrom("actpass", "active", "passive"),
  candidates: fc.array(candidateLine, { maxLength: 10 }),
  maxMessageSize: safe,
});

export const candidate: Arbitrary<Candidate> = fc.record({ candidate: candidateLine });
