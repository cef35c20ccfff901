import type { Transaction } from "kysely";
import {
  amountBytes,
  concatenated,
  HASH_BYTES,
  sumLeaf,
  type SumNode,
  sumPath,
  sumTree,
} from "@tributary/protocol/log";
import type { Database } from "./open-database.ts";
import type { Schema } from "./schema.ts";
import { hashed } from "./sha256.ts";
import type { PayoutTable } from "./tables/settlement.ts";

type Queries = Database | Transaction<Schema>;

/**
 * Leaves below each node that is kept, a power of two, so that each is a node of the tree. A proof hashes these leaves
 * and the nodes that are kept: for 10,000 payouts, 128 and 79.
 */
const LEAVES_PER_NODE = 128;
const NODE_BYTES = HASH_BYTES + amountBytes(0n).length;

export interface PayoutLeaf {
  readonly row: PayoutTable;
  readonly node: SumNode;
}

/** Leaves of an epoch's payouts tree, in order: all of them, or `count` from the one numbered `from` on. */
export async function readLeaves(
  queries: Queries,
  epoch: bigint,
  from = 0,
  count = Number.MAX_SAFE_INTEGER - from,
): Promise<PayoutLeaf[]> {
  const rows = await queries
    .selectFrom("payout")
    .selectAll()
    .where("epoch", "=", epoch)
    .where("leaf", ">=", BigInt(from))
    .where("leaf", "<", BigInt(from + count))
    .orderBy("leaf")
    .execute();
  return rows.map((row) => ({ row, node: hashed(sumLeaf(row.salt, row.record, row.paid)) }));
}

/** What a proof says of a payout, apart from its place in the log. */
export interface ProvedPayout {
  readonly record: Uint8Array;
  readonly salt: Uint8Array;
  /** Its siblings, from the leaf up. */
  readonly path: readonly SumNode[];
}

/** @param leaf the number of a payout that there is */
export async function provePayout(database: Database, epoch: bigint, leaf: number): Promise<ProvedPayout> {
  const nodes = (await keptNodes(database, epoch)) ?? (await keepPayoutTree(database, epoch));
  const place = leaf % LEAVES_PER_NODE;
  const leaves = await readLeaves(database, epoch, leaf - place, LEAVES_PER_NODE);
  const { record, salt } = leaves[place]!.row;
  const below = hashed(
    sumPath(
      leaves.map(({ node }) => node),
      place,
    ),
  );
  return { record, salt, path: [...below, ...hashed(sumPath(nodes, Math.floor(leaf / LEAVES_PER_NODE)))] };
}

/** Computes and keeps what all proofs of a settled epoch share, once for all who ask at the same time. */
export function keepPayoutTree(database: Database, epoch: bigint): Promise<SumNode[]> {
  return database.transaction().execute(async (transaction) => {
    const kept = await keptNodes(transaction, epoch);
    if (kept !== null) return kept;
    const nodes = nodesOver(await readLeaves(transaction, epoch));
    await transaction
      .insertInto("payout_tree")
      .values({ epoch, nodes: encodeNodes(nodes) })
      // On PostgreSQL somebody else may have come first, with the same.
      .onConflict((conflict) => conflict.column("epoch").doNothing())
      .execute();
    return nodes;
  });
}

/** Whether something else is kept of an epoch's tree than its leaves make. */
export async function keptNodesDiffer(
  database: Database,
  epoch: bigint,
  leaves: readonly PayoutLeaf[],
): Promise<boolean> {
  const kept = await keptNodes(database, epoch);
  return kept !== null && !encodeNodes(kept).equals(encodeNodes(nodesOver(leaves)));
}

function nodesOver(leaves: readonly PayoutLeaf[]): SumNode[] {
  const nodes: SumNode[] = [];
  for (let at = 0; at < leaves.length; at += LEAVES_PER_NODE)
    nodes.push(hashed(sumTree(leaves.slice(at, at + LEAVES_PER_NODE).map(({ node }) => node))));
  return nodes;
}

/** Null: nobody has computed them yet. */
async function keptNodes(queries: Queries, epoch: bigint): Promise<SumNode[] | null> {
  const row = await queries
    .selectFrom("payout_tree")
    .select("nodes")
    .where("epoch", "=", epoch)
    .executeTakeFirst();
  if (row === undefined) return null;
  return Array.from({ length: row.nodes.length / NODE_BYTES }, (_, node) => {
    const at = node * NODE_BYTES;
    return {
      hash: new Uint8Array(row.nodes.subarray(at, at + HASH_BYTES)),
      sum: row.nodes.readBigUInt64BE(at + HASH_BYTES),
    };
  });
}

const encodeNodes = (nodes: readonly SumNode[]) =>
  Buffer.from(concatenated(...nodes.flatMap(({ hash, sum }) => [hash, amountBytes(sum)])));
