import {
  type Checkpoint,
  consistencyNodes,
  decodeEntries,
  entriesPath,
  foldProof,
  type Hashing,
  inclusionNodes,
  isConsistent,
  isIncluded,
  leafHash,
  nodeFromTile,
  runHashingAsync,
  tileOfNode,
  tilePath,
  TILE_WIDTH,
  type TreeNode,
} from "@tributary/protocol/log";

/** Reads one file of the log, such as "tile/0/000.p/5". Rejects where it is not there. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

export const hashed = <T>(computation: Hashing<T>): Promise<T> =>
  runHashingAsync(computation, async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));

/** A log as its static files have it under one signed checkpoint. What it says is computed from those files alone. */
export interface PublishedLog {
  /** True where `earlier` is the beginning of this log. */
  continues(earlier: Checkpoint): Promise<boolean>;
  /** The entry at `index`, once it is shown to be part of the tree; null where the files do not lead to its root. */
  provedEntry(index: number): Promise<Uint8Array | null>;
}

export function openPublishedLog({ size, root }: Checkpoint, readFile: ReadFile): PublishedLog {
  /** The hashes of nodes, from as few tiles as hold them. */
  async function hashesOf(nodes: readonly TreeNode[]): Promise<(node: TreeNode) => Uint8Array> {
    const tiles = new Map<string, Promise<Uint8Array>>();
    const found = new Map<string, Uint8Array>();
    for (const node of nodes) {
      const path = tilePath(tileOfNode(node, size));
      const tile = tiles.get(path) ?? readFile(path);
      tiles.set(path, tile);
      const hash = await hashed(nodeFromTile(node, await tile));
      // A hash that nothing leads to: what rests on it fails.
      found.set(nameOf(node), hash ?? new Uint8Array(32));
    }
    return (node) => found.get(nameOf(node))!;
  }

  return {
    async continues(earlier) {
      if (earlier.size > size) return false;
      const path = consistencyNodes(earlier.size, size);
      const proof = await hashed(foldProof(path, await hashesOf(path.flat())));
      return hashed(isConsistent(earlier, { size, root }, proof));
    },
    async provedEntry(index) {
      if (index >= size) return null;
      const bundle = Math.floor(index / TILE_WIDTH);
      const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
      const entries = decodeEntries(await readFile(entriesPath(bundle, width)));
      const entry = entries.ok ? entries.value[index % TILE_WIDTH] : undefined;
      if (entry === undefined) return null;
      const path = inclusionNodes(index, size);
      const proof = await hashed(foldProof(path, await hashesOf(path.flat())));
      const leaf = await hashed(leafHash(entry));
      return (await hashed(isIncluded(leaf, index, size, proof, root))) ? entry : null;
    },
  };
}

const nameOf = ({ level, index }: TreeNode) => `${level}/${index}`;
