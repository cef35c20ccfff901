import type { KeyPairKeyObjectResult } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { encodeHex, type StatementEntry, statementMessage } from "@tributary/protocol";
import { joinMessage } from "../core-rig.ts";
import { delegationOf } from "../delegation.ts";
import { grantsOf } from "../sybils.ts";
import { connectTracker, type TrackerClient } from "../tracker-client.ts";
import type { Film } from "./film.ts";
import { createTransfer, type Transfer } from "./transfer.ts";

const VIEWERS = 8;
/** Grants that one statement speaks of. */
const ENTRIES_MAX = 4;
/** A session may state a hundred times in a row. */
const PAUSE_MS = 10;

/** A statement as it was sent. */
export interface Sent {
  readonly session: string;
  readonly seq: number;
  readonly epoch: number;
  readonly sealed: Uint8Array;
}

/** Viewers of one tracker process, from its start to its end. */
export interface Load {
  readonly transfers: readonly Transfer[];
  /** What the tracker acknowledged so far. */
  readonly acknowledged: readonly Sent[];
  /** Resolves when the tracker is gone. Rejects where it refused an honest statement. */
  readonly ended: Promise<void>;
  /** Sent and neither acknowledged nor refused. */
  unanswered(): readonly Sent[];
}

export interface LoadOptions {
  readonly url: string;
  readonly film: Film;
  readonly account: KeyPairKeyObjectResult;
  readonly epochMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Resolves when the viewers have grants among them; from then on each states again and again, when the last was acknowledged. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { url, film, account, epochMs, random } = options;
  const clients = await Promise.all(Array.from({ length: VIEWERS }, () => connectTracker(url)));
  for (const client of clients) {
    await client.hello({ delegation: delegationOf(client, account) });
    await client.next("welcome");
    client.send(joinMessage(film.contentId, { wantedPeers: VIEWERS }));
    await client.next("swarm");
  }
  const byKey = new Map(clients.map((client) => [encodeHex(client.sessionKey), client]));
  const transfers = new Map<string, Transfer>();
  const acknowledged: Sent[] = [];
  const underWay = new Set<Sent>();
  let gone = false;

  function learnGrants(client: TrackerClient): void {
    for (const grant of grantsOf(client)) {
      const downloader = byKey.get(encodeHex(grant.downloaderKey));
      if (downloader === undefined || transfers.has(encodeHex(grant.grantId))) continue;
      const first = Math.floor(random() * film.segments.length);
      transfers.set(encodeHex(grant.grantId), createTransfer(grant, downloader, film, first));
    }
    const others = client.inbox.filter(({ type }) => type !== "peers");
    client.inbox.splice(0, client.inbox.length, ...others);
  }

  /** What a viewer has to say of this epoch's grants; as a downloader it always gets one more segment first. */
  function newsOf(session: string, epoch: number): { transfer: Transfer; entry: StatementEntry }[] {
    const current = [...transfers.values()].filter(
      ({ grant, uploader, downloader }) =>
        grant.epoch === epoch && (uploader === session || downloader === session),
    );
    const start = Math.floor(random() * current.length);
    const news = [...current.slice(start), ...current.slice(0, start)].flatMap((transfer) => {
      const role = transfer.downloader === session ? "downloader" : "uploader";
      if (role === "downloader") transfer.advance();
      const entry = transfer.entryOf(role);
      return entry === null ? [] : [{ transfer, entry }];
    });
    return news.slice(0, ENTRIES_MAX).sort((a, b) => Buffer.compare(a.entry.grantId, b.entry.grantId));
  }

  async function state(client: TrackerClient): Promise<void> {
    const { sessionKey } = client;
    const session = encodeHex(sessionKey);
    const refused = client.next("error").then(({ message }) => new Error(`refused: ${message}`));
    refused.catch(() => undefined);
    for (let seq = 1; !gone;) {
      learnGrants(client);
      const epoch = Math.floor(Date.now() / epochMs);
      const news = newsOf(session, epoch);
      if (news.length === 0) {
        // Until the next grants come; also to notice that the tracker is gone.
        await client.roundTrip();
        await setTimeout(PAUSE_MS);
        continue;
      }
      const entries = news.map(({ entry }) => entry);
      const value = { sessionKey, epoch, seq, timestampMs: Date.now(), cdnBytes: 0, entries };
      const sealed = statementMessage.seal(value, client.sign(statementMessage.preimage(value)));
      const sent = { session, seq, epoch, sealed };
      underWay.add(sent);
      client.send({ type: "statement", bytes: sealed });
      const answer = await Promise.race([client.next("ack"), refused]);
      if (answer instanceof Error) throw answer;
      if (answer.of !== seq) throw new Error(`statement ${seq} is acknowledged as ${answer.of}`);
      underWay.delete(sent);
      acknowledged.push(sent);
      for (const { transfer, entry } of news) transfer.acknowledge(entry.role, entry.segments);
      seq++;
      await setTimeout(PAUSE_MS);
    }
  }

  const working = clients.map((client) =>
    state(client).catch((error: Error) => {
      // A killed tracker closes its sockets in the middle of anything.
      if (!error.message.startsWith("closed")) throw error;
    }),
  );
  const ended = Promise.all(clients.map(({ closed }) => closed)).then(async () => {
    gone = true;
    await Promise.all(working);
  });
  ended.catch(() => undefined);
  return {
    get transfers() {
      return [...transfers.values()];
    },
    acknowledged,
    ended,
    unanswered: () => [...underWay],
  };
}
