import { generateKeyPairSync } from "node:crypto";
import {
  accumulate,
  type Claim,
  EMPTY_ACC,
  encodeHex,
  type Grant,
  grantMessage,
  receiptMessage,
  type SegmentRoot,
  type StatementEntry,
  statementMessage,
} from "@tributary/protocol";
import { rawPublicKeyOf } from "../adapters/crypto/ed25519.ts";
import { sha256 } from "../adapters/database/sha256.ts";
import { joinMessage } from "./core-rig.ts";
import { delegationOf } from "./delegation.ts";
import { connectTracker, type TrackerClient } from "./tracker-client.ts";

/** Many viewers of one person: each has keys and an address of its own, and all earn for one account. */
export interface Sybils {
  /** Ed25519 public key. */
  readonly account: Uint8Array;
  readonly clients: readonly TrackerClient[];
}

/** One for each address, admitted but not in any swarm yet. The tracker has to trust its proxy. */
export async function admitSybils(url: string, addresses: readonly string[]): Promise<Sybils> {
  const account = generateKeyPairSync("ed25519");
  const clients = await Promise.all(
    addresses.map(async (address) => {
      const client = await connectTracker(url, { "x-forwarded-for": address });
      await client.hello({ delegation: delegationOf(client, account) });
      await client.next("welcome");
      return client;
    }),
  );
  return { account: rawPublicKeyOf(account.publicKey), clients };
}

/** One after the other, so that each finds those before it. */
export async function joinAll(
  { clients }: Pick<Sybils, "clients">,
  contentId: string,
  origins: readonly string[],
): Promise<void> {
  for (const client of clients) {
    client.send(joinMessage(contentId, { wantedPeers: 4, origins }));
    await client.next("swarm");
  }
}

/** What a client was told so far; it stays in the inbox. */
export function grantsOf({ inbox }: TrackerClient): readonly Grant[] {
  return inbox.flatMap((message) => {
    if (message.type !== "peers") return [];
    return message.grants.map((bytes) => {
      const parsed = grantMessage.parse(bytes);
      if (!parsed.ok) throw new Error(`a grant that cannot be read: ${parsed.reason}`);
      return parsed.value;
    });
  });
}

export interface Pretence {
  readonly epoch: number;
  /** What each is said to have got, whole. */
  readonly content: SegmentRoot;
  /** Which of them uploads. Default: everybody to everybody. */
  readonly uploader?: TrackerClient;
  /** What the uploader states of the CDN. Default 0. */
  readonly cdnBytes?: number;
}

/**
 * All of them state with perfect signatures that the content went over each grant that they have among themselves.
 * Not a byte did. Resolves when the tracker has acknowledged every statement.
 */
export async function pretend({ clients }: Sybils, pretence: Pretence): Promise<void> {
  const byKey = new Map(clients.map((client) => [encodeHex(client.sessionKey), client]));
  const grants = new Map(
    clients
      .flatMap(grantsOf)
      .filter(({ epoch }) => epoch === pretence.epoch)
      .map((grant) => [encodeHex(grant.grantId), grant]),
  );
  const entries = new Map<TrackerClient, StatementEntry[]>();
  for (const grant of [...grants.values()].sort((a, b) => Buffer.compare(a.grantId, b.grantId))) {
    const uploader = byKey.get(encodeHex(grant.uploaderKey));
    const downloader = byKey.get(encodeHex(grant.downloaderKey));
    if (uploader === undefined || downloader === undefined) continue;
    if (pretence.uploader !== undefined && uploader !== pretence.uploader) continue;
    const [given, taken] = transferOf(grant, downloader, pretence.content);
    entries.set(uploader, [...(entries.get(uploader) ?? []), given]);
    entries.set(downloader, [...(entries.get(downloader) ?? []), taken]);
  }
  await Promise.all(
    [...entries].map(([client, all]) =>
      state(client, pretence.epoch, all, client === pretence.uploader ? (pretence.cdnBytes ?? 0) : 0),
    ),
  );
}

/** What the two sides of a grant say of one segment. */
function transferOf(
  { grantId }: Grant,
  downloader: TrackerClient,
  { segment, root, sizeBytes }: SegmentRoot,
): readonly [given: StatementEntry, taken: StatementEntry] {
  const links = [{ segment, bytes: sizeBytes }];
  const acc = accumulate(sha256, EMPTY_ACC, segment, root, sizeBytes);
  const claim: Claim = { grantId, seq: 1, bytes: sizeBytes, segments: 1, acc };
  const receipt = { ...claim, timestampMs: Date.now(), links };
  const sealed = receiptMessage.seal(receipt, downloader.sign(receiptMessage.preimage(receipt)));
  return [
    { ...claim, role: "uploader", links, receipt: sealed },
    { ...claim, role: "downloader", links, receipt: null },
  ];
}

async function state(
  client: TrackerClient,
  epoch: number,
  entries: readonly StatementEntry[],
  cdnBytes: number,
): Promise<void> {
  const { sessionKey } = client;
  const value = { sessionKey, epoch, seq: 1, timestampMs: Date.now(), cdnBytes, entries };
  const bytes = statementMessage.seal(value, client.sign(statementMessage.preimage(value)));
  client.send({ type: "statement", bytes });
  const refusal = client.next("error").then(({ message }) => {
    throw new Error(message);
  });
  await Promise.race([client.next("ack"), refusal]);
}
