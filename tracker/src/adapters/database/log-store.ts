import type { Transaction } from "kysely";
import {
  consistencyNodes,
  foldNodes,
  foldProof,
  inclusionNodes,
  leafHash,
  nodeHash,
  nodesCompletedBy,
  nodesOfRange,
  type TreeNode,
} from "@tributary/protocol/log";
import type { Database } from "./open-database.ts";
import type { Schema } from "./schema.ts";
import { hashed } from "./sha256.ts";

type Queries = Database | Transaction<Schema>;

export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
}

/** Makes and signs the note of a checkpoint. */
export type SignCheckpoint = (size: number, root: Uint8Array) => string;

const NODES_PER_STATEMENT = 1_000;

/** Hashes of complete subtrees, which never change once stored. @throws Error where one is missing */
export async function readNodes(
  queries: Queries,
  nodes: readonly TreeNode[],
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const level of new Set(nodes.map((node) => node.level))) {
    const indexes = nodes.filter((node) => node.level === level).map(({ index }) => BigInt(index));
    for (let at = 0; at < indexes.length; at += NODES_PER_STATEMENT) {
      const positions = indexes.slice(at, at + NODES_PER_STATEMENT);
      const rows = await queries
        .selectFrom("log_node")
        .select(["position", "hash"])
        .where("level", "=", BigInt(level))
        .where("position", "in", positions)
        .execute();
      for (const { position, hash } of rows) found.set(`${level}/${position}`, new Uint8Array(hash));
    }
  }
  for (const node of nodes)
    if (!found.has(keyOf(node))) throw new Error(`the log lacks its node ${keyOf(node)}`);
  return found;
}

const keyOf = ({ level, index }: TreeNode) => `${level}/${index}`;

const hashIn = (found: ReadonlyMap<string, Uint8Array>) => (node: TreeNode) =>
  found.get(keyOf(node)) ?? new Uint8Array(0);

/** The root of the log as it was at `size` entries. */
export async function rootAt(queries: Queries, size: number): Promise<Uint8Array> {
  const nodes = nodesOfRange(0, size);
  const found = await readNodes(queries, nodes);
  return hashed(foldNodes(nodes.map(hashIn(found))));
}

/** From the leaf's sibling up. */
export async function proveInclusion(queries: Queries, index: number, size: number): Promise<Uint8Array[]> {
  const path = inclusionNodes(index, size);
  return hashed(foldProof(path, hashIn(await readNodes(queries, path.flat()))));
}

export async function proveConsistency(
  queries: Queries,
  first: number,
  second: number,
): Promise<Uint8Array[]> {
  const path = consistencyNodes(first, second);
  return hashed(foldProof(path, hashIn(await readNodes(queries, path.flat()))));
}

/**
 * Appends one entry and the signed checkpoint of the log with it, in the caller's transaction: whoever reads the
 * database sees both or none.
 */
export async function appendEntry(
  transaction: Transaction<Schema>,
  index: number,
  entry: Uint8Array,
  sign: SignCheckpoint,
): Promise<StoredCheckpoint> {
  const [leaf, ...parents] = nodesCompletedBy(index);
  const siblings = parents.map(({ level, index }) => ({ level: level - 1, index: 2 * index }));
  const found = await readNodes(transaction, siblings);
  let hash = hashed(leafHash(entry));
  const rows = [{ level: BigInt(leaf!.level), position: BigInt(index), hash: Buffer.from(hash) }];
  for (const [at, parent] of parents.entries()) {
    hash = hashed(nodeHash(hashIn(found)(siblings[at]!), hash));
    rows.push({ level: BigInt(parent.level), position: BigInt(parent.index), hash: Buffer.from(hash) });
  }
  await transaction.insertInto("log_node").values(rows).execute();
  const size = index + 1;
  const root = await rootAt(transaction, size);
  const note = sign(size, root);
  await transaction
    .insertInto("checkpoint")
    .values({ size: BigInt(size), root: Buffer.from(root), note })
    .execute();
  return { size, root, note };
}

/** Null before the first epoch is settled. */
export async function latestCheckpoint(queries: Queries): Promise<StoredCheckpoint | null> {
  const row = await queries.selectFrom("checkpoint").selectAll().orderBy("size", "desc").executeTakeFirst();
  return row === undefined
    ? null
    : { size: Number(row.size), root: new Uint8Array(row.root), note: row.note };
}

/** The log's entries from `start` to `end`. */
export async function readEntries(queries: Queries, start: number, end: number): Promise<Uint8Array[]> {
  const rows = await queries
    .selectFrom("epoch")
    .select("record")
    .where("entry", ">=", BigInt(start))
    .where("entry", "<", BigInt(end))
    .orderBy("entry")
    .execute();
  return rows.map(({ record }) => new Uint8Array(record));
}
