/** A viewer as a carrier of the stream. */
export interface Node {
  /** Media that its uplink carries, in bits per second. */
  readonly upBps: number;
  /** Indexes of the viewers it is connected to. */
  readonly partners: readonly number[];
}

/**
 * The most that uplinks can carry over these connections, as a share of what all nodes watch: the maximum flow from
 * each uplink over its connections to viewers that each take one bitrate. No scheduler can do better; the bound leaves
 * out that a piece must be somewhere before it can be passed on.
 * @returns 0 to 1
 */
export function reachable(nodes: ReadonlyMap<number, Node>, bitrateBps: number): number {
  if (nodes.size === 0) return 0;
  const places = new Map([...nodes.keys()].map((index, place) => [index, place]));
  const count = nodes.size;
  const [source, sink] = [2 * count, 2 * count + 1];
  const graph = createGraph(2 * count + 2);
  for (const [index, { upBps, partners }] of nodes) {
    const place = places.get(index)!;
    graph.connect(source, place, upBps);
    graph.connect(count + place, sink, bitrateBps);
    for (const partner of partners) {
      const other = places.get(partner);
      if (other !== undefined) graph.connect(place, count + other, bitrateBps);
    }
  }
  return graph.maximumFlow(source, sink) / (count * bitrateBps);
}

interface Graph {
  connect(from: number, to: number, capacity: number): void;
  maximumFlow(source: number, sink: number): number;
}

/** A bit per second: what rounding leaves of an edge that is full. */
const leastFlow = 1;

/** Dinic's algorithm: shortest ways first, all of one length at a time. */
function createGraph(size: number): Graph {
  const edges: number[][] = Array.from({ length: size }, () => []);
  const targets: number[] = [];
  const left: number[] = [];
  const depths = new Int32Array(size);
  const nextEdge = new Int32Array(size);

  function levels(source: number, sink: number): boolean {
    depths.fill(-1);
    depths[source] = 0;
    const waiting = [source];
    for (const node of waiting) {
      for (const edge of edges[node]!) {
        const target = targets[edge]!;
        if (left[edge]! < leastFlow || depths[target]! >= 0) continue;
        depths[target] = depths[node]! + 1;
        waiting.push(target);
      }
    }
    return depths[sink]! >= 0;
  }

  function push(node: number, sink: number, most: number): number {
    if (node === sink) return most;
    for (; nextEdge[node]! < edges[node]!.length; nextEdge[node]!++) {
      const edge = edges[node]![nextEdge[node]!]!;
      const target = targets[edge]!;
      if (left[edge]! < leastFlow || depths[target] !== depths[node]! + 1) continue;
      const pushed = push(target, sink, Math.min(most, left[edge]!));
      if (pushed < leastFlow) continue;
      left[edge]! -= pushed;
      left[edge ^ 1]! += pushed;
      return pushed;
    }
    return 0;
  }

  return {
    connect(from, to, capacity) {
      edges[from]!.push(targets.length);
      targets.push(to);
      left.push(capacity);
      edges[to]!.push(targets.length);
      targets.push(from);
      left.push(0);
    },
    maximumFlow(source, sink) {
      let total = 0;
      while (levels(source, sink)) {
        nextEdge.fill(0);
        for (let pushed = push(source, sink, Infinity); pushed >= leastFlow;) {
          total += pushed;
          pushed = push(source, sink, Infinity);
        }
      }
      return total;
    },
  };
}
