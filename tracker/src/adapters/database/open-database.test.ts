import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { MIGRATIONS } from "./migrations/index.ts";
import { databaseKindOf, openDatabase } from "./open-database.ts";
import { everyDatabase } from "./testing/databases.ts";

const databases = await everyDatabase();
afterAll(async () => {
  for (const { close } of databases) await close();
});

const treasury = {
  id: "treasury",
  kind: "treasury",
  owner_key: null,
  debits_pending: 0n,
  debits_posted: 0n,
  credits_pending: 0n,
  credits_posted: 0n,
} as const;

describe.each(databases)("a database on $kind", ({ create }) => {
  it("keeps what was written when it is opened again", async () => {
    const location = await create();
    const first = await openDatabase(location);
    await first.insertInto("account").values(treasury).execute();
    await first.destroy();
    const second = await openDatabase(location);
    expect(await second.selectFrom("account").selectAll().execute()).toEqual([treasury]);
    await second.destroy();
  });

  it("hands integers beyond 2^53 and bytes back as they were", async () => {
    const database = await openDatabase(await create());
    const row = {
      ...treasury,
      owner_key: Buffer.from([0, 1, 254, 255]),
      credits_pending: 2n ** 63n - 1n,
      debits_posted: 2n ** 53n + 1n,
    };
    await database.insertInto("account").values(row).execute();
    expect(await database.selectFrom("account").selectAll().execute()).toEqual([row]);
    const { total } = await database
      .selectFrom("account")
      .select(sql<bigint>`cast(sum(debits_posted) as bigint)`.as("total"))
      .executeTakeFirstOrThrow();
    expect(total).toBe(2n ** 53n + 1n);
    await database.destroy();
  });

  it("is brought up to date once by processes that open it together", async () => {
    const location = await create();
    const script = fileURLToPath(new URL("./testing/open-once.ts", import.meta.url));
    const exits = Array.from({ length: 3 }, async () => {
      const child = spawn(process.execPath, ["--import", "tsx", script, location], { stdio: "inherit" });
      return (await once(child, "exit"))[0] as number;
    });
    expect(await Promise.all(exits)).toEqual([0, 0, 0]);
    const database = await openDatabase(location);
    const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(
      database,
    );
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(MIGRATIONS));
    await database.destroy();
  });

  it("refuses tables that a newer version made", async () => {
    const location = await create();
    const database = await openDatabase(location);
    await sql`insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', 'then')`.execute(
      database,
    );
    await database.destroy();
    await expect(openDatabase(location)).rejects.toThrow(/9999-of-tomorrow/);
  });

  it.each([
    ["an account of an unknown kind", { ...treasury, kind: "bank" as "treasury" }],
    ["a publisher that owes", { ...treasury, kind: "publisher" as const, debits_pending: 1n }],
  ])("refuses %s", async (_, row) => {
    const database = await openDatabase(await create());
    await expect(database.insertInto("account").values(row).execute()).rejects.toThrow(/check|CHECK/);
    await database.destroy();
  });
});

it.each(databases.flatMap(({ server, create }) => (server === null ? [] : [{ server, create }])))(
  "a connection to PostgreSQL that is cut fails its transaction, and nothing else",
  async ({ server, create }) => {
    const location = await create();
    const database = await openDatabase(location);
    const transaction = database.transaction().execute(async (open) => {
      await open.insertInto("account").values(treasury).execute();
      await server.cutConnections(location);
      await open.selectFrom("account").selectAll().execute();
    });
    await expect(transaction).rejects.toThrow(/terminat|not queryable/);
    expect(await database.selectFrom("account").selectAll().execute()).toEqual([]);
    await database.destroy();
  },
);

describe("opening", () => {
  it("takes what looks like a PostgreSQL URL for one", () => {
    expect(databaseKindOf("postgres://localhost/x")).toBe("postgres");
    expect(databaseKindOf("postgresql://localhost/x")).toBe("postgres");
    expect(databaseKindOf("./data/tributary.sqlite")).toBe("sqlite");
  });

  it("names the file that is no database", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tributary-sqlite-"));
    const path = join(folder, "notes.txt");
    writeFileSync(path, "this is no database, however long it may be: ".repeat(100));
    await expect(openDatabase(path)).rejects.toThrow(path);
    rmSync(folder, { recursive: true });
  });

  it("says what is wrong with a server that does not answer", async () => {
    await expect(openDatabase("postgres://nobody@127.0.0.1:1/none")).rejects.toThrow(/ECONNREFUSED/);
  });
});
