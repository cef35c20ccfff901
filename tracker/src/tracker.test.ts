import { afterEach, describe, expect, it, vi } from "vitest";
import { encodeClientMessage, peerKeyOf, PROTOCOL_VERSION } from "@tributary/protocol";
import { createSeededRandom } from "./testing/seeded-random.ts";
import { SOCKET_KINDS } from "./testing/socket-kinds.ts";
import { connectTracker, type TrackerClient } from "./testing/tracker-client.ts";
import { candidateLine, descriptionBody, joinMessage } from "./testing/core-rig.ts";
import { startTracker, type Tracker, type TrackerOptions } from "./index.ts";

const body = descriptionBody();
const longBody = descriptionBody(Array.from({ length: 32 }, (_, port) => candidateLine("10.0.0.1", port)));

describe.each(SOCKET_KINDS)("the tracker over %s", (sockets) => {
  const trackers: Tracker[] = [];
  const clients: TrackerClient[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    for (const tracker of trackers.splice(0)) await tracker.close();
  });

  async function start(options: Partial<TrackerOptions> = {}): Promise<Tracker> {
    const tracker = await startTracker({ dataDir: null, open: true, sockets, ...options });
    trackers.push(tracker);
    return tracker;
  }

  async function connect(tracker: Tracker): Promise<TrackerClient> {
    const client = await connectTracker(tracker.url);
    clients.push(client);
    return client;
  }

  it("welcomes a client that signs with its session key", async () => {
    const iceServers = [{ urls: ["stun:stun.example:3478"], username: "", credential: "" }];
    const client = await connect(await start({ iceServers }));
    const welcome = await client.admit();
    expect(welcome).toMatchObject({ p2pAllowed: true, verifier: true, iceServers });
    expect(welcome.peer.length).toBe(16);
    expect(Math.abs(welcome.timeMs - Date.now())).toBeLessThan(60_000);
    await client.roundTrip();
  });

  it("gives each client TURN credentials of its own", async () => {
    const turn = { secret: "north", urls: ["turn:turn.example:3478"], lifetimeMs: 3_600_000 };
    const tracker = await start({ turn });
    const [one, other] = [await connect(tracker), await connect(tracker)];
    const [ofOne, ofOther] = [await one.admit(), await other.admit()];
    expect(ofOne.iceServers).toMatchObject([{ urls: turn.urls }]);
    const [expires, peer] = ofOne.iceServers[0]!.username.split(":");
    expect(peer).toBe(peerKeyOf(ofOne.peer));
    expect(Math.abs(Number(expires) * 1000 - Date.now() - turn.lifetimeMs)).toBeLessThan(60_000);
    expect(ofOther.iceServers[0]!.credential).not.toBe(ofOne.iceServers[0]!.credential);
  });

  it("binds token and delegation into the signature", async () => {
    const client = await connect(await start());
    await client.hello({ token: "a.b.c", delegation: Uint8Array.of(1, 2) });
    await client.next("welcome");
  });

  it.each([
    ["a flipped bit in the signature", { signature: new Uint8Array(64).fill(7) }],
    ["another key", { sessionKey: new Uint8Array(32).fill(9) }],
    [
      "a key of small order",
      { sessionKey: new Uint8Array(32).fill(1, 0, 1), signature: new Uint8Array(64).fill(1, 0, 1) },
    ],
  ])("refuses %s", async (_, changes) => {
    const client = await connect(await start());
    await client.hello(changes);
    expect(await client.next("error")).toMatchObject({ code: "bad-signature", fatal: true });
    await client.closed;
  });

  it("refuses a signature over another socket's nonce", async () => {
    const tracker = await start();
    const [one, other] = [await connect(tracker), await connect(tracker)];
    await one.next("nonce");
    one.inbox.push(await other.next("nonce"));
    await one.hello();
    expect(await one.next("error")).toMatchObject({ code: "bad-signature", fatal: true });
  });

  it("admits a browser without Ed25519 while it is open", async () => {
    const client = await connect(await start());
    await client.hello({ signature: new Uint8Array(0) });
    await client.next("welcome");
    client.send(joinMessage("film"));
    await client.next("swarm");
  });

  it("refuses another version and names its own", async () => {
    const client = await connect(await start());
    await client.hello({ version: PROTOCOL_VERSION + 1 });
    const error = await client.next("error");
    expect(error).toMatchObject({ code: "version", fatal: true });
    expect(error.message).toContain(`version ${PROTOCOL_VERSION}`);
    await client.closed;
  });

  it("refuses another version's HELLO even where the rest of it is laid out in another way", async () => {
    const client = await connect(await start());
    client.sendRaw(Uint8Array.of(1, PROTOCOL_VERSION + 1, 0xee, 0xee));
    expect(await client.next("error")).toMatchObject({ code: "version", fatal: true });
  });

  it("introduces the joiner to who is there and relays between the two", async () => {
    const tracker = await start();
    const [first, second] = [await connect(tracker), await connect(tracker)];
    const alone = await first.enter("film");
    expect(alone.peers.peers).toEqual([]);
    const { swarm, peers } = await second.enter("film");
    expect(swarm).toMatchObject({ viewerCount: 2, copiesTarget: 1, swarm: alone.swarm.swarm });
    expect(peers.peers).toHaveLength(1);
    const named = peers.peers[0]!;
    expect(named.ticket).toBe(alone.swarm.ticket);

    second.send({ type: "signal", peer: named.peer, kind: "offer", body });
    const offer = await first.next("signal");
    expect(offer).toMatchObject({ kind: "offer", body });
    first.send({ type: "signal", peer: offer.peer, kind: "answer", body: longBody });
    const answer = await second.next("signal");
    expect(answer.kind).toBe("answer");
    expect(peerKeyOf(answer.peer)).toBe(peerKeyOf(named.peer));
    expect(answer.body).toEqual(longBody);
    expect(tracker.stats()).toMatchObject({
      swarms: [{ viewers: 2, seeders: 0 }],
      introductions: 1,
      signalsRelayed: 2,
    });
  });

  it("relays nothing between peers it did not introduce", async () => {
    const tracker = await start();
    const [one, other] = [await connect(tracker), await connect(tracker)];
    const welcome = await one.admit();
    one.send(joinMessage("film"));
    await one.next("peers");
    await other.enter("another film");
    other.send({ type: "signal", peer: welcome.peer, kind: "offer", body });
    expect(await other.next("error")).toMatchObject({ code: "not-introduced", fatal: false });
    await one.roundTrip();
    expect(one.inbox.filter(({ type }) => type === "signal")).toEqual([]);
  });

  it("takes who leaves or disconnects out of the swarm", async () => {
    const tracker = await start();
    const [first, second, third] = [await connect(tracker), await connect(tracker), await connect(tracker)];
    await first.enter("film");
    await second.enter("film");
    first.send({ type: "leave" });
    await first.roundTrip();
    second.close();
    await second.closed;
    const { swarm, peers } = await third.enter("film");
    expect([swarm.viewerCount, peers.peers]).toEqual([1, []]);
  });

  it("answers what comes out of order", async () => {
    const client = await connect(await start());
    client.send(joinMessage("film"));
    expect(await client.next("error")).toMatchObject({ code: "out-of-order", fatal: false });
    await client.admit();
    client.send({ type: "signal", peer: new Uint8Array(16), kind: "offer", body });
    expect(await client.next("error")).toMatchObject({
      code: "unknown-swarm",
      message: "signal before join",
    });
  });

  it("says what is wrong with a message, and cuts at the fifth without harm to others", async () => {
    const tracker = await start();
    const [bad, good] = [await connect(tracker), await connect(tracker)];
    await bad.admit();
    await good.enter("film");
    const whole = encodeClientMessage({ type: "ping", nonce: 1 });
    const wrong = [
      "text",
      Uint8Array.of(0xff),
      whole.slice(0, 2),
      Uint8Array.of(...whole, 0),
      new Uint8Array(0),
    ];
    for (const data of wrong) bad.sendRaw(data);
    const errors = [];
    for (const _ of wrong) errors.push(await bad.next("error"));
    expect(errors.map(({ code, fatal }) => `${code} ${fatal}`)).toEqual([
      ...new Array(4).fill("bad-message false"),
      "bad-message true",
    ]);
    expect(errors[0]?.message).toContain("text frame");
    expect(errors[1]?.message).toContain("255");
    expect(errors[2]?.message).toContain("ping");
    await bad.closed;
    await good.roundTrip();
    expect(tracker.stats().refusals).toEqual({ "bad-message": 5 });
  });

  it("survives floods of random bytes while others go on", async () => {
    const seed = 20_240_601;
    const random = createSeededRandom(seed);
    const tracker = await start();
    const good = await connect(tracker);
    await good.enter("film");
    for (let round = 0; round < 10; round++) {
      const bad = await connect(tracker);
      for (let at = 0; at < 1_000; at++) {
        const length = Math.floor(random() * 60);
        bad.sendRaw(Uint8Array.from({ length }, () => Math.floor(random() * 256)));
      }
      await Promise.all([bad.closed, good.roundTrip()]);
    }
    expect(tracker.stats().sessions, `seed ${seed}`).toMatchObject({ joined: 1, admitted: 0 });
  });

  it("refuses a message over the limit in words", async () => {
    const client = await connect(await start());
    await client.admit();
    client.sendRaw(new Uint8Array(100_000));
    const error = await client.next("error");
    expect(error).toMatchObject({ code: "too-large", fatal: true });
    await client.closed;
  });

  it("lets a client come back with its key and ends the old session", async () => {
    const tracker = await start();
    const [old, other] = [await connect(tracker), await connect(tracker)];
    await old.enter("film");
    await other.enter("film");
    expect(tracker.stats().sessions.joined).toBe(2);
    old.socket.terminate();
    await old.closed;
    await other.roundTrip();
    other.send(joinMessage("film"));
    expect((await other.next("swarm")).viewerCount).toBe(1);
  });

  it("says goodbye to everybody, frees the port and can be closed twice", async () => {
    const tracker = await start();
    const [joined, silent] = [await connect(tracker), await connect(tracker)];
    await joined.enter("film");
    const begunMs = performance.now();
    const closing = Promise.all([tracker.close(), tracker.close()]);
    for (const client of [joined, silent]) {
      expect(await client.next("error")).toMatchObject({ code: "shutting-down", fatal: true });
      expect(await client.closed).toBe(1000);
    }
    await closing;
    expect(performance.now() - begunMs).toBeLessThan(2_000);
    await expect(connectTracker(tracker.url)).rejects.toThrow();
    const again = await start({ port: tracker.port });
    await (await connect(again)).admit();
  });

  it("does not wait for ever for a client that reads nothing", async () => {
    const tracker = await start();
    const client = await connect(tracker);
    await client.enter("film");
    client.socket.pause();
    const begunMs = performance.now();
    await tracker.close();
    expect(performance.now() - begunMs).toBeLessThan(3_500);
  });

  it("shows its health, figures and metrics to every page", async () => {
    const tracker = await start();
    await (await connect(tracker)).enter("film");
    await (await connect(tracker)).enter("film");
    const base = `http://127.0.0.1:${tracker.port}`;
    const health = await fetch(`${base}/healthz`);
    expect([health.status, await health.text()]).toEqual([200, "ok\n"]);
    expect(health.headers.get("access-control-allow-origin")).toBe("*");
    const stats = await fetch(`${base}/stats.json`);
    expect(stats.headers.get("access-control-allow-origin")).toBe("*");
    expect(await stats.json()).toMatchObject({
      sockets,
      open: true,
      sessions: { joined: 2 },
      swarms: [{ viewers: 2 }],
      messagesIn: 4,
      messagesInByType: { hello: 2, join: 2 },
      verifier: { copies: 0, bytes: 0 },
      refusals: {},
    });
    const metrics = await fetch(`${base}/metrics`);
    expect(metrics.headers.get("content-type")).toContain("text/plain");
    const text = await metrics.text();
    expect(text).toContain('tributary_sessions{state="joined"} 2\n');
    expect(text).toContain("# TYPE tributary_messages_received_total counter\n");
    for (const line of text.trimEnd().split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE) tributary_|tributary_\w+(\{\w+="[^"]*"\})? [\d.e+-]+$)/);
  });

  it("answers what it does not have with a clear 404, and writes with a 405", async () => {
    const { port } = await start();
    const missing = await fetch(`http://127.0.0.1:${port}/nothing/here`);
    expect(missing.status).toBe(404);
    expect(await missing.text()).toContain("/stats.json");
    const written = await fetch(`http://127.0.0.1:${port}/stats.json`, { method: "POST", body: "{}" });
    expect([written.status, written.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it("serves pages that are mounted on its port", async () => {
    const { port } = await start({
      routes: [
        {
          prefix: "/dash/",
          answer: async ({ path }) => {
            if (path === "/dash/broken") throw new Error("a broken page");
            if (path !== "/dash/") return null;
            return { status: 200, headers: { "content-type": "text/html" }, body: "<p>hello" };
          },
        },
      ],
    });
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    expect(await (await get("/dash/")).text()).toBe("<p>hello");
    expect((await get("/dash/other")).status).toBe(404);
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    expect((await get("/dash/broken")).status).toBe(500);
    expect(warn).toHaveBeenCalledWith(new Error("a broken page"));
    warn.mockRestore();
  });
});

it("names the option that is wrong", async () => {
  const base = { dataDir: null, open: true };
  await expect(startTracker({ ...base, origins: ["https://a.example/path"] })).rejects.toThrow(/origins/);
  const iceServers = [{ urls: ["stun:" + "x".repeat(600)], username: "", credential: "" }];
  await expect(startTracker({ ...base, iceServers })).rejects.toThrow(/iceServers/);
});
