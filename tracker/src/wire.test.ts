import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  encodeBase64Url,
  EMPTY_ACC,
  encodeClientMessage,
  type ClientMessage,
  PROTOCOL_VERSION,
  receiptMessage,
  type StatementEntry,
  statementMessage,
} from "@tributary/protocol";
import { startTracker, type Tracker } from "./index.ts";
import { descriptionBody, joinMessage, segmentOf } from "./testing/core-rig.ts";
import { delegationOf } from "./testing/delegation.ts";
import { createMemoryStatements } from "./testing/memory-statements.ts";
import { createPublisher } from "./testing/publishers.ts";
import { SOCKET_KINDS } from "./testing/socket-kinds.ts";
import { connectTracker, type TrackerClient } from "./testing/tracker-client.ts";

/**
 * Every message of a viewer, wrong in every way that it can be, over a real socket. The titles and what they end in
 * are the table in docs/BAD-INPUT.md.
 */
const EPOCH_SECONDS = 3_600;
const epochNow = () => Math.floor(Date.now() / 1000 / EPOCH_SECONDS);

const UNKNOWN_TYPE = 0x7f;
const zeros = (length: number) => new Uint8Array(length);
/** So many zeros, after their number. */
const prefixed = (count: number) =>
  count < 128 ? [count, ...zeros(count)] : [0x80 | (count & 0x7f), count >> 7, ...zeros(count)];
const HUGE = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];

/** One of each that a joined viewer may send. */
const sound = {
  join: joinMessage("film", { origins: ["https://cdn.example"] }),
  signal: { type: "signal", peer: zeros(16), kind: "offer", body: descriptionBody() },
  statement: { type: "statement", bytes: zeros(130) },
  hashes: {
    type: "hashes",
    segments: [{ id: segmentOf(1), url: "https://cdn.example/1.ts", rangeStart: 0, rangeLength: 0 }],
  },
  "root-conflict": { type: "root-conflict", segment: segmentOf(1), name: zeros(32) },
  qos: { type: "qos", indicators: [{ id: 1, value: 0.5 }] },
  leave: { type: "leave" },
  ping: { type: "ping", nonce: 1 },
  report: { type: "report", peer: zeros(16) },
} as const satisfies { readonly [Type in ClientMessage["type"]]?: ClientMessage };

const hello: ClientMessage = {
  type: "hello",
  version: PROTOCOL_VERSION,
  sessionKey: zeros(32),
  signature: zeros(64),
  token: "",
  delegation: zeros(0),
  resumeTicket: zeros(0),
  client: "",
};

interface Scene {
  readonly connect: (tracker?: Tracker) => Promise<TrackerClient>;
  /** Admits viewers with a token of `acme` alone. */
  readonly closed: Tracker;
  readonly acme: ReturnType<typeof createPublisher>;
  /** Of whoever is in the swarm already and does nothing. */
  readonly bystanderId: Uint8Array;
}

/** Sends what is wrong; gives the client that did. */
type Attack = (scene: Scene) => Promise<TrackerClient>;

const frameOf = (message: ClientMessage) => encodeClientMessage(message);
const retyped = (frame: Uint8Array, type = UNKNOWN_TYPE) => Uint8Array.of(type, ...frame.subarray(1));
const spliced = (frame: Uint8Array, at: number, removed: number, ...inserted: number[]) =>
  Uint8Array.of(...frame.subarray(0, at), ...inserted, ...frame.subarray(at + removed));
const shortAndLong = (frame: Uint8Array) => [frame.slice(0, -1), Uint8Array.of(...frame, 0)];

/** An admitted viewer sends these frames. */
const admitted =
  (...frames: readonly Uint8Array[]): Attack =>
  async ({ connect }) => {
    const client = await connect();
    await client.admit();
    for (const frame of frames) client.sendRaw(frame);
    return client;
  };

/** Nobody was admitted yet. */
const early =
  (...frames: readonly Uint8Array[]): Attack =>
  async ({ connect }) => {
    const client = await connect();
    for (const frame of frames) client.sendRaw(frame);
    return client;
  };

/** Before HELLO, and before JOIN. */
const twiceTooEarly =
  (message: ClientMessage): Attack =>
  async ({ connect }) => {
    const client = await connect();
    client.send(message);
    const refused = await client.next("error");
    await client.admit();
    client.inbox.push(refused);
    client.send(message);
    return client;
  };

const joined =
  (...frames: readonly Uint8Array[]): Attack =>
  async ({ connect }) => {
    const client = await connect();
    await client.enter("film");
    for (const frame of frames) client.sendRaw(frame);
    return client;
  };

function sealedBy(
  client: TrackerClient,
  changes: Partial<Parameters<typeof statementMessage.preimage>[0]> = {},
) {
  const value = {
    sessionKey: client.sessionKey,
    epoch: epochNow(),
    seq: 1,
    timestampMs: Date.now(),
    cdnBytes: 0,
    entries: [],
    ...changes,
  };
  return statementMessage.seal(value, client.sign(statementMessage.preimage(value)));
}

/** An admitted viewer states this. */
const states =
  (...spoil: readonly ((client: TrackerClient) => Uint8Array)[]): Attack =>
  async ({ connect }) => {
    const client = await connect();
    await client.admit();
    for (const make of spoil) client.send({ type: "statement", bytes: make(client) });
    return client;
  };

const entryOf = (id: number): StatementEntry => ({
  role: "downloader",
  grantId: zeros(16).fill(id),
  seq: 1,
  bytes: 1,
  segments: 1,
  acc: EMPTY_ACC,
  links: [],
  receipt: null,
});
/** Its two entries the other way round: each is 67 bytes, after 59 of the head. */
function swapped(sealed: Uint8Array): Uint8Array {
  const [head, one, other] = [sealed.slice(0, 59), sealed.slice(59, 126), sealed.slice(126, 193)];
  return Uint8Array.of(...head, ...other, ...one, ...sealed.subarray(193));
}

/** An uploader states this of what it holds. */
function holds(spoil: (sealed: Uint8Array) => Uint8Array): Attack {
  const links = [{ segment: segmentOf(1), bytes: 1 }];
  const { role: _, receipt: __, ...claim } = { ...entryOf(1), links };
  const receipt = receiptMessage.seal({ ...claim, timestampMs: Date.now() }, zeros(64));
  return states((by) => spoil(sealedBy(by, { entries: [{ ...claim, role: "uploader", receipt }] })));
}

/** A viewer has these passed on to one that it was introduced to. */
const signals =
  (kind: "offer" | "candidate", ...bodies: readonly Uint8Array[]): Attack =>
  async ({ connect, bystanderId }) => {
    const client = await connect();
    await client.enter("film");
    for (const body of bodies) client.send({ type: "signal", peer: bystanderId, kind, body });
    return client;
  };

/** A viewer of a closed tracker comes back with this of its ticket. */
const comesBack =
  (spoil: (ticket: Uint8Array) => Uint8Array, isOwn = true): Attack =>
  async ({ connect, closed, acme }) => {
    const first = await connect(closed);
    const nonce = await first.next("nonce");
    first.inbox.push(nonce);
    const audience = encodeBase64Url(nonce.trackerId);
    const token = await acme.mint({ audience, contentId: "film", expiresAtMs: Date.now() + 60_000 });
    await first.hello({ token });
    const { resumeTicket } = await first.next("welcome");
    const again = await connect(closed);
    await again.hello({ resumeTicket: spoil(resumeTicket) }, isOwn ? first : again);
    return again;
  };

/** An open tracker says what is wrong with a delegation, and admits all the same. */
const delegates =
  (spoil: (delegation: Uint8Array) => Uint8Array): Attack =>
  async ({ connect }) => {
    const client = await connect();
    await client.hello({ delegation: spoil(delegationOf(client, generateKeyPairSync("ed25519"))) });
    await client.next("welcome");
    return client;
  };

const bytes = Object.fromEntries(
  Object.entries(sound).map(([type, message]) => [type, frameOf(message)]),
) as { readonly [Type in keyof typeof sound]: Uint8Array };
const helloFrame = frameOf(hello);
const body = descriptionBody();

const CASES: readonly (readonly [title: string, codes: string, attack: Attack])[] = [
  ["wire: HELLO, wrong length", "bad-message bad-message", early(...shortAndLong(helloFrame))],
  // The last: a signature of 63 bytes.
  [
    "wire: HELLO, wrong type",
    "bad-message bad-message",
    early(retyped(helloFrame), spliced(helloFrame, 34, 1, 63)),
  ],
  ["wire: HELLO, wrong order", "out-of-order", admitted(helloFrame)],
  // Version, delegation, ticket, and the name of the software.
  [
    "wire: HELLO, overflow",
    "bad-message bad-message bad-message bad-message",
    early(
      spliced(helloFrame, 1, 1, ...HUGE),
      spliced(helloFrame, 100, 1, ...prefixed(1_025)),
      spliced(helloFrame, 101, 1, ...prefixed(513)),
      spliced(helloFrame, 102, 1, ...prefixed(101)),
    ),
  ],

  ["wire: JOIN, wrong length", "bad-message bad-message", admitted(...shortAndLong(bytes.join))],
  // The role is after the content id and the number of partners.
  [
    "wire: JOIN, wrong type",
    "bad-message bad-message",
    admitted(retyped(bytes.join), spliced(bytes.join, 7, 1, 2)),
  ],
  ["wire: JOIN, wrong order", "out-of-order", early(bytes.join)],
  [
    "wire: JOIN, overflow",
    "bad-message bad-message",
    admitted(spliced(bytes.join, 6, 1, 51), spliced(bytes.join, 8, 1, 9)),
  ],

  ["wire: SIGNAL, wrong length", "bad-message bad-message", joined(...shortAndLong(bytes.signal))],
  [
    "wire: SIGNAL, wrong type",
    "bad-message bad-message",
    joined(retyped(bytes.signal), spliced(bytes.signal, 17, 1, 3)),
  ],
  ["wire: SIGNAL, wrong order", "out-of-order unknown-swarm", twiceTooEarly(sound.signal)],
  [
    "wire: SIGNAL, overflow",
    "bad-message",
    joined(Uint8Array.of(...bytes.signal.subarray(0, 18), 0x81, 0x10, ...zeros(2_049))),
  ],

  ["wire: body of SIGNAL, wrong length", "bad-message bad-message", signals("offer", ...shortAndLong(body))],
  // The setup, after ufrag, pwd and fingerprint, is one of three.
  ["wire: body of SIGNAL, wrong type", "bad-message", signals("offer", spliced(body, 62, 1, 3))],
  ["wire: body of SIGNAL, wrong order", "bad-message", signals("candidate", body)],
  [
    "wire: body of SIGNAL, overflow",
    "bad-message bad-message",
    signals("offer", spliced(body, 63, 1, 33), spliced(body, 64, 3, ...HUGE)),
  ],

  [
    "wire: STATEMENT, wrong length",
    "bad-message wrong-length wrong-length",
    async (scene) => {
      const client = await admitted(bytes.statement.slice(0, -1))(scene);
      for (const sealed of shortAndLong(sealedBy(client))) client.send({ type: "statement", bytes: sealed });
      return client;
    },
  ],
  [
    "wire: STATEMENT, wrong type",
    "bad-message wrong-type",
    async (scene) => {
      const client = await admitted(retyped(bytes.statement))(scene);
      client.send({ type: "statement", bytes: retyped(sealedBy(client), 2) });
      return client;
    },
  ],
  [
    "wire: STATEMENT, wrong order",
    "out-of-order wrong-order",
    async (scene) => {
      const client = await early(bytes.statement)(scene);
      const refused = await client.next("error");
      await client.admit();
      client.inbox.push(refused);
      client.send({
        type: "statement",
        bytes: swapped(sealedBy(client, { entries: [entryOf(1), entryOf(2)] })),
      });
      return client;
    },
  ],
  // The second is of its own key, which it never proved to hold.
  [
    "wire: STATEMENT, wrong key",
    "wrong-key bad-signature",
    async ({ connect }) => {
      const client = await connect();
      await client.hello({ signature: zeros(0) });
      await client.next("welcome");
      for (const sessionKey of [zeros(32).fill(1), client.sessionKey])
        client.send({ type: "statement", bytes: sealedBy(client, { sessionKey }) });
      return client;
    },
  ],
  [
    "wire: STATEMENT, wrong epoch",
    "wrong-epoch wrong-epoch",
    states(
      (by) => sealedBy(by, { epoch: epochNow() - 2 }),
      (by) => sealedBy(by, { epoch: 2 ** 32 - 1 }),
    ),
  ],
  ["wire: STATEMENT, overflow", "overflow", states((by) => spliced(sealedBy(by), 49, 1, 0x80))],
  [
    "wire: STATEMENT, clock ahead",
    "clock-ahead clock-ahead",
    states(
      (by) => sealedBy(by, { timestampMs: Date.now() + 40_000 }),
      (by) => sealedBy(by, { timestampMs: Number.MAX_SAFE_INTEGER }),
    ),
  ],
  [
    "wire: STATEMENT, clock behind",
    "clock-behind clock-behind",
    states(
      (by) => sealedBy(by, { timestampMs: Date.now() - 130_000 }),
      (by) => sealedBy(by, { timestampMs: 0 }),
    ),
  ],

  ["wire: HASHES, wrong length", "bad-message bad-message", joined(...shortAndLong(bytes.hashes))],
  [
    "wire: HASHES, wrong type",
    "bad-message bad-message",
    joined(retyped(bytes.hashes), spliced(bytes.hashes, 13, 1, 0xff)),
  ],
  ["wire: HASHES, wrong order", "out-of-order unknown-swarm", twiceTooEarly(sound.hashes)],
  [
    "wire: HASHES, overflow",
    "bad-message bad-message",
    joined(spliced(bytes.hashes, bytes.hashes.length - 2, 1, ...HUGE), spliced(bytes.hashes, 1, 1, 65)),
  ],

  [
    "wire: ROOT_CONFLICT, wrong length",
    "bad-message bad-message",
    joined(...shortAndLong(bytes["root-conflict"])),
  ],
  ["wire: ROOT_CONFLICT, wrong type", "bad-message", joined(retyped(bytes["root-conflict"]))],
  ["wire: ROOT_CONFLICT, wrong order", "out-of-order unknown-swarm", twiceTooEarly(sound["root-conflict"])],
  ["wire: ROOT_CONFLICT, wrong key", "passed over", joined(bytes["root-conflict"])],
  ["wire: ROOT_CONFLICT, overflow", "bad-message", joined(spliced(bytes["root-conflict"], 5, 1, ...HUGE))],

  ["wire: QOS, wrong length", "bad-message bad-message", admitted(...shortAndLong(bytes.qos))],
  // The last: a value that is no number.
  [
    "wire: QOS, wrong type",
    "bad-message bad-message",
    admitted(retyped(bytes.qos), spliced(bytes.qos, 3, 2, 0x7f, 0xf8)),
  ],
  ["wire: QOS, wrong order", "out-of-order", early(bytes.qos)],
  [
    "wire: QOS, overflow",
    "bad-message bad-message",
    admitted(spliced(bytes.qos, 2, 1, ...HUGE), spliced(bytes.qos, 1, 1, 0x81, 0x02)),
  ],

  // There is nothing shorter than its type byte, but an empty frame.
  ["wire: LEAVE, wrong length", "bad-message bad-message", joined(...shortAndLong(bytes.leave))],
  ["wire: LEAVE, wrong type", "bad-message", joined(retyped(bytes.leave))],
  ["wire: LEAVE, wrong order", "out-of-order unknown-swarm", twiceTooEarly(sound.leave)],

  ["wire: PING, wrong length", "bad-message bad-message", admitted(...shortAndLong(bytes.ping))],
  ["wire: PING, wrong type", "bad-message", admitted(retyped(bytes.ping))],
  ["wire: PING, wrong order", "out-of-order", early(bytes.ping)],

  ["wire: REPORT, wrong length", "bad-message bad-message", joined(...shortAndLong(bytes.report))],
  ["wire: REPORT, wrong type", "bad-message", joined(retyped(bytes.report))],
  ["wire: REPORT, wrong order", "out-of-order unknown-swarm", twiceTooEarly(sound.report)],
  ["wire: REPORT, wrong key", "not-introduced", joined(bytes.report)],

  // Of the receipt that begins at byte 60: the number of its runs, its type, the length of its only run, its bytes.
  ["wire: receipt of a statement, wrong length", "wrong-length", holds((of) => spliced(of, 133, 1, 0xff))],
  ["wire: receipt of a statement, wrong type", "wrong-type", holds((of) => spliced(of, 60, 1, 3))],
  ["wire: receipt of a statement, wrong order", "wrong-order", holds((of) => spliced(of, 152, 1, 0))],
  ["wire: receipt of a statement, overflow", "overflow", holds((of) => spliced(of, 81, 1, 0x80))],

  ["wire: delegation, overflow", "overflow", delegates((of) => spliced(of, 81, 1, 0x80))],

  ["wire: token, wrong length", "bad-message", early(spliced(helloFrame, 99, 1, ...prefixed(4_097)))],

  ["wire: resume ticket, wrong length", "wrong-length", comesBack((ticket) => ticket.slice(0, -1))],
  ["wire: resume ticket, wrong type", "wrong-type", comesBack((ticket) => spliced(ticket, 0, 1, 4))],
  ["wire: resume ticket, wrong key", "wrong-key", comesBack((ticket) => ticket, false)],
  ["wire: resume ticket, overflow", "overflow", comesBack((ticket) => spliced(ticket, 129, 1, 0x80))],
];

describe.each(SOCKET_KINDS)("over %s", (sockets) => {
  const acme = createPublisher("acme");
  const clients: TrackerClient[] = [];
  let open: Tracker;
  let closed: Tracker;
  let bystander: TrackerClient;
  let bystanderId: Uint8Array;

  const connect = async (tracker = open) => {
    const client = await connectTracker(tracker.url);
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    const options = { dataDir: null, sockets, epochSeconds: EPOCH_SECONDS } as const;
    open = await startTracker({ ...options, open: true, statements: createMemoryStatements().store });
    closed = await startTracker({ ...options, open: false });
    await closed.publishers.add(acme.publisher);
    bystander = await connectTracker(open.url);
    bystanderId = (await bystander.admit()).peer;
    bystander.send(joinMessage("film"));
    await bystander.next("peers");
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.socket.terminate();
  });
  afterAll(async () => {
    bystander.close();
    await open.close();
    await closed.close();
  });

  it.each(CASES)("%s: %s", async (_, codes, attack) => {
    const client = await attack({ connect, closed, acme, bystanderId });
    const expected = codes === "passed over" ? [] : codes.split(" ");
    const errors = [];
    while (errors.length < expected.length) errors.push(await client.next("error"));
    expect(errors.map(({ code }) => code)).toEqual(expected);
    const isOver = errors.at(-1)?.fatal === true;
    if (isOver) await client.closed;
    else {
      // Whatever was refused, the session goes on.
      if (client.inbox.some(({ type }) => type === "nonce")) await client.admit();
      await client.roundTrip();
      expect(client.inbox.filter(({ type }) => type === "error")).toEqual([]);
    }
    await bystander.roundTrip();
    expect(bystander.inbox.filter(({ type }) => type === "error" || type === "signal")).toEqual([]);
  });
});
