import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  appendPeerMessage,
  createWriter,
  decodePeerFrame,
  decodePeerMessage,
  encodePeerMessage,
  MAX_BITFIELD_SEGMENTS,
  MAX_CHUNK_BYTES,
  MAX_HAVE_SEGMENTS,
  MAX_PEER_MESSAGE_BYTES,
  type PeerMessage,
  type PeerMessageOf,
  pieceSetOf,
  type SegmentId,
  writtenBytes,
} from "../index.ts";
import { peerMessages, segmentSet } from "../testing/arbitraries.ts";
import { seed } from "../testing/seed.ts";

const segment: SegmentId = { track: 0xa1b2c3d4, sequence: 300, part: -1, fingerprint: 0x01020304 };
const position = { track: 1, audioTrack: 0, wanted: 300, audioWanted: 0, positionMs: 1_000, uplinkClass: 6 };

/** As many segments as asked for, in the order of the format and at their longest. */
function longestSegments(count: number): SegmentId[] {
  const sequence = Number.MAX_SAFE_INTEGER;
  return Array.from({ length: count }, (_, track) => ({ track, sequence, part: 65_535, fingerprint: 0 }));
}

describe("round trips", () => {
  test.each(Object.entries(peerMessages))("%s", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<PeerMessage>, (message) => {
        expect(decodePeerMessage(encodePeerMessage(message))).toEqual({ ok: true, value: message });
      }),
      { seed, numRuns: 200 },
    );
  });

  test("a frame that lies inside a larger buffer", () => {
    const frame = encodePeerMessage({ type: "cancel", requestId: 300 });
    const buffer = new Uint8Array(frame.length + 20).fill(0xff);
    buffer.set(frame, 10);
    expect(decodePeerMessage(buffer.subarray(10, 10 + frame.length))).toEqual({
      ok: true,
      value: { type: "cancel", requestId: 300 },
    });
  });
});

describe("a frame of several messages", () => {
  const frameOf = (messages: readonly PeerMessage[]) => {
    const frame = createWriter();
    for (const message of messages) appendPeerMessage(frame, message);
    return writtenBytes(frame);
  };
  const few = fc.array(fc.oneof(...Object.values<fc.Arbitrary<PeerMessage>>(peerMessages)), {
    minLength: 1,
    maxLength: 6,
  });

  test("gives them back in their order", () => {
    fc.assert(
      fc.property(few, (messages) => {
        const frame = frameOf(messages);
        fc.pre(frame.length <= MAX_PEER_MESSAGE_BYTES);
        expect(decodePeerFrame(frame)).toEqual({ ok: true, value: messages });
      }),
      { seed, numRuns: 200 },
    );
  });

  test("one that cannot be read spoils all of them, and none is no frame", () => {
    const frame = frameOf([{ type: "cancel", requestId: 300 }]);
    expect(decodePeerFrame(Uint8Array.of(...frame, 0x0a, 2))).toMatchObject({ ok: false });
    expect(decodePeerFrame(new Uint8Array(0))).toMatchObject({ ok: false });
  });

  test("one that cannot be written leaves what was there", () => {
    const frame = createWriter();
    appendPeerMessage(frame, { type: "cancel", requestId: 300 });
    const before = writtenBytes(frame).slice();
    expect(() => appendPeerMessage(frame, { type: "receipt", bytes: new Uint8Array(4_097) })).toThrow(
      /^receipt.bytes: /,
    );
    expect(writtenBytes(frame)).toEqual(before);
  });
});

describe("views and copies", () => {
  test("the longest chunk", () => {
    const data = new Uint8Array(MAX_CHUNK_BYTES).fill(7);
    const frame = encodePeerMessage({ type: "piece", requestId: 2 ** 32 - 1, offsetBytes: 2 ** 26, data });
    const decoded = decodePeerMessage(frame);
    expect(decoded.ok && decoded.value.type === "piece" && Buffer.compare(decoded.value.data, data)).toBe(0);
  });

  test("piece data is a view of the frame, so that media is not copied", () => {
    const frame = encodePeerMessage({ type: "piece", requestId: 1, offsetBytes: 0, data: new Uint8Array(9) });
    const decoded = decodePeerMessage(frame);
    expect(decoded.ok && decoded.value.type === "piece" && decoded.value.data.buffer).toBe(frame.buffer);
  });

  test("everything else is a copy, because sockets reuse their buffers", () => {
    const frame = encodePeerMessage({ type: "receipt", bytes: new Uint8Array([1, 2, 3]) });
    const decoded = decodePeerMessage(frame);
    frame.fill(0);
    expect(decoded).toEqual({ ok: true, value: { type: "receipt", bytes: new Uint8Array([1, 2, 3]) } });
  });
});

describe("segment sets", () => {
  test("order and repetition do not matter: one set, one encoding", () => {
    fc.assert(
      fc.property(segmentSet(20), fc.nat(), (segments, rotation) => {
        const at = segments.length === 0 ? 0 : rotation % segments.length;
        const shuffled = [...segments.slice(at), ...segments.slice(0, at), ...segments.slice(0, 2)];
        const encode = (set: readonly SegmentId[]) =>
          encodePeerMessage({ type: "bitfield", position, segments: set });
        expect(encode(shuffled)).toEqual(encode(segments));
      }),
      { seed, numRuns: 200 },
    );
  });

  test("a run of segments costs six bytes each", () => {
    const run = Array.from({ length: 500 }, (_, index) => ({ ...segment, sequence: 10 + index }));
    const lengthOf = (segments: SegmentId[]) =>
      encodePeerMessage({ type: "bitfield", position, segments }).length;
    expect(lengthOf(run) - lengthOf(run.slice(0, 200))).toBe(300 * 6);
  });

  test("the greatest sets fit one message at their longest", () => {
    const segments = longestSegments(MAX_BITFIELD_SEGMENTS);
    const added = longestSegments(MAX_HAVE_SEGMENTS);
    const full: PeerMessage[] = [
      { type: "bitfield", position, segments },
      { type: "have", position, added, removed: added },
    ];
    for (const message of full) {
      const frame = encodePeerMessage(message);
      expect(frame.length).toBeLessThanOrEqual(MAX_PEER_MESSAGE_BYTES);
      expect(decodePeerMessage(frame)).toEqual({ ok: true, value: message });
    }
  });
});

describe("an encoder refuses what is out of range, and names it", () => {
  const hello: PeerMessageOf<"hello"> = {
    type: "hello",
    version: 1,
    sessionKey: new Uint8Array(32),
    ticket: 0,
    signature: new Uint8Array(64),
    uploads: true,
  };
  const request: PeerMessageOf<"request"> = {
    type: "request",
    requestId: 1,
    segment,
    firstPiece: 0,
    pieceCount: 0,
    deadlineMs: 0,
    wantsList: false,
  };
  const piece: PeerMessageOf<"piece"> = {
    type: "piece",
    requestId: 1,
    offsetBytes: 0,
    data: new Uint8Array(1),
  };
  const refused: [string, PeerMessage][] = [
    ["hello.version", { ...hello, version: 65_536 }],
    ["hello.sessionKey", { ...hello, sessionKey: new Uint8Array(31) }],
    ["hello.ticket", { ...hello, ticket: 2 ** 32 }],
    ["hello.signature", { ...hello, signature: new Uint8Array(63) }],
    [
      "have.position.positionMs",
      { type: "have", position: { ...position, positionMs: 0.5 }, added: [], removed: [] },
    ],
    ["have.added", { type: "have", position, added: longestSegments(MAX_HAVE_SEGMENTS + 1), removed: [] }],
    ["have.removed.part", { type: "have", position, added: [], removed: [{ ...segment, part: -2 }] }],
    [
      "bitfield.segments",
      { type: "bitfield", position, segments: longestSegments(MAX_BITFIELD_SEGMENTS + 1) },
    ],
    ["bitfield.segments.track", { type: "bitfield", position, segments: [{ ...segment, track: -1 }] }],
    ["bitfield.segments.sequence", { type: "bitfield", position, segments: [{ ...segment, sequence: NaN }] }],
    [
      "bitfield.segments.sequence",
      { type: "bitfield", position, segments: [{ ...segment, sequence: 2 ** 53 }] },
    ],
    [
      "have.position.uplinkClass",
      { type: "have", position: { ...position, uplinkClass: 9 }, added: [], removed: [] },
    ],
    ["progress.pieces", { type: "progress", segment, pieces: new Uint8Array(129).fill(1) }],
    ["progress.pieces", { type: "progress", segment, pieces: new Uint8Array([1, 0]) }],
    ["request.requestId", { ...request, requestId: 2 ** 32 }],
    ["request.segment.fingerprint", { ...request, segment: { ...segment, fingerprint: 2 ** 32 } }],
    ["request.firstPiece", { ...request, firstPiece: 1_024 }],
    ["request.pieceCount", { ...request, pieceCount: 1_025 }],
    ["request.deadlineMs", { ...request, deadlineMs: Infinity }],
    ["piece.offsetBytes", { ...piece, offsetBytes: 2 ** 26 + 1 }],
    ["piece.data", { ...piece, data: new Uint8Array(MAX_CHUNK_BYTES + 1) }],
    ["piece-hashes", { type: "piece-hashes", segment, sizeBytes: 65_537, hashes: new Uint8Array(32) }],
    ["cancel.requestId", { type: "cancel", requestId: -1 }],
    ["reject.reason", { type: "reject", requestId: 1, reason: "tired" as "busy" }],
    ["receipt.bytes", { type: "receipt", bytes: new Uint8Array(4_097) }],
    ["peers.peers", { type: "peers", peers: Array.from({ length: 33 }, () => new Uint8Array(16)) }],
    ["peers.peers", { type: "peers", peers: [new Uint8Array(15)] }],
    ["subscribe.track", { type: "subscribe", track: 1.5, on: true }],
    ["ping.nonce", { type: "ping", nonce: -1 }],
    ["pong.nonce", { type: "pong", nonce: 2 ** 32 }],
    ["bye.reason", { type: "bye", reason: "é".repeat(101) }],
    ["bye.reason", { type: "bye", reason: "\ud800" }],
    ["type", { type: "hullo" } as unknown as PeerMessage],
  ];
  test.each(refused)("%s", (field, message) => {
    expect(() => encodePeerMessage(message)).toThrow(RangeError);
    expect(() => encodePeerMessage(message)).toThrow(new RegExp(`^${field}: `));
  });
});

describe("a decoder refuses what no encoder writes, and says why", () => {
  const set = (...bytes: number[]) => [0x03, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, ...bytes];
  const refused: [string, number[], string][] = [
    ["nothing", [], "truncated"],
    ["an unknown type", [0x7f], "unknown message type 127"],
    ["trailing bytes", [0x08, 1, 0], "trailing bytes"],
    ["a long-winded varint", [0x08, 0x81, 0x00], "cancel: requestId: varint is not in its shortest form"],
    ["a varint without end", [0x08, ...new Array(9).fill(0xff)], "cancel: requestId: varint is too long"],
    ["a number above its limit", [0x08, 0x80, 0x80, 0x80, 0x80, 0x10], "cancel: requestId: above 4294967295"],
    ["a boolean of two", [0x0a, 2], "choke: choked: above 1"],
    ["an unknown reason", [0x09, 1, 6], "reject: reason: above 5"],
    ["bad UTF-8", [0x10, 2, 0xc0, 0x80], "bye: reason: not valid UTF-8"],
    ["more peers than there are bytes", [0x0c, 32, 0, 0], "peers: peers: truncated"],
    ["too many peers", [0x0c, 33], "peers: peers: above 32"],
    ["a chunk too long", [0x06, 1, 0, 0x81, 0x80, 0x04], "piece: data: above 65536"],
    [
      "a list for another size",
      [0x07, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0],
      "piece-hashes: expected hashes of 32",
    ],
    ["a track without segments", set(1, 0, 0, 0, 1, 0), "bitfield: segments: bad count"],
    ["a count above what the message holds", set(1, 0, 0, 0, 1, 0x80, 0x18), "bitfield: segments: truncated"],
    [
      "the same track twice",
      set(2, ...[0, 0, 0, 1, 1, 5, 0, 0, 0, 0, 9], ...[0, 0, 0, 1, 1]),
      "bitfield: segments: out",
    ],
    [
      "the same segment twice",
      set(1, 0, 0, 0, 1, 2, 5, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 9),
      "bitfield: segments: out",
    ],
    [
      "a sequence beyond 2^53",
      set(1, 0, 0, 0, 1, 2, ...[...new Array(7).fill(0xff), 0x0f, 0, 0, 0, 0, 9], ...[1, 0, 0, 0, 0, 9]),
      "bitfield: segments: sequence beyond",
    ],
  ];
  test.each(refused)("%s", (_, bytes, reason) => {
    const decoded = decodePeerMessage(new Uint8Array(bytes));
    expect(decoded.ok ? "decoded" : decoded.reason).toMatch(new RegExp(`^${reason}`));
  });

  test("a message over the limit", () => {
    expect(decodePeerMessage(new Uint8Array(MAX_PEER_MESSAGE_BYTES + 1))).toMatchObject({
      ok: false,
      reason: "longer than 66560 bytes",
    });
  });
});

test("the bytes on the wire stay what they are", () => {
  const hex = (message: PeerMessage) => Buffer.from(encodePeerMessage(message)).toString("hex");
  const id = "a1b2c3d4" + "ac02" + "00" + "01020304";
  const at = "00000001" + "00000000" + "ac02" + "00" + "e807" + "06";
  const part = { ...segment, part: 2 };
  const request = { type: "request", requestId: 1, segment, firstPiece: 2, pieceCount: 0 } as const;
  expect(hex({ ...request, deadlineMs: 500, wantsList: true })).toBe(`0501${id}0200f40301`);
  expect(hex({ type: "piece", requestId: 1, offsetBytes: 16_384, data: new Uint8Array([7, 8]) })).toBe(
    "0601808001020708",
  );
  expect(hex({ type: "progress", segment, pieces: new Uint8Array(0) })).toBe(`04${id}00`);
  const pieces = pieceSetOf(20, (piece) => piece === 0 || piece === 9);
  expect(hex({ type: "progress", segment, pieces })).toBe(`04${id}020102`);
  expect(hex({ type: "have", position, added: [part, segment], removed: [] })).toBe(
    `02${at}01a1b2c3d402ac02000102030400030102030400`,
  );
  expect(hex({ type: "reject", requestId: 1, reason: "gone" })).toBe("090105");
  expect(hex({ type: "subscribe", track: 1, on: true })).toBe("0d0000000101");
  expect(hex({ type: "bye", reason: "é" })).toBe("1002c3a9");
});
