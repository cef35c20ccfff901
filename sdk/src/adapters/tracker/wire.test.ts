import { createHash, generateKeyPairSync, sign } from "node:crypto";
import type { AddressInfo } from "node:net";
import {
  decodeClientMessage,
  encodeTrackerMessage,
  peerIdOf,
  PROTOCOL_VERSION,
  rootsPreimage,
  type PeerKey,
  type TrackerMessage,
} from "@tributary/protocol";
import { afterEach, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createTrackerClient } from "./client.ts";
import type { WebSocketConstructor } from "./connection.ts";

/**
 * Every message of a tracker, wrong in every way that it can be, over a real socket. The titles and what they end in
 * are the table in docs/BAD-INPUT.md.
 */
const peer = "00112233445566778899aabbccddeeff" as PeerKey;
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const trackerId = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
const swarm = new Uint8Array(32).fill(7);
const zeros = (length: number) => new Uint8Array(length);
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
const UNKNOWN_TYPE = 0x7f;
const HUGE = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];

const id = { track: 1, sequence: 2, part: -1, fingerprint: 3 };
const roots = [{ segment: id, name: sha256(Buffer.from("0+0@/a.mp4")), sizeBytes: 9, root: zeros(32) }];

const sound = {
  nonce: {
    type: "nonce",
    version: PROTOCOL_VERSION,
    minVersion: PROTOCOL_VERSION,
    trackerId,
    nonce: zeros(32),
  },
  welcome: {
    type: "welcome",
    peer: peerIdOf(peer),
    timeMs: 0,
    p2pAllowed: true,
    verifier: true,
    announceIntervalMs: 60_000,
    iceServers: [],
    resumeTicket: zeros(0),
    variant: "",
  },
  swarm: { type: "swarm", swarm, ticket: 5, viewerCount: 3, copiesTarget: 1 },
  peers: { type: "peers", peers: [{ peer: peerIdOf(peer), ticket: 1 }], grants: [] },
  signal: { type: "signal", peer: peerIdOf(peer), kind: "answer", body: Uint8Array.of(1) },
  hashes: {
    type: "hashes",
    roots,
    signature: new Uint8Array(sign(null, rootsPreimage(swarm, roots), privateKey)),
  },
  order: { type: "order", bytes: zeros(3) },
  challenge: { type: "challenge", bytes: zeros(3) },
  ack: { type: "ack", of: 1 },
  error: { type: "error", code: "not-admitted", message: "statement: no", fatal: false },
  pong: { type: "pong", nonce: 1 },
  banned: { type: "banned", peers: [peerIdOf(peer)] },
  "root-conflict": { type: "root-conflict", segment: id, name: roots[0]!.name },
} as const satisfies { readonly [Type in TrackerMessage["type"]]: TrackerMessage };

const bytes = Object.fromEntries(
  Object.entries(sound).map(([type, message]) => [type, encodeTrackerMessage(message)]),
) as { readonly [Type in keyof typeof sound]: Uint8Array };

const spliced = (frame: Uint8Array, at: number, removed: number, ...inserted: number[]) =>
  Uint8Array.of(...frame.subarray(0, at), ...inserted, ...frame.subarray(at + removed));
const retyped = (frame: Uint8Array) => spliced(frame, 0, 1, UNKNOWN_TYPE);
const shortAndLong = (frame: Uint8Array) => [frame.slice(0, -1), Uint8Array.of(...frame, 0)];

/** When a tracker that is honest otherwise says it. */
interface Step {
  readonly when: "before NONCE" | "before WELCOME" | "before SWARM" | "before PEERS";
  readonly frame: Uint8Array;
}
const at =
  (when: Step["when"]) =>
  (...frames: readonly Uint8Array[]): Step[] =>
    frames.map((frame) => ({ when, frame }));
const first = at("before NONCE");
const greeted = at("before WELCOME");
const welcomed = at("before SWARM");
const early = (frame: Uint8Array) => [...first(frame), ...greeted(frame)];

/** Each step is an attack of its own. */
const CASES: readonly (readonly [title: string, ends: string, steps: readonly Step[]])[] = [
  ["wire: NONCE, wrong length", "tracker-refused", first(...shortAndLong(bytes.nonce))],
  ["wire: NONCE, wrong type", "tracker-refused", first(retyped(bytes.nonce))],
  ["wire: NONCE, wrong order", "passed over", [...greeted(bytes.nonce), ...welcomed(bytes.nonce)]],
  ["wire: NONCE, overflow", "tracker-refused", first(spliced(bytes.nonce, 1, 1, ...HUGE))],

  ["wire: WELCOME, wrong length", "tracker-refused", greeted(...shortAndLong(bytes.welcome))],
  // The second: p2pAllowed is 2.
  [
    "wire: WELCOME, wrong type",
    "tracker-refused",
    greeted(retyped(bytes.welcome), spliced(bytes.welcome, 18, 1, 2)),
  ],
  ["wire: WELCOME, wrong order", "passed over", [...first(bytes.welcome), ...welcomed(bytes.welcome)]],
  ["wire: WELCOME, overflow", "tracker-refused", greeted(spliced(bytes.welcome, 17, 1, ...HUGE))],

  ["wire: SWARM, wrong length", "passed over", welcomed(...shortAndLong(bytes.swarm))],
  ["wire: SWARM, wrong type", "passed over", welcomed(retyped(bytes.swarm))],
  ["wire: SWARM, wrong order", "passed over", early(bytes.swarm)],
  ["wire: SWARM, overflow", "passed over", welcomed(spliced(bytes.swarm, 37, 1, ...HUGE))],

  ["wire: PEERS, wrong length", "passed over", welcomed(...shortAndLong(bytes.peers))],
  ["wire: PEERS, wrong type", "passed over", welcomed(retyped(bytes.peers))],
  ["wire: PEERS, wrong order", "passed over", early(bytes.peers)],
  ["wire: PEERS, overflow", "passed over", welcomed(spliced(bytes.peers, 1, 1, 51))],

  ["wire: SIGNAL to a viewer, wrong length", "passed over", welcomed(...shortAndLong(bytes.signal))],
  [
    "wire: SIGNAL to a viewer, wrong type",
    "passed over",
    welcomed(retyped(bytes.signal), spliced(bytes.signal, 17, 1, 3)),
  ],
  ["wire: SIGNAL to a viewer, wrong order", "passed over", early(bytes.signal)],
  [
    "wire: SIGNAL to a viewer, overflow",
    "passed over",
    welcomed(Uint8Array.of(...bytes.signal.subarray(0, 18), 0x81, 0x10, ...zeros(2_049))),
  ],

  ["wire: HASHES of roots, wrong length", "passed over", welcomed(...shortAndLong(bytes.hashes))],
  ["wire: HASHES of roots, wrong type", "passed over", welcomed(retyped(bytes.hashes))],
  // Before SWARM there is no swarm that they could be signed for.
  ["wire: HASHES of roots, wrong order", "passed over", [...early(bytes.hashes), ...welcomed(bytes.hashes)]],
  ["wire: HASHES of roots, overflow", "passed over", welcomed(spliced(bytes.hashes, 1, 1, 0x81, 0x04))],

  ["wire: ORDER, wrong length", "passed over", welcomed(...shortAndLong(bytes.order))],
  ["wire: ORDER, wrong type", "passed over", welcomed(retyped(bytes.order))],
  ["wire: ORDER, wrong order", "passed over", [...early(bytes.order), ...welcomed(bytes.order)]],
  ["wire: ORDER, overflow", "passed over", welcomed(Uint8Array.of(bytes.order[0]!, ...HUGE))],

  ["wire: CHALLENGE, wrong length", "passed over", welcomed(...shortAndLong(bytes.challenge))],
  ["wire: CHALLENGE, wrong type", "passed over", welcomed(retyped(bytes.challenge))],
  ["wire: CHALLENGE, wrong order", "passed over", [...early(bytes.challenge), ...welcomed(bytes.challenge)]],
  ["wire: CHALLENGE, overflow", "passed over", welcomed(Uint8Array.of(bytes.challenge[0]!, ...HUGE))],

  ["wire: ACK, wrong length", "passed over", welcomed(...shortAndLong(bytes.ack))],
  ["wire: ACK, wrong type", "passed over", welcomed(retyped(bytes.ack))],
  ["wire: ACK, wrong order", "passed over", early(bytes.ack)],

  ["wire: ERROR, wrong length", "passed over", welcomed(...shortAndLong(bytes.error))],
  // The second: a code that there is none of; the third: fatal is 2.
  [
    "wire: ERROR, wrong type",
    "passed over",
    welcomed(
      retyped(bytes.error),
      spliced(bytes.error, 1, 1, 99),
      spliced(bytes.error, bytes.error.length - 1, 1, 2),
    ),
  ],
  ["wire: ERROR, wrong order", "passed over", early(bytes.error)],
  [
    "wire: ERROR, overflow",
    "passed over",
    welcomed(Uint8Array.of(...bytes.error.subarray(0, 2), 0xf5, 0x03, ...zeros(502))),
  ],

  ["wire: PONG, wrong length", "passed over", welcomed(...shortAndLong(bytes.pong))],
  ["wire: PONG, wrong type", "passed over", welcomed(retyped(bytes.pong))],
  ["wire: PONG, wrong order", "passed over", [...early(bytes.pong), ...welcomed(bytes.pong)]],

  ["wire: BANNED, wrong length", "passed over", welcomed(...shortAndLong(bytes.banned))],
  ["wire: BANNED, wrong type", "passed over", welcomed(retyped(bytes.banned))],
  ["wire: BANNED, wrong order", "passed over", early(bytes.banned)],
  ["wire: BANNED, overflow", "passed over", welcomed(spliced(bytes.banned, 1, 1, 51))],

  [
    "wire: ROOT_CONFLICT to a viewer, wrong length",
    "passed over",
    welcomed(...shortAndLong(bytes["root-conflict"])),
  ],
  ["wire: ROOT_CONFLICT to a viewer, wrong type", "passed over", welcomed(retyped(bytes["root-conflict"]))],
  ["wire: ROOT_CONFLICT to a viewer, wrong order", "passed over", early(bytes["root-conflict"])],
  // A part beyond all parts.
  [
    "wire: ROOT_CONFLICT to a viewer, overflow",
    "passed over",
    welcomed(spliced(bytes["root-conflict"], 1, 0, ...HUGE)),
  ],
];

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A tracker that is honest but for one frame at one moment; counts the HELLOs that it gets. */
async function startTracker({ when, frame }: Step) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((listening) => server.once("listening", listening));
  const tracker = { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, hellos: 0 };
  server.on("connection", (socket) => {
    const say = (next: Step["when"], ...frames: readonly Uint8Array[]) => {
      for (const one of when === next ? [frame, ...frames] : frames) socket.send(one);
    };
    say("before NONCE", bytes.nonce);
    socket.on("message", (data: Buffer) => {
      const decoded = decodeClientMessage(new Uint8Array(data));
      if (!decoded.ok) throw new Error(decoded.reason);
      if (decoded.value.type === "hello") {
        tracker.hellos += 1;
        say("before WELCOME", bytes.welcome);
      }
      if (decoded.value.type === "join") {
        say("before SWARM", bytes.swarm);
        say("before PEERS", bytes.peers);
      }
    });
  });
  open.push(() => {
    for (const socket of server.clients) socket.terminate();
    return new Promise((closed) => server.close(closed));
  });
  return tracker;
}

/** What the engine hears of such a tracker, until it has partners or a warning. */
function visit(url: string): Promise<readonly string[]> {
  return new Promise((ended) => {
    const heard: string[] = [];
    const say = (event: string) => {
      heard.push(event);
      if (/^(peers|warning)/.test(event)) ended(heard);
    };
    const client = createTrackerClient(
      {
        urls: [url],
        clock: { now: () => performance.now(), after: () => () => {} },
        random: () => 0,
        WebSocket: WebSocket as unknown as WebSocketConstructor,
        credentials: {
          client: "test",
          sessionKey: zeros(32),
          sign: async () => zeros(64),
          sha256: async (of) => sha256(of),
          token: async () => "",
          delegation: async () => zeros(0),
        },
        verify: async () => "valid",
      },
      {
        ready: () => say("ready"),
        lost: () => say("lost"),
        swarm: () => say("swarm"),
        peers: () => say("peers"),
        banned: () => say("banned"),
        granted: () => say("granted"),
        acked: () => say("acked"),
        statementRefused: () => say("statement refused"),
        signal: () => say("signal"),
        roots: () => say("roots"),
        rootContradicted: () => say("root contradicted"),
        warning: (code) => say(`warning ${code}`),
      },
    );
    open.push(() => client.destroy());
    client.join("title");
    client.askRoots([
      { id, source: { url: "https://cdn.example/a.mp4", rangeStartBytes: null, rangeLengthBytes: null } },
    ]);
  });
}

/** Signatures and hashes are answered at once, but not in the same turn. */
const allChecked = () => new Promise(setImmediate);

it.each([
  ["signal", "signal"],
  ["hashes", "roots"],
  ["ack", "acked"],
  ["error", "statement refused"],
  ["banned", "banned"],
] as const)("hears %s that is not wrong", async (type, event) => {
  const tracker = await startTracker({ when: "before PEERS", frame: bytes[type] });
  const heard = await visit(tracker.url);
  await allChecked();
  expect(heard).toContain(event);
});

it.each(CASES)("%s: %s", async (_, ends, steps) => {
  for (const step of steps) {
    const tracker = await startTracker(step);
    const heard = await visit(tracker.url);
    await allChecked();
    expect(heard).toEqual(ends === "passed over" ? ["ready", "swarm", "peers"] : [`warning ${ends}`]);
    expect(tracker.hellos).toBe(step.when === "before NONCE" && ends !== "passed over" ? 0 : 1);
  }
});
