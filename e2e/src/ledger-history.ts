import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  accumulate,
  EMPTY_ACC,
  type Grant,
  type Link,
  receiptMessage,
  type StatementEntry,
  statementMessage,
} from "@tributary/protocol";
import { startTracker, type Tracker, type TrackerOptions } from "@tributary/tracker";

const EPOCH_S = 600;
const EPOCH_MS = EPOCH_S * 1_000;
const DAY_S = 86_400;
const SEGMENT_BYTES = 6_000_000;
/** The ledger takes signatures as checked: the tracker checks them before. */
const UNSIGNED = new Uint8Array(64);
const OPEN_PUBLISHER = new Uint8Array(16);

export interface History {
  readonly tracker: Tracker;
  readonly dataDir: string;
  /** Ed25519 public key, 32 bytes. */
  readonly account: Uint8Array;
  /** `http://…` of the tracker. */
  readonly url: string;
  close(): Promise<void>;
}

export interface HistoryOptions {
  /** Segments that the account served in each of the last epochs, the oldest first; 0: nothing. */
  readonly served: readonly number[];
  /** Epochs that rewards are pending. */
  readonly escrowEpochs: number;
  /** Default: one that nobody holds the key of. */
  readonly account?: Uint8Array;
}

const base: TrackerOptions = { dataDir: null, open: true, allowSameNetwork: true, epochSeconds: EPOCH_S };
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());

/** A tracker whose ledger has settled some epochs, in which one account served others. */
export async function startWithHistory({
  served,
  escrowEpochs,
  account = new Uint8Array(randomBytes(32)),
}: HistoryOptions): Promise<History> {
  const dataDir = mkdtempSync(join(tmpdir(), "history-"));
  const options = { ...base, dataDir, escrowSeconds: escrowEpochs * EPOCH_S };
  // This one settles nothing by itself, so that every epoch is there whole when it is told to.
  const past = await startTracker({ ...options, settleAfterSeconds: DAY_S });
  const now = Math.floor(Date.now() / EPOCH_MS);
  for (const [at, segments] of served.entries())
    if (segments > 0) await recordEpoch(past, now - served.length + at, segments, account);
  await past.ledger!.settleDue(Date.now() + DAY_S * 1_000);
  await past.close();
  const tracker = await startTracker(options);
  return {
    tracker,
    dataDir,
    account,
    url: `http://127.0.0.1:${tracker.port}`,
    async close() {
      await tracker.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

/** One viewer took so many segments from a session of the account, and both said so. */
async function recordEpoch(tracker: Tracker, epoch: number, segments: number, account: Uint8Array) {
  const ledger = tracker.ledger!;
  const swarm = sha256(Buffer.from("a film"));
  const key = () => new Uint8Array(randomBytes(32));
  const grant: Grant = {
    trackerKeyId: new Uint8Array(8),
    grantId: new Uint8Array(randomBytes(16)),
    epoch,
    publisher: OPEN_PUBLISHER,
    swarm,
    uploaderKey: key(),
    downloaderKey: key(),
    notBeforeMs: epoch * EPOCH_MS,
    expiryMs: (epoch + 1) * EPOCH_MS,
    maxBytes: 2 ** 40,
    payClass: "paid",
  };
  const links: Link[] = Array.from({ length: segments }, (_, at) => ({
    segment: { track: 1, sequence: epoch * 1_000 + at, part: -1, fingerprint: 1 },
    bytes: SEGMENT_BYTES,
  }));
  const rootOf = ({ segment }: Link) => sha256(Buffer.from(`root ${segment.sequence}`));
  const acc = links.reduce(
    (before, link) => accumulate(sha256, before, link.segment, rootOf(link), link.bytes),
    EMPTY_ACC,
  );
  const claim = { grantId: grant.grantId, seq: segments, bytes: segments * SEGMENT_BYTES, segments, acc };
  const timestampMs = grant.notBeforeMs;
  const receipt = receiptMessage.seal({ ...claim, timestampMs, links: links.slice(-1) }, UNSIGNED);
  const statement = (role: StatementEntry["role"]) =>
    statementMessage.seal(
      {
        sessionKey: role === "uploader" ? grant.uploaderKey : grant.downloaderKey,
        epoch,
        seq: 1,
        timestampMs,
        cdnBytes: 0,
        entries: [{ ...claim, role, links, receipt: role === "uploader" ? receipt : null }],
      },
      UNSIGNED,
    );
  const watching = { epoch, watchMs: EPOCH_MS };
  await ledger.takeLease({
    id: `lease/${epoch}/history`,
    publisher: OPEN_PUBLISHER,
    amount: 20_000n,
    epoch,
  });
  await ledger.record({
    grants: [grant],
    statements: [
      { sealed: statement("uploader"), account },
      { sealed: statement("downloader"), account: null },
    ],
    roots: links.map((link) => ({
      swarm,
      segment: link.segment,
      root: rootOf(link),
      sizeBytes: SEGMENT_BYTES,
    })),
    swarms: [{ ...watching, swarm, bitrateBps: 25_000_000, prefixes: 2 }],
    sessions: [grant.uploaderKey, grant.downloaderKey].map((of) => ({ ...watching, key: of, dutyBytes: 0 })),
  });
}
