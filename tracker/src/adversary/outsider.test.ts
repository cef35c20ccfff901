import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { decodeDescription, encodeBase64Url, encodeHex } from "@tributary/protocol";
import { startTracker, type Tracker, type TrackerOptions } from "../index.ts";
import { candidateLine, descriptionBody, joinMessage } from "../testing/core-rig.ts";
import { createPublisher } from "../testing/publishers.ts";
import { connectTracker, type TrackerClient } from "../testing/tracker-client.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(options: Partial<TrackerOptions>): Promise<Tracker> {
  const tracker = await startTracker({
    dataDir: null,
    open: true,
    host: "127.0.0.1",
    trustProxy: true,
    ...options,
  });
  cleanUps.push(() => tracker.close());
  return tracker;
}

async function connect(tracker: Tracker, address: string): Promise<TrackerClient> {
  const client = await connectTracker(tracker.url, { "x-forwarded-for": address });
  cleanUps.push(() => client.socket.terminate());
  return client;
}

describe("T10: who is not in a title's swarm", () => {
  const acme = createPublisher("acme");
  const title = "the-secret-film";

  async function admit(tracker: Tracker, address: string, contentId: string): Promise<TrackerClient> {
    const client = await connect(tracker, address);
    const nonce = await client.next("nonce");
    client.inbox.push(nonce);
    const audience = encodeBase64Url(nonce.trackerId);
    await client.hello({
      token: await acme.mint({ audience, contentId, expiresAtMs: Date.now() + 60_000 }),
    });
    return client;
  }

  async function enter(tracker: Tracker, address: string) {
    const client = await admit(tracker, address, title);
    const { peer } = await client.next("welcome");
    client.send(joinMessage(title));
    return { client, peer, swarm: (await client.next("swarm")).swarm };
  }

  it("T10 enumerates swarms and viewers in vain: over the socket with a token for another title, and over HTTP", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "tributary-adversary-"));
    cleanUps.push(() => rmSync(dataDir, { recursive: true }));
    const tracker = await start({ open: false, dataDir });
    await tracker.publishers.add(acme.publisher);
    const viewers = [await enter(tracker, "8.1.1.1"), await enter(tracker, "8.2.2.2")];

    const outsider = await admit(tracker, "66.6.6.6", "another film");
    await outsider.next("welcome");
    outsider.send(joinMessage("another film"));
    expect(await outsider.next("peers")).toMatchObject({ peers: [] });
    // Were a viewer's id known, it would be of no use.
    for (const { peer, client } of viewers) {
      outsider.send({ type: "signal", peer, kind: "offer", body: descriptionBody() });
      expect(await outsider.next("error")).toMatchObject({ code: "not-introduced" });
      outsider.send({ type: "report", peer });
      expect(await outsider.next("error")).toMatchObject({ code: "not-introduced" });
      await client.roundTrip();
      expect(client.inbox.filter(({ type }) => type === "signal" || type === "error")).toEqual([]);
    }
    outsider.send(joinMessage(title));
    expect(await outsider.next("error")).toMatchObject({ code: "wrong-content", fatal: true });
    expect(outsider.inbox.filter(({ type }) => type === "peers" || type === "swarm")).toHaveLength(1);

    const secrets = viewers.flatMap(({ client, peer, swarm }) =>
      [client.sessionKey, peer, swarm].flatMap((id) => [encodeHex(id), encodeBase64Url(id)]),
    );
    const names = [title, "another film", "8.1.1.1", "8.2.2.2", ...secrets];
    const pages = ["/stats.json", "/metrics", "/healthz", "/ledger/key", "/ledger/earnings", "/swarms", "/"];
    for (const page of [...pages, "/log/checkpoint", `/ledger/spending?publisher=acme`]) {
      const body = await (await fetch(`http://127.0.0.1:${tracker.port}${page}`)).text();
      for (const name of names) expect(body.includes(name), `${page} shows ${name}`).toBe(false);
    }
    expect(tracker.stats().sessions.joined).toBe(2);
  });

  it("T10 cannot compute a swarm's id: another tracker names the same title's swarm otherwise", async () => {
    const ids = [];
    for (let tracker = 0; tracker < 2; tracker++) {
      const started = await start({ open: false });
      await started.publishers.add(acme.publisher);
      const first = await enter(started, "8.1.1.1");
      expect((await enter(started, "8.2.2.2")).swarm).toEqual(first.swarm);
      ids.push(encodeHex(first.swarm));
    }
    expect(ids[0]).not.toBe(ids[1]);
  });
});

it("T12 eclipse: forty identities of one network are two of a viewer's ten partners, where others are", async () => {
  const tracker = await start({});
  for (let host = 1; host <= 40; host++)
    await (await connect(tracker, `66.66.66.${host}`)).enter("film", { wantedPeers: 0 });
  const honest = new Set<string>();
  for (let network = 1; network <= 10; network++) {
    const viewer = await connect(tracker, `8.${network}.1.1`);
    const { peer } = await viewer.admit();
    viewer.send(joinMessage("film", { wantedPeers: 0 }));
    await viewer.next("peers");
    honest.add(encodeHex(peer));
  }
  const victim = await connect(tracker, "9.9.9.9");
  const { peers } = (await victim.enter("film", { wantedPeers: 10 })).peers;
  expect(peers).toHaveLength(10);
  expect(peers.filter(({ peer }) => !honest.has(encodeHex(peer))).length).toBeLessThanOrEqual(2);
});

it("T13 reflection: many sessions that name one stranger's address aim no more than its share of checks at it", async () => {
  const tracker = await start({});
  const receiver = await connect(tracker, "8.1.1.1");
  await receiver.enter("film");
  const attackers = 200;
  for (let number = 0; number < attackers; number++) {
    const attacker = await connect(tracker, `66.6.${number}.1`);
    const { peers } = (await attacker.enter("film", { wantedPeers: 50 })).peers;
    for (const { peer } of peers)
      attacker.send({
        type: "signal",
        peer,
        kind: "offer",
        body: descriptionBody([candidateLine("9.9.9.9")]),
      });
    await attacker.roundTrip();
    attacker.close();
  }
  await receiver.roundTrip();
  const aimed = receiver.inbox.flatMap((message) => {
    if (message.type !== "signal") return [];
    const decoded = decodeDescription(message.body);
    return decoded.ok ? decoded.value.candidates : [];
  });
  const offers = receiver.inbox.filter(({ type }) => type === "signal").length;
  expect(offers).toBeGreaterThan(100);
  expect(tracker.stats().candidatesDropped).toBeGreaterThan(0);
  expect(aimed.length).toBeGreaterThan(0);
  // 64 at once, and one more in two seconds.
  expect(aimed.length).toBeLessThanOrEqual(64 + 15);
});
