import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ClientMessage,
  type ClientMessageOf,
  decodeClientMessage,
  decodeTrackerMessage,
  encodeClientMessage,
  encodeTrackerMessage,
  type SegmentId,
  type TrackerMessage,
  type TrackerMessageOf,
} from "../index.ts";
import { clientMessages, trackerMessages } from "../testing/arbitraries.ts";
import { seed } from "../testing/seed.ts";

const zeros = (length: number) => new Uint8Array(length);
const segment: SegmentId = { track: 1, sequence: 2, part: -1, fingerprint: 3 };

describe("round trips", () => {
  test.each(Object.entries(clientMessages))("client %s", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<ClientMessage>, (message) => {
        expect(decodeClientMessage(encodeClientMessage(message))).toEqual({ ok: true, value: message });
      }),
      { seed, numRuns: 200 },
    );
  });

  test.each(Object.entries(trackerMessages))("tracker %s", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<TrackerMessage>, (message) => {
        expect(decodeTrackerMessage(encodeTrackerMessage(message))).toEqual({ ok: true, value: message });
      }),
      { seed, numRuns: 200 },
    );
  });

  test("only SIGNAL and ROOT_CONFLICT have a meaning in both directions", () => {
    const types = (decode: (bytes: Uint8Array) => { ok: boolean; reason?: string }) =>
      Array.from({ length: 256 }, (_, code) => code).filter(
        (code) => !decode(new Uint8Array([code])).reason?.startsWith("unknown message type"),
      );
    const client = types(decodeClientMessage);
    const tracker = types(decodeTrackerMessage);
    expect(client).toHaveLength(Object.keys(clientMessages).length);
    expect(tracker).toHaveLength(Object.keys(trackerMessages).length);
    expect(client.filter((code) => tracker.includes(code))).toEqual([0x03, 0x06]);
  });
});

describe("an encoder refuses what is out of range, and names it", () => {
  const hello: ClientMessageOf<"hello"> = {
    type: "hello",
    version: 1,
    sessionKey: zeros(32),
    signature: zeros(0),
    token: "",
    delegation: zeros(0),
    resumeTicket: zeros(0),
    client: "",
  };
  const join: ClientMessageOf<"join"> = {
    type: "join",
    contentId: "",
    wantedPeers: 0,
    role: "viewer",
    origins: [],
  };
  const signal: ClientMessageOf<"signal"> = {
    type: "signal",
    peer: zeros(16),
    kind: "offer",
    body: zeros(0),
  };
  const asked = { id: segment, url: "", rangeStart: 0, rangeLength: 0 };
  const many = <T>(count: number, item: T): T[] => new Array<T>(count).fill(item);
  const refusedOfClient: [string, ClientMessage][] = [
    ["hello.version", { ...hello, version: -1 }],
    ["hello.sessionKey", { ...hello, sessionKey: zeros(33) }],
    ["hello.signature", { ...hello, signature: zeros(1) }],
    ["hello.token", { ...hello, token: "x".repeat(4_097) }],
    ["hello.delegation", { ...hello, delegation: zeros(1_025) }],
    ["hello.resumeTicket", { ...hello, resumeTicket: zeros(513) }],
    ["hello.client", { ...hello, client: "x".repeat(101) }],
    ["join.contentId", { ...join, contentId: "x".repeat(2_049) }],
    ["join.contentId", { ...join, contentId: "\udc00" }],
    ["join.wantedPeers", { ...join, wantedPeers: 51 }],
    ["join.role", { ...join, role: "lurker" as "viewer" }],
    ["join.origins", { ...join, origins: many(9, "") }],
    ["signal.peer", { ...signal, peer: zeros(0) }],
    ["signal.kind", { ...signal, kind: "renegotiate" as "offer" }],
    ["signal.body", { ...signal, body: zeros(2_049) }],
    ["statement.bytes", { type: "statement", bytes: zeros(16_385) }],
    ["hashes.segments", { type: "hashes", segments: many(65, asked) }],
    ["hashes.segments.url", { type: "hashes", segments: [{ ...asked, url: "x".repeat(2_049) }] }],
    [
      "hashes.segments.id.part",
      { type: "hashes", segments: [{ ...asked, id: { ...segment, part: 65_536 } }] },
    ],
    ["hashes", { type: "hashes", segments: many(64, { ...asked, url: "x".repeat(2_000) }) }],
    [
      "root-conflict.segment.sequence",
      { type: "root-conflict", segment: { ...segment, sequence: -1 }, name: zeros(32) },
    ],
    ["qos.indicators", { type: "qos", indicators: many(257, { id: 1, value: 1 }) }],
    ["qos.indicators.value", { type: "qos", indicators: [{ id: 1, value: NaN }] }],
    ["ping.nonce", { type: "ping", nonce: 2 ** 32 }],
  ];
  test.each(refusedOfClient)("client %s", (field, message) => {
    expect(() => encodeClientMessage(message)).toThrow(RangeError);
    expect(() => encodeClientMessage(message)).toThrow(new RegExp(`^${field}: `));
  });

  const welcome: TrackerMessageOf<"welcome"> = {
    type: "welcome",
    peer: zeros(16),
    timeMs: 0,
    p2pAllowed: true,
    verifier: true,
    announceIntervalMs: 0,
    iceServers: [],
    resumeTicket: zeros(0),
    variant: "",
  };
  const root = { segment, name: zeros(32), sizeBytes: 0, root: zeros(32) };
  const refusedOfTracker: [string, TrackerMessage][] = [
    ["nonce.trackerId", { type: "nonce", version: 1, minVersion: 1, trackerId: zeros(31), nonce: zeros(32) }],
    ["welcome.timeMs", { ...welcome, timeMs: 0.1 }],
    ["welcome.iceServers", { ...welcome, iceServers: many(9, { urls: [], username: "", credential: "" }) }],
    [
      "welcome.iceServers.urls",
      { ...welcome, iceServers: [{ urls: many(9, ""), username: "", credential: "" }] },
    ],
    ["swarm.swarm", { type: "swarm", swarm: zeros(16), ticket: 0, viewerCount: 0, copiesTarget: 0 }],
    ["peers.peers", { type: "peers", peers: many(51, { peer: zeros(16), ticket: 0 }), grants: [] }],
    ["peers.grants", { type: "peers", peers: [], grants: [zeros(1_025)] }],
    ["hashes.roots", { type: "hashes", roots: many(513, root), signature: zeros(64) }],
    [
      "hashes.roots.sizeBytes",
      { type: "hashes", roots: [{ ...root, sizeBytes: 2 ** 27 }], signature: zeros(64) },
    ],
    ["hashes.signature", { type: "hashes", roots: [], signature: zeros(0) }],
    ["order.bytes", { type: "order", bytes: zeros(16_385) }],
    ["challenge.bytes", { type: "challenge", bytes: zeros(16_385) }],
    ["ack.of", { type: "ack", of: -1 }],
    ["error.code", { type: "error", code: "teapot" as "internal", message: "", fatal: true }],
    ["error.message", { type: "error", code: "internal", message: "x".repeat(501), fatal: true }],
    ["pong.nonce", { type: "pong", nonce: NaN }],
  ];
  test.each(refusedOfTracker)("tracker %s", (field, message) => {
    expect(() => encodeTrackerMessage(message)).toThrow(RangeError);
    expect(() => encodeTrackerMessage(message)).toThrow(new RegExp(`^${field}: `));
  });
});

test("a decoder names the field at fault", () => {
  const hello = [0x01, 1, ...zeros(32), 63, ...zeros(63)];
  expect(decodeClientMessage(new Uint8Array(hello))).toEqual({
    ok: false,
    reason: "hello: signature: expected 64 bytes or none",
  });
  const infinite = [0x07, 1, 1, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0];
  expect(decodeClientMessage(new Uint8Array(infinite))).toEqual({
    ok: false,
    reason: "qos: indicators: value: not a finite number",
  });
});

test("the bytes on the wire stay what they are", () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  expect(
    hex(
      encodeClientMessage({
        type: "join",
        contentId: "tv",
        wantedPeers: 10,
        role: "seeder",
        origins: ["http://a:1"],
      }),
    ),
  ).toBe("02" + "027476" + "0a" + "01" + "01" + "0a687474703a2f2f613a31");
  expect(
    hex(
      encodeTrackerMessage({
        type: "hashes",
        roots: [{ segment, name: zeros(32).fill(0xaa), sizeBytes: 256, root: zeros(32).fill(0xee) }],
        signature: zeros(64).fill(0x55),
      }),
    ),
  ).toBe(
    `8501${"00000001"}${"0000000000000002"}${"00000000"}${"00000003"}${"aa".repeat(32)}${"0000000000000100"}${"ee".repeat(32)}${"55".repeat(64)}`,
  );
  expect(hex(encodeTrackerMessage({ type: "error", code: "version", message: "no", fatal: true }))).toBe(
    "8902026e6f01",
  );
});
