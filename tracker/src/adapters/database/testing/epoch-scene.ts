import {
  encodeHex,
  type Grant,
  type Link,
  receiptMessage,
  type StatementEntry,
  statementMessage,
} from "@tributary/protocol";
import { DEFAULT_PARAMETERS } from "../../../ledger/settlement/parameters.ts";
import {
  bytesOf,
  entryOf,
  grantOf,
  linksOf,
  SEGMENT_BYTES,
  sequence,
} from "../../../ledger/testing/scene.ts";
import type { Database } from "../open-database.ts";
import { deposit, takeLease } from "../leases.ts";
import type { EpochToSettle } from "../settlement-input.ts";
import { type LedgerBatch, recordBatch, type StatementGiven } from "../settlement-inputs.ts";

const EPOCH_MS = 60_000;
/** Of a message whose signature nobody here checks. */
const UNSIGNED = new Uint8Array(64);

export const PUBLISHER = bytesOf("publisher", 16);

export function settlingOf(epoch: number): EpochToSettle {
  return {
    epoch,
    opensMs: epoch * EPOCH_MS,
    closesMs: (epoch + 1) * EPOCH_MS,
    postedAtMs: (epoch + 1) * EPOCH_MS,
    parameters: { ...DEFAULT_PARAMETERS, prefixesMin: 1, escrowMs: 2 * EPOCH_MS },
    secret: bytesOf("secret"),
  };
}

const accountOfKey = (sessionKey: Uint8Array) => bytesOf(`account ${encodeHex(sessionKey)}`);

/** Who is credited for what a viewer of this name serves. */
export const accountOf = (name: string) => accountOfKey(bytesOf(name));

/** A statement of one side about one grant, with the sealed receipt where it is the uploader's. */
export function statementOf(
  grant: Grant,
  role: StatementEntry["role"],
  links: readonly Link[],
  fields: { seq?: number; receiptSeq?: number; cdnBytes?: number } = {},
): StatementGiven {
  const { seq = grant.epoch, receiptSeq = links.length, cdnBytes = 0 } = fields;
  const entry = entryOf(grant, role, links, receiptSeq);
  const claim = { ...entry, timestampMs: grant.notBeforeMs };
  const receipt = role === "uploader" ? receiptMessage.seal(claim, UNSIGNED) : null;
  const sessionKey = role === "uploader" ? grant.uploaderKey : grant.downloaderKey;
  const statement = { sessionKey, epoch: grant.epoch, seq, timestampMs: grant.notBeforeMs, cdnBytes };
  const sealed = statementMessage.seal({ ...statement, entries: [{ ...entry, receipt }] }, UNSIGNED);
  return { sealed, account: role === "uploader" ? accountOfKey(sessionKey) : null };
}

/** A batch in which alice serves bob, and carol serves dave, some segments in an epoch. */
export function batchOf(epoch: number): LedgerBatch {
  const grants = [
    grantOf(`a ${epoch}`, { epoch, publisher: PUBLISHER }),
    grantOf(`b ${epoch}`, { epoch, publisher: PUBLISHER, from: "carol", to: "dave" }),
  ];
  const links = linksOf(sequence(10 * epoch, 10 * epoch + 5));
  const swarm = bytesOf("swarm");
  return {
    grants,
    statements: grants.flatMap((grant) => [
      statementOf(grant, "uploader", links),
      statementOf(grant, "downloader", links),
    ]),
    roots: links.map(({ segment }) => ({
      swarm,
      segment,
      root: bytesOf(`root ${segment.sequence}`),
      sizeBytes: SEGMENT_BYTES,
    })),
    swarms: [{ swarm, epoch, bitrateBps: 16_000_000, watchMs: 4 * EPOCH_MS, prefixes: 4 }],
    sessions: ["alice", "bob", "carol", "dave"].map((name) => ({
      key: bytesOf(name),
      epoch,
      watchMs: (epoch + 1) * EPOCH_MS,
      dutyBytes: 0,
    })),
    egress: [{ publisher: PUBLISHER, swarm, epoch, bytes: 1_000 }],
  };
}

/** A publisher with money, of which some is set aside for each epoch. */
export async function fund(database: Database, epochs: readonly number[]): Promise<void> {
  await deposit(database, { id: "deposit/1", publisher: PUBLISHER, amount: 10_000n, epoch: epochs[0] ?? 1 });
  for (const epoch of epochs)
    await takeLease(database, { id: `lease/${epoch}`, publisher: PUBLISHER, amount: 500n, epoch });
}

export async function recordEpoch(database: Database, epoch: number): Promise<void> {
  await recordBatch(database, batchOf(epoch));
}
