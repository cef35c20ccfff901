import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  accumulate,
  type Claim,
  delegationMessage,
  delegationOfferPreimage,
  EMPTY_ACC,
  type Grant,
  grantMessage,
  receiptMessage,
  type StatementEntry,
  statementMessage,
} from "@tributary/protocol";
import { parsePayoutProof } from "@tributary/protocol/log";
import { rawPublicKeyOf } from "./adapters/crypto/ed25519.ts";
import { sha256 } from "./adapters/database/sha256.ts";
import { startTracker, type Tracker } from "./index.ts";
import { joinMessage } from "./testing/core-rig.ts";
import { connectTracker, type TrackerClient } from "./testing/tracker-client.ts";

const OPEN_PUBLISHER = new Uint8Array(16);
const BYTES = 2_000_000;
const segment = { track: 1, sequence: 1, part: -1, fingerprint: 1 };
const root = new Uint8Array(32).fill(3);
const links = [{ segment, bytes: BYTES }];

let dataDir: string;
let tracker: Tracker;
const clients: TrackerClient[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "tributary-tracker-"));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await tracker.close();
  rmSync(dataDir, { recursive: true });
});

/** Short epochs, which take statements for as long again. */
async function start(): Promise<Tracker> {
  tracker = await startTracker({
    dataDir,
    open: true,
    verifier: false,
    allowSameNetwork: true,
    epochSeconds: 3,
    settleAfterSeconds: 3,
    broken: (error) => {
      throw error;
    },
  });
  return tracker;
}

async function connect(): Promise<TrackerClient> {
  const client = await connectTracker(tracker.url);
  clients.push(client);
  return client;
}

async function state(client: TrackerClient, epoch: number, entries: StatementEntry[]): Promise<void> {
  const value = {
    sessionKey: client.sessionKey,
    epoch,
    seq: 1,
    timestampMs: Date.now(),
    cdnBytes: 0,
    entries,
  };
  const bytes = statementMessage.seal(value, client.sign(statementMessage.preimage(value)));
  client.send({ type: "statement", bytes });
  expect((await client.next("ack")).of).toBe(1);
}

/** What `account` signs so that it is credited for what a client serves. */
function delegationOf(client: TrackerClient, account: ReturnType<typeof generateKeyPairSync>): Uint8Array {
  const offer = {
    account: rawPublicKeyOf(account.publicKey as never),
    sessionKey: client.sessionKey,
    publisher: OPEN_PUBLISHER,
    expiryMs: Date.now() + 60_000,
    serial: 1,
  };
  const accountSignature = new Uint8Array(
    sign(null, delegationOfferPreimage(offer), account.privateKey as never),
  );
  const value = { ...offer, accountSignature };
  return delegationMessage.seal(value, client.sign(delegationMessage.preimage(value)));
}

function grantFrom(grants: readonly Uint8Array[], uploader: TrackerClient): Grant {
  const key = Buffer.from(uploader.sessionKey);
  const found = grants
    .map((bytes) => grantMessage.parse(bytes))
    .find((g) => g.ok && key.equals(g.value.uploaderKey));
  if (!found?.ok) throw new Error("no grant");
  return found.value;
}

it("pays a viewer for what another got from it, and proves it", async () => {
  const { ledger } = await start();
  const account = generateKeyPairSync("ed25519");
  const [viewer, server] = [await connect(), await connect()];
  await viewer.enter("film");
  await server.hello({ delegation: delegationOf(server, account) });
  await server.next("welcome");
  const { swarm } = await enterAdmitted(server);
  const { grants } = await viewer.next("peers");
  const grant = grantFrom(grants, server);
  await ledger!.record({ roots: [{ swarm, segment, root, sizeBytes: BYTES }] });

  const claim: Claim = {
    grantId: grant.grantId,
    seq: 1,
    bytes: BYTES,
    segments: 1,
    acc: accumulate(sha256, EMPTY_ACC, segment, root, BYTES),
  };
  const receipt = { ...claim, timestampMs: Date.now(), links };
  const sealed = receiptMessage.seal(receipt, viewer.sign(receiptMessage.preimage(receipt)));
  await state(viewer, grant.epoch, [{ ...claim, role: "downloader", links, receipt: null }]);
  await state(server, grant.epoch, [{ ...claim, role: "uploader", links, receipt: sealed }]);

  const earner = rawPublicKeyOf(account.publicKey);
  await expect.poll(() => ledger!.earningsOf(earner), { timeout: 18_000, interval: 200 }).toHaveLength(1);
  expect(await ledger!.earningsOf(earner)).toEqual([
    { epoch: grant.epoch, publisher: OPEN_PUBLISHER, bytes: BigInt(BYTES), paid: 7n, state: "pending" },
  ]);
  const proof = parsePayoutProof((await ledger!.proofOf(earner, OPEN_PUBLISHER, grant.epoch))!);
  expect(proof.ok).toBe(true);
  expect((await ledger!.spendingOf(OPEN_PUBLISHER)).charges.map(({ amount }) => amount)).toEqual([10n]);
});

async function enterAdmitted(client: TrackerClient) {
  client.send(joinMessage("film", {}));
  return client.next("swarm");
}
