/** A set whose members can also be picked by index, so that a random one costs the same in any size. */
export interface IndexedSet<T> {
  readonly size: number;
  add(member: T): void;
  delete(member: T): void;
  /** The order changes with every delete. */
  at(index: number): T | undefined;
}

export function createIndexedSet<T>(): IndexedSet<T> {
  const members: T[] = [];
  const indexes = new Map<T, number>();
  return {
    get size() {
      return members.length;
    },
    add(member) {
      if (indexes.has(member)) return;
      indexes.set(member, members.length);
      members.push(member);
    },
    delete(member) {
      const index = indexes.get(member);
      if (index === undefined) return;
      indexes.delete(member);
      const last = members.pop() as T;
      if (last === member) return;
      members[index] = last;
      indexes.set(last, index);
    },
    at: (index) => members[index],
  };
}

/**
 * `count` different indexes below `total` in random order, all of them where there are not more (Floyd's sampling,
 * then a shuffle): the work depends on `count` alone.
 */
export function sampleIndexes(count: number, total: number, random: () => number): number[] {
  const chosen = new Set<number>();
  for (let top = Math.max(0, total - count); top < total; top++) {
    const index = Math.floor(random() * (top + 1));
    chosen.add(chosen.has(index) ? top : index);
  }
  const order = [...chosen];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  return order;
}
