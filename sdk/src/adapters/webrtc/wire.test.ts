import {
  decodeDescription,
  encodeCandidate,
  encodeDescription,
  encodePeerMessage,
  PROTOCOL_VERSION,
  type PeerMessage,
  type SignalKind,
} from "@tributary/protocol";
import { expect, it } from "vitest";
import { useNodeWebRtc } from "../../testing/node-webrtc.ts";
import { createConnection } from "./connection.ts";
import { createLink } from "./link.ts";
import { writeSdp } from "./sdp.ts";
import { createSignalWriter } from "./signal-writer.ts";

useNodeWebRtc();

/**
 * Every message of a peer, wrong in every way that it can be, over real WebRTC. The titles and what they end in are the
 * table in docs/BAD-INPUT.md.
 */
const clock = {
  now: () => performance.now(),
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
const zeros = (length: number) => new Uint8Array(length);
const hostileKey = zeros(32).fill(2);
const UNKNOWN_TYPE = 0x7f;
const HUGE = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];

const segment = { track: 1, sequence: 7, part: -1, fingerprint: 9 };
const position = { track: 1, audioTrack: 0, wanted: 3, audioWanted: 0, positionMs: 10, uplinkClass: 6 };
const hello = {
  type: "hello",
  version: PROTOCOL_VERSION,
  sessionKey: hostileKey,
  ticket: 1,
  signature: zeros(0),
  uploads: true,
} as const;
const sound = {
  hello,
  have: { type: "have", position, added: [segment], removed: [] },
  bitfield: { type: "bitfield", position, segments: [segment] },
  progress: { type: "progress", segment, pieces: Uint8Array.of(1) },
  request: {
    type: "request",
    requestId: 1,
    segment,
    firstPiece: 0,
    pieceCount: 0,
    deadlineMs: 9,
    wantsList: true,
  },
  piece: { type: "piece", requestId: 1, offsetBytes: 0, data: zeros(9) },
  "piece-hashes": { type: "piece-hashes", segment, sizeBytes: 9, hashes: zeros(32) },
  cancel: { type: "cancel", requestId: 1 },
  reject: { type: "reject", requestId: 1, reason: "busy" },
  choke: { type: "choke", choked: true },
  receipt: { type: "receipt", bytes: zeros(9) },
  peers: { type: "peers", peers: [zeros(16)] },
  subscribe: { type: "subscribe", track: 1, on: true },
  ping: { type: "ping", nonce: 1 },
  pong: { type: "pong", nonce: 1 },
  bye: { type: "bye", reason: "bye" },
} as const satisfies { readonly [Type in PeerMessage["type"]]: PeerMessage };

const bytes = Object.fromEntries(
  Object.entries(sound).map(([type, message]) => [type, encodePeerMessage(message)]),
) as { readonly [Type in keyof typeof sound]: Uint8Array };

const spliced = (frame: Uint8Array, at: number, removed: number, ...inserted: number[]) =>
  Uint8Array.of(...frame.subarray(0, at), ...inserted, ...frame.subarray(at + removed));
const retyped = (frame: Uint8Array) => spliced(frame, 0, 1, UNKNOWN_TYPE);
const shortAndLong = (frame: Uint8Array) => [frame.slice(0, -1), Uint8Array.of(...frame, 0)];
/** A field of bytes of this length, two bytes as a varint. */
const long = (length: number) => [(length & 0x7f) | 0x80, length >> 7, ...zeros(length)];

/** What goes over the data channel before the end; each list is a link of its own. */
type Talk = readonly Uint8Array[];
const greeted = (...frames: readonly Uint8Array[]): Talk[] => frames.map((frame) => [bytes.hello, frame]);
const first = (...frames: readonly Uint8Array[]): Talk[] => frames.map((frame) => [frame]);

const CASES: readonly (readonly [title: string, ends: string, talks: readonly Talk[]])[] = [
  ["wire: HELLO of a peer, wrong length", "peer-garbage", first(...shortAndLong(bytes.hello))],
  [
    "wire: HELLO of a peer, wrong type",
    "peer-garbage",
    first(retyped(bytes.hello), spliced(bytes.hello, bytes.hello.length - 1, 1, 2)),
  ],
  ["wire: HELLO of a peer, wrong order", "peer-garbage", greeted(bytes.hello)],
  [
    "wire: HELLO of a peer, wrong key",
    "peer-garbage",
    first(encodePeerMessage({ ...hello, sessionKey: zeros(32) })),
  ],
  ["wire: HELLO of a peer, overflow", "peer-garbage", first(spliced(bytes.hello, 1, 1, ...HUGE))],

  ["wire: HAVE, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.have))],
  ["wire: HAVE, wrong type", "peer-garbage", greeted(retyped(bytes.have))],
  ["wire: HAVE, wrong order", "closed", first(bytes.have)],
  ["wire: HAVE, overflow", "peer-garbage", greeted(spliced(bytes.have, 9, 1, ...HUGE))],

  ["wire: BITFIELD, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.bitfield))],
  ["wire: BITFIELD, wrong type", "peer-garbage", greeted(retyped(bytes.bitfield))],
  ["wire: BITFIELD, wrong order", "closed", first(bytes.bitfield)],
  ["wire: BITFIELD, overflow", "peer-garbage", greeted(spliced(bytes.bitfield, 13, 1, ...HUGE))],

  ["wire: PROGRESS, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.progress))],
  ["wire: PROGRESS, wrong type", "peer-garbage", greeted(retyped(bytes.progress))],
  ["wire: PROGRESS, wrong order", "closed", first(bytes.progress)],
  [
    "wire: PROGRESS, overflow",
    "peer-garbage",
    greeted(Uint8Array.of(...bytes.progress.subarray(0, 11), ...long(129))),
  ],

  ["wire: REQUEST, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.request))],
  [
    "wire: REQUEST, wrong type",
    "peer-garbage",
    greeted(retyped(bytes.request), spliced(bytes.request, bytes.request.length - 1, 1, 2)),
  ],
  ["wire: REQUEST, wrong order", "closed", first(bytes.request)],
  [
    "wire: REQUEST, overflow",
    "peer-garbage",
    greeted(spliced(bytes.request, 1, 1, ...HUGE), spliced(bytes.request, 12, 1, 0x80, 0x08)),
  ],

  ["wire: PIECE, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.piece))],
  ["wire: PIECE, wrong type", "peer-garbage", greeted(retyped(bytes.piece))],
  ["wire: PIECE, wrong order", "closed", first(bytes.piece)],
  ["wire: PIECE, overflow", "peer-garbage", greeted(spliced(bytes.piece, 2, 1, ...HUGE))],

  ["wire: PIECE_HASHES, wrong length", "peer-garbage", greeted(...shortAndLong(bytes["piece-hashes"]))],
  ["wire: PIECE_HASHES, wrong type", "peer-garbage", greeted(retyped(bytes["piece-hashes"]))],
  ["wire: PIECE_HASHES, wrong order", "closed", first(bytes["piece-hashes"])],
  ["wire: PIECE_HASHES, overflow", "peer-garbage", greeted(spliced(bytes["piece-hashes"], 11, 1, ...HUGE))],

  ["wire: CANCEL, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.cancel))],
  ["wire: CANCEL, wrong type", "peer-garbage", greeted(retyped(bytes.cancel))],
  ["wire: CANCEL, wrong order", "closed", first(bytes.cancel)],
  ["wire: CANCEL, overflow", "peer-garbage", greeted(spliced(bytes.cancel, 1, 1, ...HUGE))],

  ["wire: REJECT, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.reject))],
  [
    "wire: REJECT, wrong type",
    "peer-garbage",
    greeted(retyped(bytes.reject), spliced(bytes.reject, 2, 1, 6)),
  ],
  ["wire: REJECT, wrong order", "closed", first(bytes.reject)],
  ["wire: REJECT, overflow", "peer-garbage", greeted(spliced(bytes.reject, 1, 1, ...HUGE))],

  ["wire: CHOKE, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.choke))],
  ["wire: CHOKE, wrong type", "peer-garbage", greeted(retyped(bytes.choke), spliced(bytes.choke, 1, 1, 2))],
  ["wire: CHOKE, wrong order", "closed", first(bytes.choke)],

  ["wire: RECEIPT, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.receipt))],
  ["wire: RECEIPT, wrong type", "peer-garbage", greeted(retyped(bytes.receipt))],
  ["wire: RECEIPT, wrong order", "closed", first(bytes.receipt)],
  ["wire: RECEIPT, overflow", "peer-garbage", greeted(Uint8Array.of(bytes.receipt[0]!, ...long(4_097)))],

  ["wire: PEERS of a peer, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.peers))],
  ["wire: PEERS of a peer, wrong type", "peer-garbage", greeted(retyped(bytes.peers))],
  ["wire: PEERS of a peer, wrong order", "closed", first(bytes.peers)],
  ["wire: PEERS of a peer, overflow", "peer-garbage", greeted(spliced(bytes.peers, 1, 1, 33))],

  ["wire: SUBSCRIBE, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.subscribe))],
  [
    "wire: SUBSCRIBE, wrong type",
    "peer-garbage",
    greeted(retyped(bytes.subscribe), spliced(bytes.subscribe, 5, 1, 2)),
  ],
  ["wire: SUBSCRIBE, wrong order", "closed", first(bytes.subscribe)],

  ["wire: PING of a peer, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.ping))],
  ["wire: PING of a peer, wrong type", "peer-garbage", greeted(retyped(bytes.ping))],
  ["wire: PING of a peer, wrong order", "closed", first(bytes.ping)],

  ["wire: PONG of a peer, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.pong))],
  ["wire: PONG of a peer, wrong type", "peer-garbage", greeted(retyped(bytes.pong))],
  ["wire: PONG of a peer, wrong order", "closed", first(bytes.pong)],

  ["wire: BYE, wrong length", "peer-garbage", greeted(...shortAndLong(bytes.bye))],
  ["wire: BYE, wrong type", "peer-garbage", greeted(retyped(bytes.bye))],
  ["wire: BYE, wrong order", "closed", first(bytes.bye)],
  ["wire: BYE, overflow", "peer-garbage", greeted(Uint8Array.of(bytes.bye[0]!, ...long(201)))],
];

/** A viewer's end of a link with the hostile peer, which makes the offer. */
const linkOf = (say: (event: string) => void, signal: (kind: SignalKind, body: Uint8Array) => void) =>
  createLink(
    false,
    {
      clock,
      policy: "all",
      iceServers: [],
      read: () => null,
      hello: async () => ({ ...hello, sessionKey: zeros(32).fill(1) }),
      objection: async ({ sessionKey }) => (Buffer.compare(sessionKey, hostileKey) === 0 ? null : "foreign"),
    },
    {
      signal,
      connected: () => say("connected"),
      message: ({ type }) => say(`message ${type}`),
      chunk: () => say("message piece"),
      buffered: () => {},
      refused: (reason) => say(`refused ${reason}`),
      garbage: () => say("garbage"),
      closed: () => say("closed"),
    },
  );

/** Whoever says what it likes over the data channel, and the viewer at its other end; gives what that heard. */
function talk(frames: Talk): Promise<readonly string[]> {
  return new Promise((ended) => {
    const heard: string[] = [];
    const say = (event: string) => {
      heard.push(event);
      if (!/^(closed|message)/.test(event)) return;
      hangUp();
      ended(heard);
    };
    let trickling: readonly string[] = [];
    const writer = createSignalWriter("all", clock, (kind, body) => setImmediate(() => tell(kind, body)));
    const connection = createConnection(
      true,
      { iceServers: [] },
      {
        description: (kind, sdp) => writer.description(kind, sdp),
        candidate: (line) => writer.candidate(line),
        state: () => {},
        opened(channel) {
          for (const frame of frames) channel.send(Uint8Array.from(frame));
        },
        message: () => {},
        // The other end hangs up.
        closed: () => {},
      },
    );
    const link = linkOf(say, (kind, body) => setImmediate(() => answered(kind, body)));

    /** Candidates follow the answer, since Node's WebRTC gives up where checks overtake it. */
    function tell(kind: SignalKind, body: Uint8Array): void {
      const offer = kind === "offer" ? decodeDescription(body) : null;
      if (offer?.ok !== true) return link.signal(kind, body);
      trickling = offer.value.candidates;
      link.signal(kind, encodeDescription({ ...offer.value, candidates: [] }));
    }
    function answered(kind: SignalKind, body: Uint8Array): void {
      const answer = kind === "answer" ? decodeDescription(body) : null;
      if (answer?.ok !== true) return;
      connection.describe("answer", writeSdp(answer.value, writer.mid()));
      for (const candidate of trickling) link.signal("candidate", encodeCandidate({ candidate }));
    }

    function hangUp(): void {
      link.discard();
      writer.stop();
      connection.close();
    }
  });
}

it("hears a message that is not wrong", async () => {
  expect(await talk([bytes.hello, bytes.choke])).toEqual(["connected", "message choke"]);
});

it.concurrent.each(CASES)("%s: %s", async (_, ends, talks) => {
  for (const frames of talks) {
    const opened = frames.length > 1 ? ["connected"] : [];
    const ending = ends === "closed" ? ["closed"] : ["garbage", "closed"];
    expect(await talk(frames)).toEqual([...opened, ...ending]);
  }
});

const body = encodeDescription({
  ufrag: "abcd",
  pwd: "x".repeat(22),
  fingerprint: zeros(32),
  setup: "actpass",
  candidates: [],
  maxMessageSize: 262_144,
});
const said = (kind: SignalKind, ...bodies: readonly Uint8Array[]) => bodies.map((of) => [kind, of] as const);

it.each<readonly [title: string, ends: string, signals: readonly (readonly [SignalKind, Uint8Array])[]]>([
  ["wire: body of SIGNAL to a viewer, wrong length", "peer-garbage", said("offer", ...shortAndLong(body))],
  // The setup, after ufrag, pwd and fingerprint, is one of three.
  [
    "wire: body of SIGNAL to a viewer, wrong type",
    "peer-garbage",
    [...said("offer", spliced(body, 60, 1, 3)), ...said("candidate", body)],
  ],
  ["wire: body of SIGNAL to a viewer, wrong order", "passed over", said("answer", body)],
  [
    "wire: body of SIGNAL to a viewer, overflow",
    "peer-garbage",
    said("offer", spliced(body, 61, 1, 33), spliced(body, 62, 3, ...HUGE)),
  ],
])("%s: %s", (_, ends, signals) => {
  for (const [kind, of] of signals) {
    const heard: string[] = [];
    const link = linkOf(
      (event) => heard.push(event),
      () => heard.push("signal"),
    );
    link.signal(kind, of);
    expect(heard).toEqual(ends === "passed over" ? [] : ["garbage", "closed"]);
    link.discard();
  }
});
