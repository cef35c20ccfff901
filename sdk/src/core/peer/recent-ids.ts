/** The latest ids of many, in little space: asked about seldom, added to with every request. */
export interface RecentIds<Id> {
  add(id: Id): void;
  has(id: Id): boolean;
}

export function createRecentIds<Id>(max: number): RecentIds<Id> {
  const ids: Id[] = [];
  let next = 0;
  return {
    add(id) {
      ids[next] = id;
      next = (next + 1) % max;
    },
    has: (id) => ids.includes(id),
  };
}
