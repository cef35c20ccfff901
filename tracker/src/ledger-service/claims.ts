import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { cumulativeEarnings } from "../adapters/database/payout-addresses.ts";
import type { Database } from "../adapters/database/open-database.ts";

/** A leaf: what one address may have claimed in all, from this distributor on this chain and no other. */
const LEAF_ENCODING = ["uint256", "address", "address", "uint256"];

export interface ClaimsExport {
  /** What `StandardMerkleTree.load` takes. */
  readonly dump: ReturnType<StandardMerkleTree<string[]>["dump"]>;
  readonly root: string;
  readonly claims: number;
  readonly total: bigint;
}

/**
 * Cumulative claims for an on-chain distributor: whoever has claimed before gets the difference. A claim belongs to its
 * address for good, so that an export never takes anything back, and none is paid again where an account has moved to
 * another address. Amounts are micro-units.
 */
export async function exportClaims(
  database: Database,
  options: { readonly chainId: bigint; readonly distributor: string; readonly nowMs: number },
): Promise<ClaimsExport> {
  const earnings = await cumulativeEarnings(database, options.nowMs);
  const values = [...earnings].map(([address, cumulative]) => [
    String(options.chainId),
    options.distributor,
    address,
    String(cumulative),
  ]);
  if (values.length === 0) return { dump: EMPTY, root: "", claims: 0, total: 0n };
  const tree = StandardMerkleTree.of(values, LEAF_ENCODING);
  const total = [...earnings.values()].reduce((sum, amount) => sum + amount, 0n);
  return { dump: tree.dump(), root: tree.root, claims: values.length, total };
}

const EMPTY = { format: "standard-v1" as const, leafEncoding: LEAF_ENCODING, tree: [], values: [] };
