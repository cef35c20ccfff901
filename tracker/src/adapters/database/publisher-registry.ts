import type { Kysely } from "kysely";
import {
  publisherKeysMax,
  type Publisher,
  type PublisherKey,
  type PublisherRegistry,
  type RegistryChange,
} from "../../core/publishers.ts";
import type { Schema } from "./schema.ts";

/** Expired uses are of no use: the tokens are refused anyway. */
const expiredUsesSweepMs = 60_000;

const DONE: RegistryChange = { ok: true };
const refused = (reason: string): RegistryChange => ({ ok: false, reason });
const unknown = (name: string) => refused(`no publisher "${name}" is registered`);

/** @param nowMs the system's clock */
export function createPublisherRegistry(database: Kysely<Schema>, nowMs: () => number): PublisherRegistry {
  let sweptAtMs = Number.NEGATIVE_INFINITY;

  const rowOf = (name: string, db = database) =>
    db.selectFrom("publisher").selectAll().where("name", "=", name).executeTakeFirst();

  async function keysOf(name: string, db = database): Promise<PublisherKey[]> {
    const query = db.selectFrom("publisher_key").selectAll().where("publisher", "=", name);
    const rows = await query.orderBy("added_at_ms").orderBy("id").execute();
    return rows.map(({ id, public_key, added_at_ms }) => ({
      id,
      publicKey: public_key,
      addedAtMs: Number(added_at_ms),
    }));
  }

  async function whole(row: { name: string; id: Buffer } | undefined): Promise<Publisher | null> {
    if (row === undefined) return null;
    const { name, id } = row;
    const query = database.selectFrom("publisher_origin").select("origin").where("publisher", "=", name);
    const origins = await query.orderBy("origin").execute();
    return {
      name,
      id: new Uint8Array(id),
      keys: await keysOf(name),
      origins: origins.map(({ origin }) => origin),
    };
  }

  async function sweepUses(): Promise<void> {
    if (nowMs() - sweptAtMs < expiredUsesSweepMs) return;
    sweptAtMs = nowMs();
    await database
      .deleteFrom("token_use")
      .where("expires_at_ms", "<", BigInt(Math.floor(nowMs())))
      .execute();
  }

  const keyRow = (publisher: string, { id, publicKey, addedAtMs }: PublisherKey) => ({
    publisher,
    id,
    public_key: publicKey,
    added_at_ms: BigInt(Math.floor(addedAtMs)),
  });
  const originRows = (publisher: string, origins: readonly string[]) =>
    [...new Set(origins)].map((origin) => ({ publisher, origin }));

  return {
    byName: async (name) => whole(await rowOf(name)),
    async byId(id) {
      const query = database.selectFrom("publisher").selectAll().where("id", "=", Buffer.from(id));
      return whole(await query.executeTakeFirst());
    },
    async bindToken({ publisher, tokenId, keyThumbprint, expiresAtMs }) {
      await sweepUses();
      const use = {
        publisher,
        token_id: tokenId,
        key_thumbprint: keyThumbprint,
        expires_at_ms: BigInt(Math.floor(expiresAtMs)),
      };
      await database
        .insertInto("token_use")
        .values(use)
        .onConflict((conflict) => conflict.columns(["publisher", "token_id"]).doNothing())
        .execute();
      const query = database.selectFrom("token_use").select("key_thumbprint");
      const first = await query
        .where("publisher", "=", publisher)
        .where("token_id", "=", tokenId)
        .executeTakeFirst();
      return first?.key_thumbprint === keyThumbprint;
    },
    async list() {
      const rows = await database.selectFrom("publisher").selectAll().orderBy("name").execute();
      return (await Promise.all(rows.map(whole))).filter((publisher) => publisher !== null);
    },
    add: ({ name, id, keys, origins }) =>
      database.transaction().execute(async (db) => {
        if ((await rowOf(name, db)) !== undefined)
          return refused(`publisher "${name}" is registered already`);
        await db
          .insertInto("publisher")
          .values({ name, id: Buffer.from(id), created_at_ms: BigInt(Math.floor(nowMs())) })
          .execute();
        await db
          .insertInto("publisher_key")
          .values(keys.map((key) => keyRow(name, key)))
          .execute();
        if (origins.length > 0)
          await db.insertInto("publisher_origin").values(originRows(name, origins)).execute();
        return DONE;
      }),
    async remove(name) {
      const { numDeletedRows } = await database
        .deleteFrom("publisher")
        .where("name", "=", name)
        .executeTakeFirst();
      return numDeletedRows === 0n ? unknown(name) : DONE;
    },
    addKey: (name, key) =>
      database.transaction().execute(async (db) => {
        if ((await rowOf(name, db)) === undefined) return unknown(name);
        const keys = await keysOf(name, db);
        if (keys.some(({ id }) => id === key.id)) return refused(`publisher "${name}" has this key already`);
        if (keys.length >= publisherKeysMax)
          return refused(`publisher "${name}" has ${publisherKeysMax} keys; remove one first`);
        await db.insertInto("publisher_key").values(keyRow(name, key)).execute();
        return DONE;
      }),
    removeKey: (name, keyId) =>
      database.transaction().execute(async (db) => {
        if ((await rowOf(name, db)) === undefined) return unknown(name);
        const keys = await keysOf(name, db);
        if (!keys.some(({ id }) => id === keyId)) return refused(`publisher "${name}" has no key "${keyId}"`);
        if (keys.length === 1)
          return refused(`"${keyId}" is the last key of "${name}"; remove the publisher instead`);
        await db.deleteFrom("publisher_key").where("publisher", "=", name).where("id", "=", keyId).execute();
        return DONE;
      }),
    setOrigins: (name, origins) =>
      database.transaction().execute(async (db) => {
        if ((await rowOf(name, db)) === undefined) return unknown(name);
        await db.deleteFrom("publisher_origin").where("publisher", "=", name).execute();
        if (origins.length > 0)
          await db.insertInto("publisher_origin").values(originRows(name, origins)).execute();
        return DONE;
      }),
  };
}
