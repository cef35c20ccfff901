import { generateKeyPairSync, sign, verify, createPublicKey } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import {
  delegationMessage,
  delegationOfferPreimage,
  EMPTY_ACC,
  type Grant,
  grantMessage,
  receiptMessage,
  type StatementEntry,
  statementMessage,
} from "@tributary/protocol";
import { rawPublicKeyOf } from "./adapters/crypto/ed25519.ts";
import { startTracker, type Tracker } from "./index.ts";
import { createMemoryStatements } from "./testing/memory-statements.ts";
import { SOCKET_KINDS } from "./testing/socket-kinds.ts";
import { connectTracker, type TrackerClient } from "./testing/tracker-client.ts";

const EPOCH_SECONDS = 3_600;
const epochNow = () => Math.floor(Date.now() / 1000 / EPOCH_SECONDS);

let tracker: Tracker;
const clients: TrackerClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await tracker.close();
});

async function start(sockets: "uws" | "ws") {
  const { store, statements } = createMemoryStatements();
  tracker = await startTracker({
    dataDir: null,
    open: true,
    sockets,
    verifier: false,
    epochSeconds: EPOCH_SECONDS,
    allowSameNetwork: true,
    statements: store,
  });
  return statements;
}

async function connect(): Promise<TrackerClient> {
  const client = await connectTracker(tracker.url);
  clients.push(client);
  return client;
}

/** Two viewers, and the grant for what the second gives the first. */
async function enterTwo() {
  const one = await connect();
  const other = await connect();
  await one.enter("film");
  await other.enter("film");
  const { grants } = await one.next("peers");
  const parsed = grants.map((bytes) => grantMessage.parse(bytes));
  const found = parsed.find(
    (grant) => grant.ok && grant.value.uploaderKey.every((byte, at) => byte === other.sessionKey[at]),
  );
  if (!found?.ok) throw new Error("no grant from the second to the first");
  return { one, other, grant: found.value, parsed: found };
}

const post = (body: Uint8Array) =>
  fetch(`http://127.0.0.1:${tracker.port}/statement`, { method: "POST", body: Buffer.from(body) });

function claimOn(grant: Grant) {
  return { grantId: grant.grantId, seq: 1, bytes: 5, segments: 1, acc: EMPTY_ACC };
}

function statementBy(
  client: TrackerClient,
  epoch: number,
  seq: number,
  entries: readonly StatementEntry[],
): Uint8Array {
  const value = {
    sessionKey: client.sessionKey,
    epoch,
    seq,
    timestampMs: Date.now(),
    cdnBytes: 7,
    entries,
  };
  return statementMessage.seal(value, client.sign(statementMessage.preimage(value)));
}

describe.each(SOCKET_KINDS)("over %s", (sockets) => {
  it("T4, T5 signs grants with the tracker's key, and acknowledges both sides' statements", async () => {
    const statements = await start(sockets);
    const before = epochNow();
    const { one, other, grant, parsed } = await enterTwo();
    const { trackerId } = await (await connect()).next("nonce");
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), trackerId]);
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    expect(verify(null, parsed.preimage, key, parsed.signature)).toBe(true);
    expect(grant.payClass).toBe("paid");
    expect([before, epochNow()]).toContain(grant.epoch);

    const links = [{ segment: { track: 1, sequence: 1, part: -1, fingerprint: 1 }, bytes: 5 }];
    const receipt = { ...claimOn(grant), timestampMs: Date.now(), links };
    const sealed = receiptMessage.seal(receipt, one.sign(receiptMessage.preimage(receipt)));
    const downloaded: StatementEntry = { ...claimOn(grant), role: "downloader", links, receipt: null };
    const uploaded: StatementEntry = { ...claimOn(grant), role: "uploader", links, receipt: sealed };
    const forged = receiptMessage.seal(receipt, other.sign(receiptMessage.preimage(receipt)));
    other.send({
      type: "statement",
      bytes: statementBy(other, grant.epoch, 3, [{ ...uploaded, receipt: forged }]),
    });
    expect(await other.next("error")).toMatchObject({ code: "bad-signature", fatal: false });
    one.send({ type: "statement", bytes: statementBy(one, grant.epoch, 1, [downloaded]) });
    expect((await one.next("ack")).of).toBe(1);
    const last = statementBy(other, grant.epoch, 4, [uploaded]);
    other.close();
    await other.closed;
    expect((await post(last)).status).toBe(204);
    expect(statements.map(({ statement }) => statement.entries[0])).toEqual([downloaded, uploaded]);
    expect(statements.map(({ grants }) => grants)).toEqual([[grant], [grant]]);

    const again = await post(last);
    expect([again.status, await again.text()]).toEqual([400, "replayed: statement: statement 4 after 4\n"]);
  });

  it("refuses what is not signed by the session, and reads only POST", async () => {
    const statements = await start(sockets);
    const { one, grant } = await enterTwo();
    const bytes = statementBy(one, grant.epoch, 1, []);
    bytes[bytes.length - 1]! ^= 1;
    one.send({ type: "statement", bytes });
    expect(await one.next("error")).toMatchObject({ code: "bad-signature", fatal: false });
    expect((await post(bytes)).status).toBe(400);
    expect((await post(new Uint8Array(70_000))).status).toBe(413);
    expect((await fetch(`http://127.0.0.1:${tracker.port}/statement`)).status).toBe(405);
    expect(statements).toEqual([]);
  });

  it("credits an account that delegated to the session, and says why it does not", async () => {
    const statements = await start(sockets);
    const account = generateKeyPairSync("ed25519");
    const delegate = (
      client: TrackerClient,
      expiryMs: number,
      signer = account.privateKey,
      publisher = new Uint8Array(16),
    ) => {
      const offer = {
        account: rawPublicKeyOf(account.publicKey),
        sessionKey: client.sessionKey,
        publisher,
        expiryMs,
        serial: 1,
      };
      const accountSignature = new Uint8Array(sign(null, delegationOfferPreimage(offer), signer));
      const value = { ...offer, accountSignature };
      return delegationMessage.seal(value, client.sign(delegationMessage.preimage(value)));
    };
    const soon = Date.now() + 60_000;
    const earning = await connect();
    await earning.hello({ delegation: delegate(earning, soon) });
    await earning.next("welcome");
    earning.send({ type: "statement", bytes: statementBy(earning, epochNow(), 1, []) });
    await earning.next("ack");
    expect(statements[0]?.account).toEqual(rawPublicKeyOf(account.publicKey));

    const stranger = generateKeyPairSync("ed25519").privateKey;
    const thief = await connect();
    for (const [delegation, code] of [
      [delegate(earning, soon), "wrong-key"],
      [delegate(thief, soon, stranger), "bad-signature"],
      [delegate(thief, Date.now() - 1), "clock-behind"],
      [delegate(thief, Date.now() + 25 * 3_600_000), "clock-ahead"],
      [delegate(thief, soon).slice(1), "wrong-type"],
      [delegate(thief, soon).slice(0, -1), "wrong-length"],
      [delegate(thief, soon, account.privateKey, new Uint8Array(16).fill(1)), "not-admitted"],
    ] as const) {
      const client = await connect();
      await client.hello({ delegation }, thief);
      await client.next("welcome");
      expect(await client.next("error")).toMatchObject({ code, fatal: false });
    }
  });
});
