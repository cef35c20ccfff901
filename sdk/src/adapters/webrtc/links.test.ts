import { createHash } from "node:crypto";
import {
  decodeDescription,
  encodeCandidate,
  encodeDescription,
  PIECE_BYTES,
  PROTOCOL_VERSION,
  peerKeyOf,
  segmentKeyOf,
  type PeerKey,
  type PeerMessageOf,
  type SignalKind,
} from "@tributary/protocol";
import { afterEach, expect, test } from "vitest";
import { useNodeWebRtc } from "../../testing/node-webrtc.ts";
import { createLinks, type Links } from "./links.ts";

useNodeWebRtc();

const clock = {
  now: () => performance.now(),
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
const segment = segmentKeyOf({ track: 1, sequence: 7, part: -1, fingerprint: 9 });
const media = Uint8Array.from({ length: 3 * PIECE_BYTES + 1_000 }, (_, index) => (index * 31) & 0xff);

/** One end of a swarm of two; the "network" between them is a function call. */
interface End {
  readonly self: PeerKey;
  readonly links: Links;
  readonly heard: string[];
  readonly received: Uint8Array;
  /** Resolves when an event that matches was heard. */
  until(pattern: RegExp): Promise<string>;
}

const ends: End[] = [];
afterEach(() => {
  for (const { links } of ends.splice(0)) links.destroy();
});

function keyOf(seed: number): { sessionKey: Uint8Array; self: PeerKey } {
  const sessionKey = new Uint8Array(32).fill(seed);
  return { sessionKey, self: peerKeyOf(createHash("sha256").update(sessionKey).digest().subarray(0, 16)) };
}

function end(
  seed: number,
  options: { objection?: string; policy?: RTCIceTransportPolicy; evicted?: () => boolean } = {},
): End {
  const { sessionKey, self } = keyOf(seed);
  const heard: string[] = [];
  const waiting: { pattern: RegExp; found: (event: string) => void }[] = [];
  const received = new Uint8Array(media.length);
  const say = (event: string) => {
    heard.push(event);
    for (const wait of waiting.filter(({ pattern }) => pattern.test(event))) wait.found(event);
  };
  const links = createLinks(
    {
      clock,
      self,
      policy: options.policy ?? "all",
      read: (_, offset, length) =>
        options.evicted?.() === true ? null : media.subarray(offset, offset + length),
      hello: async (): Promise<PeerMessageOf<"hello">> => ({
        type: "hello",
        version: PROTOCOL_VERSION,
        sessionKey,
        ticket: seed,
        signature: new Uint8Array(0),
        uploads: true,
      }),
      objection: async (peer, hello) => {
        const id = createHash("sha256").update(hello.sessionKey).digest().subarray(0, 16);
        return options.objection ?? (peerKeyOf(id) === peer ? null : "foreign key");
      },
    },
    {
      signal: (peer, kind, body) => {
        say(`sent ${kind}`);
        deliver(self, peer, kind, body);
      },
      connected: (_, ticket) => say(`connected ${ticket}`),
      message: (_, message) =>
        say(`message ${message.type}${message.type === "reject" ? ` ${message.reason}` : ""}`),
      chunk(_, { requestId, offsetBytes, data }) {
        received.set(data, offsetBytes);
        say(`chunk ${requestId} ${offsetBytes + data.length}`);
      },
      buffered: (_, bytes) => say(`buffered ${bytes}`),
      refused: (reason) => say(`refused ${reason}`),
      garbage: (_, reason) => say(`garbage ${reason}`),
      closed: (_, reason) => say(`closed ${reason}`),
    },
  );
  const made: End = {
    self,
    links,
    heard,
    received,
    until: (pattern) => {
      const known = heard.find((event) => pattern.test(event));
      return known === undefined
        ? new Promise((found) => waiting.push({ pattern, found }))
        : Promise.resolve(known);
    },
  };
  ends.push(made);
  return made;
}

/** Candidates taken out of offers, by sender and receiver. */
const withheld = new Map<string, string[]>();

/**
 * As over a tracker: later, and in order. An offer's candidates follow after the answer, since Node's WebRTC gives up
 * where connectivity checks reach the offerer before the answer does.
 */
function deliver(from: PeerKey, to: PeerKey, kind: SignalKind, body: Uint8Array): void {
  const hand = (sender: PeerKey, receiver: PeerKey, what: SignalKind, bytes: Uint8Array) =>
    setImmediate(() => ends.find(({ self }) => self === receiver)?.links.signal(sender, what, bytes));
  const offer = kind === "offer" ? decodeDescription(body) : null;
  if (offer?.ok !== true) hand(from, to, kind, body);
  else {
    withheld.set(`${from} ${to}`, offer.value.candidates.slice());
    hand(from, to, kind, encodeDescription({ ...offer.value, candidates: [] }));
  }
  if (kind !== "answer") return;
  for (const candidate of withheld.get(`${to} ${from}`) ?? []) {
    hand(to, from, "candidate", encodeCandidate({ candidate }));
  }
}

async function pair(first = end(1), second = end(2)): Promise<[End, End]> {
  for (const { links } of [first, second]) links.admit(true);
  first.links.connect(second.self);
  await Promise.all([first.until(/^connected/), second.until(/^connected/)]);
  return [first, second];
}

test("two ends connect, greet each other and tell it once", async () => {
  const [a, b] = await pair();
  expect(a.heard.filter((event) => /^(connected|closed|garbage)/.test(event))).toEqual(["connected 2"]);
  expect(b.heard.filter((event) => /^(connected|closed|garbage)/.test(event))).toEqual(["connected 1"]);
});

test("media arrives in chunks, whole, and control messages overtake it", async () => {
  const [a, b] = await pair();
  a.links.sendMedia(b.self, { requestId: 5, segment, offsetBytes: 0, lengthBytes: media.length });
  a.links.send(b.self, { type: "choke", choked: true });
  await b.until(new RegExp(`^chunk 5 ${media.length}$`));
  expect(Buffer.from(b.received).equals(Buffer.from(media))).toBe(true);
  await b.until(/^message choke/);
  // Below the low-water mark nothing more is reported: there is room for all the core may send.
  const left = a.heard.filter((event) => event.startsWith("buffered")).at(-1);
  expect(Number(left?.slice("buffered ".length))).toBeLessThanOrEqual(PIECE_BYTES);
});

test("bytes on their way into the channel were told of as having left it: only what drains is reported", async () => {
  const [a, b] = await pair();
  for (let requestId = 1; requestId <= 40; requestId++) {
    a.links.sendMedia(b.self, { requestId, segment, offsetBytes: 0, lengthBytes: media.length });
  }
  // Node's channel takes what the line has room for at once.
  expect(a.heard.filter((event) => /^buffered [^0]/.test(event))).toEqual([]);
  await a.until(/^buffered [^0]/);
});

test("a cancelled transfer stops and an evicted one is refused", async () => {
  let gone = false;
  const a = end(1, { evicted: () => gone });
  const [, b] = await pair(a);
  for (let requestId = 1; requestId <= 40; requestId++) {
    a.links.sendMedia(b.self, { requestId, segment, offsetBytes: 0, lengthBytes: media.length });
  }
  // 8 MB wait: 256 KiB of them in the channel, the rest can still be called off.
  b.links.send(a.self, { type: "cancel", requestId: 40 });
  await a.until(/^message cancel$/);
  gone = true;
  await b.until(/^message reject gone$/);
  expect(b.heard.some((event) => event.startsWith("chunk 40 "))).toBe(false);
});

test("both offer at once: the offer of the lower id stands", async () => {
  const a = end(1);
  const b = end(2);
  for (const { links } of [a, b]) links.admit(true);
  a.links.connect(b.self);
  b.links.connect(a.self);
  await Promise.all([a.until(/^connected/), b.until(/^connected/)]);
  const [lower, higher] = a.self < b.self ? [a, b] : [b, a];
  expect(lower.heard).not.toContain("sent answer");
  expect(higher.heard).toContain("sent answer");
  expect([...a.heard, ...b.heard].filter((event) => event.startsWith("closed"))).toEqual([]);
});

test("offers wait until startup is over", async () => {
  const a = end(1);
  const b = end(2);
  a.links.admit(true);
  a.links.connect(b.self);
  await a.until(/^sent offer/);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(b.heard).toEqual([]);
  b.links.admit(true);
  await Promise.all([a.until(/^connected/), b.until(/^connected/)]);
});

test("a peer whose key is not its own is cut before the core hears of it", async () => {
  const a = end(1, { objection: "its key does not belong to its id" });
  const b = end(2);
  for (const { links } of [a, b]) links.admit(true);
  a.links.connect(b.self);
  await a.until(/^closed it sent garbage: its key/);
  expect(a.heard.filter((event) => event.startsWith("connected"))).toEqual([]);
});

test("settings that the browser makes no connection with are told apart from a firewall", async () => {
  const [asks, answers, other] = [end(1), end(2), end(3)];
  for (const { links } of [asks, answers, other]) links.admit(true);
  for (const { links } of [asks, answers]) links.iceServers([{ urls: "nonsense" }]);
  asks.links.connect(other.self);
  await asks.until(/^closed/);
  expect(asks.heard).toEqual([
    expect.stringMatching(/^refused .*urls/),
    expect.stringMatching(/^closed .*urls/),
  ]);
  other.links.connect(answers.self);
  await answers.until(/^refused .*urls/);
});

test("a peer that leaves says so", async () => {
  const [a, b] = await pair();
  a.links.close(b.self, "enough");
  await a.until(/^closed enough$/);
  await b.until(/^closed /);
});

test("a peer that comes back with a new offer replaces its old link", async () => {
  const [a, b] = await pair();
  const again = end(1);
  ends.splice(ends.indexOf(a), 1);
  again.links.admit(true);
  again.links.connect(b.self);
  await b.until(/^closed replaced/);
  await again.until(/^connected/);
  a.links.destroy();
});

test("garbage in signals closes nothing but its own link", async () => {
  const a = end(1);
  a.links.admit(true);
  const stranger = keyOf(3).self;
  a.links.signal(stranger, "offer", new Uint8Array([1, 2, 3]));
  a.links.signal(stranger, "answer", new Uint8Array(10));
  a.links.signal(stranger, "candidate", new Uint8Array(10));
  const description = {
    ufrag: "abcd",
    pwd: "x".repeat(22),
    fingerprint: new Uint8Array(32),
    setup: "actpass" as const,
    candidates: ["not a candidate"],
    maxMessageSize: 1,
  };
  a.links.signal(keyOf(4).self, "offer", encodeDescription(description));
  await pair(a, end(2));
});

test("relay without a relay: no candidate leaves", async () => {
  const bodies: [SignalKind, Uint8Array][] = [];
  const a = end(1, { policy: "relay" });
  const b = end(2);
  a.links.admit(true);
  b.links.signal = (_, kind, body) => void bodies.push([kind, body]);
  a.links.connect(b.self);
  await a.until(/^sent offer/);
  await new Promise((resolve) => setImmediate(resolve));
  expect(bodies.map(([kind]) => kind)).toEqual(["offer"]);
  expect(Buffer.from(bodies[0]![1]).toString("latin1")).not.toMatch(/typ (host|srflx|prflx)/);
});
