import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import {
  consistencyNodes,
  foldProof,
  inclusionNodes,
  isConsistent,
  isIncluded,
  leafHash,
} from "@tributary/protocol/log";
import { appendEntry, proveConsistency, proveInclusion, rootAt } from "../adapters/database/log-store.ts";
import { type Database, openDatabase } from "../adapters/database/open-database.ts";
import {
  checkFence,
  FencedOff,
  releaseSettlerLock,
  takeSettlerLock,
} from "../adapters/database/settler-lock.ts";
import { everyDatabase } from "../adapters/database/testing/databases.ts";
import { type LogFiles, openLogFiles } from "../adapters/log-files/log-files.ts";
import { LogAhead, publishedSize, publishLog } from "./publish.ts";
import { testLogKey } from "./testing/log-key.ts";
import { readAsBrowser, run } from "./testing/read-as-browser.ts";

const databases = await everyDatabase();
const folder = mkdtempSync(join(tmpdir(), "tributary-log-"));
afterAll(async () => {
  for (const { close } of databases) await close();
  rmSync(folder, { recursive: true });
});

const entryOf = (index: number) => new TextEncoder().encode(`epoch ${index}`);
const logKey = testLogKey();

async function grow(database: Database, from: number, to: number): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    for (let index = from; index < to; index++) {
      const record = Buffer.from(entryOf(index));
      const n = BigInt(index);
      await transaction.insertInto("epoch").values({ n, entry: n, record, parameters: "{}" }).execute();
      await appendEntry(transaction, index, record, logKey.sign);
    }
  });
}

let opened: Database[] = [];
afterEach(async () => {
  for (const database of opened) await database.destroy();
  opened = [];
});
async function open(location: string): Promise<Database> {
  const database = await openDatabase(location);
  opened.push(database);
  return database;
}
let lastFolder = 0;
const newFolder = () => join(folder, String(++lastFolder));

describe.each(databases)("the log of a database on $kind", ({ create }) => {
  it("is proved from its published files alone", async () => {
    const database = await open(await create());
    const published = newFolder();
    const files = openLogFiles(published);
    await publishLog(database, files, logKey);
    expect(files.readCheckpoint()).toBeNull();
    let before = { size: 0, root: await rootAt(database, 0) };
    for (const size of [1, 3, 256, 300]) {
      await grow(database, before.size, size);
      await publishLog(database, files, logKey);
      const log = await readAsBrowser(published, logKey);
      expect(log.size).toBe(size);
      for (const index of [0, Math.floor(size / 2), size - 1]) {
        expect(log.entry(index)).toEqual(entryOf(index));
        const proof = run(foldProof(inclusionNodes(index, size), log.hashOf));
        expect(run(isIncluded(run(leafHash(entryOf(index))), index, size, proof, log.root))).toBe(true);
        expect(await proveInclusion(database, index, size)).toEqual(proof);
      }
      const proof = run(foldProof(consistencyNodes(before.size, size), log.hashOf));
      expect(run(isConsistent(before, log, proof))).toBe(true);
      if (before.size > 0) expect(await proveConsistency(database, before.size, size)).toEqual(proof);
      before = { size, root: log.root };
    }
  });

  it("cannot be given a second root of one size", async () => {
    const database = await open(await create());
    await grow(database, 0, 3);
    await expect(
      database.transaction().execute((transaction) => appendEntry(transaction, 2, entryOf(9), logKey.sign)),
    ).rejects.toThrow(/unique|UNIQUE/i);
  });

  it("is the same after a crash before any of its files", async () => {
    const database = await open(await create());
    await grow(database, 0, 260);
    const untouched = newFolder();
    await publishLog(database, openLogFiles(untouched), logKey);
    await grow(database, 260, 515);
    const whole = newFolder();
    copyLog(untouched, whole);
    const written: string[] = [];
    await publishLog(database, recording(openLogFiles(whole), written), logKey);
    for (let crashAt = 0; crashAt < written.length; crashAt++) {
      const published = newFolder();
      copyLog(untouched, published);
      const crashing = crashingAt(openLogFiles(published), crashAt);
      await expect(publishLog(database, crashing, logKey)).rejects.toThrow("crash");
      expect((await readAsBrowser(published, logKey)).size).toBe(260);
      await publishLog(database, openLogFiles(published), logKey);
      const log = await readAsBrowser(published, logKey);
      expect([log.size, log.entry(514)]).toEqual([515, entryOf(514)]);
    }
  });

  it("is not published from a database that is behind it", async () => {
    const [old, database] = [await open(await create()), await open(await create())];
    await grow(old, 0, 2);
    await grow(database, 0, 3);
    const files = openLogFiles(newFolder());
    await publishLog(database, files, logKey);
    await expect(publishLog(old, files, logKey)).rejects.toThrow(LogAhead);
    await expect(publishedSize(old, files, logKey)).rejects.toThrow("has 3 epochs and the database 2");
  });

  it("is not published over another past of the same size, or a foreign checkpoint", async () => {
    const [one, other] = [await open(await create()), await open(await create())];
    await grow(one, 0, 3);
    await other.transaction().execute(async (transaction) => {
      for (const index of [0, 1, 2]) await appendEntry(transaction, index, entryOf(index + 1), logKey.sign);
    });
    const published = newFolder();
    const files = openLogFiles(published);
    await publishLog(one, files, logKey);
    await expect(publishedSize(other, files, logKey)).rejects.toThrow("different histories of 3 epochs");
    await expect(publishedSize(one, files, testLogKey())).rejects.toThrow(/not signed by|is wrong/);
    writeFileSync(join(published, "checkpoint"), "rubbish");
    await expect(publishedSize(one, files, logKey)).rejects.toThrow("malformed note");
  });

  it("has one settler at a time, and fences off one that was replaced", async () => {
    const database = await open(await create());
    const first = await takeSettlerLock(database, "a", 1_000, 500);
    expect(first).not.toBeNull();
    expect(await takeSettlerLock(database, "b", 1_400, 500)).toBeNull();
    expect(await takeSettlerLock(database, "a", 1_400, 500)).toBe(first);
    expect(await takeSettlerLock(database, "b", 1_899, 500)).toBeNull();
    const second = await takeSettlerLock(database, "b", 1_900, 500);
    expect(second).not.toBe(first);
    const settleAs = (fence: bigint | null) =>
      database.transaction().execute((transaction) => checkFence(transaction, fence ?? -1n));
    await expect(settleAs(first)).rejects.toThrow(FencedOff);
    await settleAs(second);
    await releaseSettlerLock(database, "b");
    await expect(settleAs(second)).rejects.toThrow(FencedOff);
    expect(await takeSettlerLock(database, "a", 1_901, 500)).not.toBeNull();
  });
});

function recording(files: LogFiles, written: string[]): LogFiles {
  return {
    ...files,
    write(path, bytes) {
      written.push(path);
      files.write(path, bytes);
    },
    writeCheckpoint(note) {
      written.push("checkpoint");
      files.writeCheckpoint(note);
    },
  };
}

function crashingAt(files: LogFiles, crashAt: number): LogFiles {
  let count = 0;
  const orCrash = (write: () => void) => {
    if (count++ === crashAt) throw new Error("crash");
    write();
  };
  return {
    ...files,
    write: (path, bytes) => orCrash(() => files.write(path, bytes)),
    writeCheckpoint: (note) => orCrash(() => files.writeCheckpoint(note)),
  };
}

function copyLog(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
}
