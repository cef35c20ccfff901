/**
 * Finds out which viewer of this page is behind which peer id. An engine names the peers it is linked to, not itself,
 * so this goes by elimination: an id belongs to the one viewer that could own it. Peers in other tabs stay unknown.
 */
export interface Identities {
  /** The peers that a viewer is linked to now. */
  lists(viewer: number, peers: readonly string[]): void;
  /** Its engine is gone; the next one under this number has another id. */
  gone(viewer: number): void;
  viewerOf(peer: string): number | undefined;
}

interface Known {
  listed: readonly string[];
  /** All it was ever linked to: none of these is its own id. */
  readonly seen: Set<string>;
  own: string | null;
}

export function createIdentities(): Identities {
  const viewers = new Map<number, Known>();
  const owners = new Map<string, number>();
  /** Others list the id of a dead viewer for a while; no newcomer may inherit it. */
  const retired = new Set<string>();

  function resolve(): void {
    const ids = new Set([...viewers.values()].flatMap(({ listed }) => listed));
    for (let found = true; found;) {
      found = false;
      for (const id of ids) {
        if (owners.has(id) || retired.has(id)) continue;
        const [owner, rival] = [...viewers].filter(([, known]) => couldOwn(known, id));
        if (!owner || rival) continue;
        owners.set(id, owner[0]);
        owner[1].own = id;
        found = true;
      }
    }
  }

  /** Links are mutual: who owns the id is linked to everybody who lists it. */
  function couldOwn(known: Known, id: string): boolean {
    if (known.own !== null || known.seen.has(id)) return false;
    const listers = [...viewers.values()].filter(({ listed }) => listed.includes(id));
    if (known.listed.length < listers.length) return false;
    return listers.every(({ own }) => own === null || known.seen.has(own));
  }

  return {
    lists(viewer, peers) {
      const known = viewers.get(viewer) ?? { listed: [], seen: new Set<string>(), own: null };
      viewers.set(viewer, known);
      if (peers.length === known.listed.length && peers.every((peer) => known.listed.includes(peer))) return;
      known.listed = peers;
      for (const peer of peers) known.seen.add(peer);
      resolve();
    },
    gone(viewer) {
      const own = viewers.get(viewer)?.own ?? null;
      viewers.delete(viewer);
      if (own === null) return;
      owners.delete(own);
      retired.add(own);
    },
    viewerOf: (peer) => owners.get(peer),
  };
}
