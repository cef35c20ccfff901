import { afterAll, describe, expect, it } from "vitest";
import { createPublisher } from "../../testing/publishers.ts";
import { openDatabase } from "./open-database.ts";
import { createPublisherRegistry } from "./publisher-registry.ts";
import { everyDatabase } from "./testing/databases.ts";

const databases = await everyDatabase();
afterAll(async () => {
  for (const { close } of databases) await close();
});

const acme = createPublisher("acme", ["https://a.example", "https://b.example"]).publisher;
const other = createPublisher("other").publisher;
const [key] = acme.keys;
const anotherKey = createPublisher("acme").publisher.keys[0]!;
const DONE = { ok: true };
const refusedFor = (reason: RegExp) => ({ ok: false, reason: expect.stringMatching(reason) as string });

describe.each(databases)("publishers on $kind", ({ create }) => {
  let nowMs = 1_700_000_000_000;

  async function start() {
    const location = await create();
    const database = await openDatabase(location);
    const restarted = async () => createPublisherRegistry(await openDatabase(location), () => nowMs);
    return { database, registry: createPublisherRegistry(database, () => nowMs), restarted };
  }

  it("are found by name and by id, also after a restart", async () => {
    const { registry, restarted } = await start();
    expect(await registry.add(acme)).toEqual(DONE);
    expect(await registry.add(other)).toEqual(DONE);
    expect(await registry.add(acme)).toEqual(refusedFor(/"acme" is registered already/));
    const again = await restarted();
    expect(await again.list()).toEqual([acme, other]);
    expect(await again.byName("acme")).toEqual(acme);
    expect(await again.byId(acme.id)).toEqual(acme);
    expect(await again.byName("foe")).toBeNull();
    expect(await again.byId(new Uint8Array(16))).toBeNull();
  });

  it("are gone with all that was theirs once removed", async () => {
    const { registry } = await start();
    await registry.add(acme);
    expect(await registry.remove("acme")).toEqual(DONE);
    expect(await registry.remove("acme")).toEqual(refusedFor(/no publisher "acme"/));
    expect(await registry.byId(acme.id)).toBeNull();
    expect(await registry.add({ ...acme, origins: [] })).toEqual(DONE);
    expect(await registry.byName("acme")).toEqual({ ...acme, origins: [] });
  });

  it("replace their keys one by one, and keep one", async () => {
    const { registry } = await start();
    await registry.add(acme);
    expect(await registry.addKey("acme", { ...anotherKey, addedAtMs: 5 })).toEqual(DONE);
    expect(await registry.addKey("acme", anotherKey)).toEqual(refusedFor(/has this key/));
    expect((await registry.byName("acme"))?.keys.map(({ id }) => id)).toEqual([key!.id, anotherKey.id]);
    expect(await registry.removeKey("acme", key!.id)).toEqual(DONE);
    expect(await registry.removeKey("acme", key!.id)).toEqual(refusedFor(/no key/));
    expect(await registry.removeKey("acme", anotherKey.id)).toEqual(refusedFor(/last key/));
    expect(await registry.addKey("foe", anotherKey)).toEqual(refusedFor(/no publisher/));
    for (let count = 1; count < 8; count++)
      await registry.addKey("acme", { ...anotherKey, id: `key ${count}` });
    expect(await registry.addKey("acme", { ...anotherKey, id: "one more" })).toEqual(refusedFor(/8 keys/));
  });

  it("change their origins as a whole", async () => {
    const { registry } = await start();
    await registry.add(acme);
    expect(await registry.setOrigins("acme", ["https://c.example", "https://c.example"])).toEqual(DONE);
    expect((await registry.byName("acme"))?.origins).toEqual(["https://c.example"]);
    expect(await registry.setOrigins("acme", [])).toEqual(DONE);
    expect((await registry.byName("acme"))?.origins).toEqual([]);
    expect(await registry.setOrigins("foe", [])).toEqual(refusedFor(/no publisher/));
  });

  it("have each token bound to the first key that brings it, by whichever tracker and after a restart", async () => {
    const { registry, restarted } = await start();
    const use = { publisher: "acme", tokenId: "1", keyThumbprint: "viewer", expiresAtMs: nowMs + 300_000 };
    const thiefs = { ...use, keyThumbprint: "thief" };
    expect(await registry.bindToken(use)).toBe(true);
    expect(await registry.bindToken(thiefs)).toBe(false);
    const again = await restarted();
    expect(await again.bindToken(thiefs)).toBe(false);
    expect(await again.bindToken(use)).toBe(true);
    expect(await again.bindToken({ ...thiefs, tokenId: "2" })).toBe(true);
    expect(await again.bindToken({ ...thiefs, publisher: "other" })).toBe(true);
  });

  it("let exactly one of many keys win that bring a token at once", async () => {
    const { registry } = await start();
    const uses = Array.from({ length: 20 }, (_, index) => ({
      publisher: "acme",
      tokenId: "race",
      keyThumbprint: `key ${index}`,
      expiresAtMs: nowMs + 300_000,
    }));
    const won = await Promise.all(uses.map((use) => registry.bindToken(use)));
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  it("have the uses of expired tokens forgotten", async () => {
    const { registry, database } = await start();
    const use = { publisher: "acme", keyThumbprint: "viewer" };
    await registry.bindToken({ ...use, tokenId: "short", expiresAtMs: nowMs + 1_000 });
    await registry.bindToken({ ...use, tokenId: "long", expiresAtMs: nowMs + 300_000 });
    nowMs += 120_000;
    await registry.bindToken({ ...use, tokenId: "next", expiresAtMs: nowMs + 1_000 });
    const rows = await database.selectFrom("token_use").select("token_id").orderBy("token_id").execute();
    expect(rows.map(({ token_id }) => token_id)).toEqual(["long", "next"]);
  });
});
