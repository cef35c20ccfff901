import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import type { AddressInfo } from "node:net";
import {
  decodeClientMessage,
  encodeTrackerMessage,
  helloPreimage,
  peerIdOf,
  PROTOCOL_VERSION as version,
  rootsPreimage,
  segmentKeyOf,
  type ClientMessage,
  type ClientMessageOf,
  type PeerKey,
  type TrackerMessage,
} from "@tributary/protocol";
import { afterEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer, type WebSocket as ServerSocket } from "ws";
import { createTrackerClient } from "./client.ts";
import type { WebSocketConstructor } from "./connection.ts";
import type { TrackerClient, TrackerEnvironment } from "./contract.ts";

const peer = "00112233445566778899aabbccddeeff" as PeerKey;
const swarm = new Uint8Array(32).fill(7);
const nonce = new Uint8Array(32).fill(9);
const id = { track: 1, sequence: 2, part: -1, fingerprint: 3 };
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());

/** A tracker that does what the test tells it, over real sockets. */
interface ScriptedTracker {
  readonly url: string;
  readonly trackerId: Uint8Array;
  readonly key: KeyObject;
  readonly sockets: ServerSocket[];
  readonly hellos: ClientMessageOf<"hello">[];
  next<T extends ClientMessage["type"]>(type: T): Promise<ClientMessageOf<T>>;
  say(message: TrackerMessage): void;
  close(): Promise<void>;
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const item of open.splice(0).reverse()) await item.close();
});

interface Manners {
  readonly nonce?: Partial<Extract<TrackerMessage, { type: "nonce" }>>;
  readonly refusal?: Extract<TrackerMessage, { type: "error" }>;
  readonly verifier?: boolean;
  /** The token is for this title; any other one ends the session. */
  readonly onlyTitle?: string;
}

async function scriptedTracker(manners: Manners = {}): Promise<ScriptedTracker> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const trackerId = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((listening) => server.once("listening", listening));
  const sockets: ServerSocket[] = [];
  const hellos: ClientMessageOf<"hello">[] = [];
  const unread: ClientMessage[] = [];
  const waiting: { type: string; take: (message: ClientMessage) => void }[] = [];
  const say = (socket: ServerSocket | undefined, message: TrackerMessage) =>
    socket?.send(encodeTrackerMessage(message));

  server.on("connection", (socket) => {
    sockets.push(socket);
    say(socket, { type: "nonce", version, minVersion: version, trackerId, nonce, ...manners.nonce });
    socket.on("message", (data: Buffer) => {
      const decoded = decodeClientMessage(new Uint8Array(data));
      if (!decoded.ok) throw new Error(decoded.reason);
      const message = decoded.value;
      if (message.type === "hello") {
        hellos.push(message);
        if (manners.refusal !== undefined) say(socket, manners.refusal);
        else {
          say(socket, {
            type: "welcome",
            peer: peerIdOf(peer),
            timeMs: 0,
            p2pAllowed: true,
            verifier: manners.verifier ?? true,
            announceIntervalMs: 60_000,
            iceServers: [],
            resumeTicket: new Uint8Array([hellos.length]),
            variant: "",
          });
        }
      }
      if (message.type === "join" && message.contentId !== (manners.onlyTitle ?? message.contentId))
        say(socket, { type: "error", code: "wrong-content", message: "for another title", fatal: true });
      else if (message.type === "join")
        say(socket, { type: "swarm", swarm, ticket: 5, viewerCount: 3, copiesTarget: 1 });
      const at = waiting.findIndex(({ type }) => type === message.type);
      if (at >= 0) waiting.splice(at, 1)[0]!.take(message);
      else unread.push(message);
    });
  });

  const tracker: ScriptedTracker = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trackerId,
    key: privateKey,
    sockets,
    hellos,
    next: (type) => {
      const at = unread.findIndex((message) => message.type === type);
      return at >= 0
        ? Promise.resolve(unread.splice(at, 1)[0] as never)
        : new Promise((take) => waiting.push({ type, take: take as never }));
    },
    say: (message) => say(sockets.at(-1), message),
    async close() {
      for (const socket of sockets) socket.terminate();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
  open.push(tracker);
  return tracker;
}

interface Session {
  readonly client: TrackerClient;
  readonly heard: string[];
  until(pattern: RegExp): Promise<string>;
  /** Runs out the delays that the client waits for. */
  hurry(): void;
  readonly delays: number[];
}

function connect(urls: string[], overrides: Partial<TrackerEnvironment> = {}): Session {
  const heard: string[] = [];
  const waiting: { pattern: RegExp; found: (event: string) => void }[] = [];
  const say = (event: string) => {
    heard.push(event);
    for (const { pattern, found } of waiting) if (pattern.test(event)) found(event);
  };
  const pending = new Map<number, { delayMs: number; run: () => void }>();
  const delays: number[] = [];
  let nextTimer = 0;
  const client = createTrackerClient(
    {
      urls,
      clock: {
        now: () => performance.now(),
        after(delayMs, run) {
          const timer = nextTimer++;
          delays.push(delayMs);
          pending.set(timer, { delayMs, run });
          // Gathering is short and real; longer delays pass when the test says so.
          if (delayMs < 100) setTimeout(() => pending.delete(timer) && run(), delayMs);
          return () => void pending.delete(timer);
        },
      },
      random: () => 0,
      WebSocket: WebSocket as unknown as WebSocketConstructor,
      credentials: {
        client: "test",
        sessionKey: new Uint8Array(32).fill(1),
        sign: async (bytes) => Buffer.concat([sha256(bytes), sha256(bytes)]),
        sha256: async (bytes) => sha256(bytes),
        token: async () => "a token",
        delegation: async () => Uint8Array.of(7),
      },
      verify: async (key, signature, bytes) => {
        const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(key).toString("base64url") };
        const imported = await crypto.subtle.importKey("jwk", jwk, "Ed25519", false, ["verify"]);
        return (await crypto.subtle.verify("Ed25519", imported, Buffer.from(signature), Buffer.from(bytes)))
          ? "valid"
          : "invalid";
      },
      ...overrides,
    },
    {
      ready: ({ p2pAllowed, verifier }) => say(`ready ${p2pAllowed} ${verifier}`),
      lost: () => say("lost"),
      swarm: ({ viewerCount, ticket }) => say(`swarm ${viewerCount} ${ticket}`),
      peers: (peers) => say(`peers ${peers.map((named) => `${named.peer}:${named.ticket}`).join()}`),
      banned: (peers) => say(`banned ${peers.join()}`),
      granted: (grants) => say(`granted ${grants.map((grant) => grant.join()).join(" ")}`),
      acked: (seq) => say(`acked ${seq}`),
      statementRefused: (code) => say(`statement refused ${code}`),
      signal: (from, kind, body) => say(`signal ${from} ${kind} ${body.join()}`),
      roots: (roots) => roots.forEach(({ segment, root }) => say(`root ${segment} ${root.sizeBytes}`)),
      rootContradicted: (segment) => say(`root contradicted ${segment}`),
      warning: (code, message) => say(`warning ${code} ${message}`),
    },
  );
  open.push({ close: () => client.destroy() });
  return {
    client,
    heard,
    delays,
    until: (pattern) => {
      const known = heard.find((event) => pattern.test(event));
      return known === undefined
        ? new Promise((found) => waiting.push({ pattern, found }))
        : Promise.resolve(known);
    },
    hurry() {
      for (const [timer, { delayMs, run }] of [...pending])
        if (delayMs >= 100 && pending.delete(timer)) run();
    },
  };
}

const warnings = ({ heard }: Session) => heard.filter((event) => event.startsWith("warning"));

test("nonce, signed HELLO, WELCOME, JOIN, and what follows", async () => {
  const tracker = await scriptedTracker();
  const session = connect([tracker.url]);
  expect(session.client.state()).toBe("off");
  session.client.origins(["https://cdn.example"]);
  session.client.join("title");
  expect(session.client.state()).toBe("connecting");
  const hello = await tracker.next("hello");
  const [ofToken, ofDelegation] = [sha256(Buffer.from("a token")), sha256(Uint8Array.of(7))];
  const signed = helloPreimage(nonce, tracker.trackerId, ofToken, ofDelegation);
  expect(hello).toMatchObject({ version, token: "a token", delegation: Uint8Array.of(7) });
  expect(Buffer.from(hello.signature)).toEqual(Buffer.concat([sha256(signed), sha256(signed)]));
  expect(await tracker.next("join")).toEqual({
    type: "join",
    contentId: "title",
    wantedPeers: 10,
    role: "viewer",
    origins: ["https://cdn.example"],
  });
  await session.until(/^swarm 3 5$/);
  expect(session.client.state()).toBe("ready");

  tracker.say({ type: "peers", peers: [{ peer: peerIdOf(peer), ticket: 8 }], grants: [] });
  await session.until(new RegExp(`^peers ${peer}:8$`));
  session.client.signal(peer, "offer", new Uint8Array([1, 2]));
  expect(await tracker.next("signal")).toMatchObject({ kind: "offer", body: new Uint8Array([1, 2]) });
  tracker.say({ type: "signal", peer: peerIdOf(peer), kind: "answer", body: new Uint8Array([3]) });
  await session.until(new RegExp(`^signal ${peer} answer 3$`));
  session.client.announce(4);
  expect(await tracker.next("join")).toMatchObject({ wantedPeers: 4 });
  session.client.join("another title");
  expect(await tracker.next("join")).toMatchObject({ contentId: "another title" });
});

test("questions for roots are gathered, and only signed answers count", async () => {
  const tracker = await scriptedTracker();
  const session = connect([tracker.url]);
  session.client.join("title");
  const source = { url: "https://cdn.example/a.mp4", rangeStartBytes: 10, rangeLengthBytes: 20 };
  const tooLong = { id, source: { ...source, url: "x".repeat(3_000) } };
  session.client.askRoots([tooLong, { id, source }]);
  const whole = { ...source, rangeStartBytes: null, rangeLengthBytes: null };
  session.client.askRoots([{ id: { ...id, sequence: 3 }, source: whole }]);
  expect((await tracker.next("hashes")).segments).toEqual([
    { id, url: source.url, rangeStart: 10, rangeLength: 20 },
    { id: { ...id, sequence: 3 }, url: source.url, rangeStart: 0, rangeLength: 0 },
  ]);
  const name = sha256(Buffer.from("10+20@/a.mp4"));
  const roots = [{ segment: id, name, sizeBytes: 99, root: name }];
  const signature = new Uint8Array(sign(null, rootsPreimage(swarm, roots), tracker.key));
  tracker.say({ type: "hashes", roots: [{ ...roots[0]!, sizeBytes: 98 }], signature });
  tracker.say({ type: "hashes", roots, signature });
  await session.until(/^root/);
  // Of another resource under the same segment id, and of the one that was asked about.
  tracker.say({ type: "root-conflict", segment: id, name: sha256(name) });
  tracker.say({ type: "root-conflict", segment: id, name });
  await session.until(/^root contradicted/);
  expect(session.heard.filter((event) => event.startsWith("root"))).toEqual([
    `root ${segmentKeyOf(id)} 99`,
    `root contradicted ${segmentKeyOf(id)}`,
  ]);
});

test("a tracker without a verifier is not asked", async () => {
  const tracker = await scriptedTracker({ verifier: false });
  const session = connect([tracker.url]);
  session.client.join("title");
  await session.until(/^swarm/);
  session.client.askRoots([
    { id, source: { url: "https://a", rangeStartBytes: null, rangeLengthBytes: null } },
  ]);
  session.client.announce(1);
  await tracker.next("join");
  expect((await tracker.next("join")).wantedPeers).toBe(1);
  expect(session.delays.filter((delayMs) => delayMs < 100)).toEqual([]);
});

test("a lost tracker is dialled again with the resume ticket, and without a warning", async () => {
  const tracker = await scriptedTracker();
  const session = connect([tracker.url]);
  session.client.join("title");
  await session.until(/^swarm/);
  tracker.sockets[0]!.terminate();
  await session.until(/^lost$/);
  expect(session.client.state()).toBe("lost");
  expect(session.delays.at(-1)).toBe(500);
  session.heard.length = 0;
  session.hurry();
  await session.until(/^swarm/);
  expect(tracker.hellos.map(({ token, resumeTicket }) => [token, resumeTicket.join()])).toEqual([
    ["a token", ""],
    ["", "1"],
  ]);
  expect(warnings(session)).toEqual([]);
});

test("another title gets a token of its own", async () => {
  const tracker = await scriptedTracker();
  const session = connect([tracker.url]);
  session.client.join("title");
  await session.until(/^swarm/);
  session.heard.length = 0;
  session.client.join("another title");
  await session.until(/^swarm/);
  expect(session.heard[0]).toBe("lost");
  expect(tracker.hellos.map(({ token, resumeTicket }) => [token, resumeTicket.length])).toEqual([
    ["a token", 0],
    ["a token", 0],
  ]);
  expect((await tracker.next("join")).contentId).toBe("title");
  expect((await tracker.next("join")).contentId).toBe("another title");
});

test("a title that the token is not for is asked for once, and the next one again", async () => {
  const tracker = await scriptedTracker({ onlyTitle: "title" });
  const session = connect([tracker.url]);
  session.client.join("another title");
  await session.until(/^warning tracker-refused .*: for another title$/);
  session.hurry();
  expect([warnings(session).length, tracker.hellos.length, session.client.state()]).toEqual([1, 1, "lost"]);
  session.client.join("title");
  await session.until(/^swarm/);
  expect(warnings(session).length).toBe(1);
});

test("a ticket that is refused gives way to a fresh token, without a warning", async () => {
  const tracker = await scriptedTracker({ onlyTitle: "title" });
  const session = connect([tracker.url]);
  session.client.join("title");
  await session.until(/^swarm/);
  tracker.sockets[0]!.terminate();
  await session.until(/^lost$/);
  session.hurry();
  await tracker.next("join");
  await tracker.next("join");
  tracker.say({
    type: "error",
    code: "token-expired",
    message: "the resume ticket has expired",
    fatal: true,
  });
  await tracker.next("join");
  expect(tracker.hellos.map(({ token }) => token)).toEqual(["a token", "", "a token"]);
  expect(warnings(session)).toEqual([]);
});

test("the list is tried in order, delays double, and the page is warned once", async () => {
  const gone = await scriptedTracker();
  await gone.close();
  const session = connect([gone.url, `${gone.url}/second`]);
  session.client.join("title");
  await session.until(
    /^warning tracker-unreachable there is no session with a tracker: ws:.*\/second: no connection could be made; trying again$/,
  );
  const retries: number[] = [];
  for (let round = 0; round < 3; round++) {
    retries.push(session.delays.at(-1)!);
    const before = session.delays.length;
    session.hurry();
    // Two handshake timers, then the next wait.
    while (session.delays.length < before + 3) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(retries).toEqual([500, 1_000, 2_000]);
  expect(warnings(session).length).toBe(1);
  expect(session.client.state()).toBe("lost");

  const tracker = await scriptedTracker();
  const second = connect([gone.url, tracker.url]);
  second.client.join("title");
  await second.until(/^swarm/);
  expect(warnings(second)).toEqual([]);
});

test("a tracker of another version is left alone", async () => {
  const tracker = await scriptedTracker({ nonce: { version: 99, minVersion: 98 } });
  const session = connect([tracker.url]);
  session.client.join("title");
  await session.until(/^warning tracker-version .*versions 98 to 99/);
  session.hurry();
  expect([tracker.sockets.length, tracker.hellos.length, session.client.state()]).toEqual([1, 0, "lost"]);
  expect(session.client.trouble()).toMatch(/version/);
});

test("a tracker that refuses is left alone, and the next one tried", async () => {
  const refusal = { type: "error", code: "not-admitted", message: "unknown publisher", fatal: true } as const;
  const [stern, kind] = [await scriptedTracker({ refusal }), await scriptedTracker()];
  const session = connect([stern.url, kind.url]);
  session.client.join("title");
  await session.until(/^swarm/);
  expect(warnings(session)).toEqual([`warning tracker-refused ${stern.url}/: unknown publisher`]);
});

test("a server that is no tracker is left alone", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((listening) => server.once("listening", listening));
  server.on("connection", (socket) => socket.send("hello there"));
  open.push(server);
  const session = connect([`ws://127.0.0.1:${(server.address() as AddressInfo).port}`]);
  session.client.join("title");
  await session.until(/^warning tracker-refused .*does not speak as a tracker/);
  expect(warnings(session).length).toBe(1);
});

test("addresses that no browser can open are named in one warning", async () => {
  const tracker = await scriptedTracker();
  const session = connect(["not a url", "https://tracker.example", tracker.url]);
  session.client.join("title");
  await session.until(/^swarm/);
  expect(warnings(session)).toEqual([
    'warning tracker-unreachable the tracker address "not a url" is not a URL; ' +
      'the tracker address "https://tracker.example" must begin with wss:// or ws://',
  ]);
  const hopeless = connect(["nowhere", "neither"]);
  hopeless.client.join("title");
  expect(hopeless.client.trouble()).toMatch(/"nowhere".*"neither"/);
  expect([warnings(hopeless).length, hopeless.client.state()]).toEqual([1, "lost"]);
});

test("a token function that fails ends no page", async () => {
  const tracker = await scriptedTracker();
  const session = connect([tracker.url], {
    credentials: {
      client: "test",
      sessionKey: new Uint8Array(32),
      sign: async () => new Uint8Array(0),
      sha256: async (bytes) => sha256(bytes),
      token: () => Promise.reject(new Error("the shop is closed")),
      delegation: async () => new Uint8Array(0),
    },
  });
  session.client.join("title");
  await session.until(/^warning tracker-unreachable .*the shop is closed/);
});

test("suspend leaves, resume enters again, destroy is the end", async () => {
  const tracker = await scriptedTracker();
  const session = connect([tracker.url]);
  session.client.join("title");
  await session.until(/^swarm/);
  session.client.suspend();
  await tracker.next("leave");
  expect([session.heard.at(-1), session.client.state()]).toEqual(["lost", "off"]);
  await tracker.next("join");
  session.client.resume();
  await tracker.next("join");
  const closed = new Promise((done) => tracker.sockets[1]!.once("close", done));
  session.client.destroy();
  await closed;
  session.client.join("another");
  session.client.resume();
  session.hurry();
  expect(tracker.sockets.length).toBe(2);
});

test("a tracker that falls silent is given up", async () => {
  const tracker = await scriptedTracker();
  const session = connect([tracker.url]);
  session.client.join("title");
  await session.until(/^swarm/);
  // The re-announce and the PING come due together; the answers put the next PING off.
  session.hurry();
  expect((await tracker.next("ping")).nonce).toBe(1);
  tracker.sockets[0]!.pause();
  session.hurry();
  session.hurry();
  await session.until(/^lost$/);
});

test("reports liars, and hears of those whom others reported", async () => {
  const tracker = await scriptedTracker();
  const session = connect([tracker.url]);
  session.client.join("title");
  await session.until(/^swarm/);
  session.client.reportPeer(peer);
  expect((await tracker.next("report")).peer).toEqual(peerIdOf(peer));
  tracker.say({ type: "banned", peers: [peerIdOf(peer)] });
  expect(await session.until(/^banned/)).toBe(`banned ${peer}`);
});

test("the page hears each objection of the tracker once, and none about a viewer who left meanwhile", async () => {
  const tracker = await scriptedTracker();
  const session = connect([tracker.url]);
  session.client.join("title");
  await session.until(/^swarm/);
  const objection = "the verifier does not fetch from https://cdn.example";
  tracker.say({ type: "error", code: "not-introduced", message: "candidate for ab: gone", fatal: false });
  for (let time = 0; time < 3; time++)
    tracker.say({ type: "error", code: "not-admitted", message: objection, fatal: false });
  tracker.say({ type: "peers", peers: [], grants: [] });
  await session.until(/^peers/);
  expect(warnings(session)).toEqual([`warning tracker-refused not-admitted: ${objection}`]);
  expect(session.client.state()).toBe("ready");
});
