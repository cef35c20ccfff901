/** The latest ids of many, in little space: asked about seldom, added to with every request. */
export interface RecentIds {
  add(id: number): void;
  has(id: number): boolean;
}

export function createRecentIds(max: number): RecentIds {
  const ids: number[] = [];
  let next = 0;
  return {
    add(id) {
      ids[next] = id;
      next = (next + 1) % max;
    },
    has: (id) => ids.includes(id),
  };
}
