import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { type Grant, type StatementEntry, statementMessage } from "@tributary/protocol";
import { bytesOf, grantOf, linksOf, sequence } from "../../ledger/testing/scene.ts";
import { openDatabase } from "./open-database.ts";
import { recordBatch, type StatementGiven } from "./settlement-inputs.ts";
import { everyDatabase } from "./testing/databases.ts";
import { fund, PUBLISHER, recordEpoch } from "./testing/epoch-scene.ts";

const databases = await everyDatabase();
afterAll(async () => {
  for (const { close } of databases) await close();
});

/** Node with what it takes to read TypeScript and to open a database leaves half of it. */
const HEAP_MB = 80;
const SESSIONS = 5;
const GRANTS_OF_EACH = 8;
const STATEMENTS_OF_EACH = 120;
/** Four of them, of eight bytes a link, fill a statement. */
const LINKS = 490;

/** What a session says, within all limits of the wire, to have more to settle than there is memory: 2 MB. */
function flood(session: number): { grants: Grant[]; statements: StatementGiven[] } {
  const to = `flooder ${session}`;
  const grants = Array.from({ length: GRANTS_OF_EACH }, (_, at) =>
    grantOf(`flood ${session} ${at}`, { to, from: `other ${session}`, publisher: PUBLISHER }),
  );
  const links = linksOf(sequence(0, LINKS), 1);
  const entryOf = ({ grantId }: Grant, seq: number): StatementEntry => ({
    role: "downloader",
    grantId,
    seq,
    bytes: LINKS * seq,
    segments: LINKS * seq,
    acc: bytesOf("no chain"),
    links,
    receipt: null,
  });
  const half = GRANTS_OF_EACH / 2;
  const statements = sequence(0, STATEMENTS_OF_EACH).map((at) => {
    const of = at % 2 === 0 ? grants.slice(0, half) : grants.slice(half);
    const entries = of
      .map((grant) => entryOf(grant, 1 + Math.floor(at / 2)))
      .sort((a, b) => Buffer.compare(a.grantId, b.grantId));
    const sessionKey = bytesOf(to);
    const statement = { sessionKey, epoch: 1, seq: 1 + at, timestampMs: 60_000, cdnBytes: 0, entries };
    return { sealed: statementMessage.seal(statement, new Uint8Array(64)), account: null };
  });
  return { grants, statements };
}

describe.each(databases)("settlement on $kind", ({ create }) => {
  it("a flood of statements ended the ledger's thread, time and again: an epoch may be larger than memory", async () => {
    const url = await create();
    const database = await openDatabase(url);
    await fund(database, [1]);
    await recordEpoch(database, 1);
    let bytes = 0;
    for (let session = 0; session < SESSIONS; session++) {
      const { grants, statements } = flood(session);
      await recordBatch(database, { grants, statements });
      bytes += statements.reduce((sum, { sealed }) => sum + sealed.length, 0);
    }
    await database.destroy();
    expect(bytes).toBeGreaterThan(9_000_000);

    const main = fileURLToPath(new URL("./testing/settle-main.ts", import.meta.url));
    const args = [`--max-old-space-size=${HEAP_MB}`, "--import", import.meta.resolve("tsx"), main, url];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    // The honest pairs of the epoch, and the flooders' grants, which wait for their other side.
    expect(JSON.parse(stdout)).toEqual({ paid: 34, settled: 2 });
  });
});
