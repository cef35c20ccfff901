/** Runs `make` and counts from then on what is in the tables that were made meanwhile. */
export function countEntries<T>(make: () => T): { readonly made: T; count(): number } {
  const tables: { readonly size: number }[] = [];
  const plain = { Map, Set };
  globalThis.Map = class<K, V> extends plain.Map<K, V> {
    constructor(entries?: Iterable<readonly [K, V]> | null) {
      super(entries);
      tables.push(this);
    }
  } as MapConstructor;
  globalThis.Set = class<V> extends plain.Set<V> {
    constructor(values?: Iterable<V> | null) {
      super(values);
      tables.push(this);
    }
  } as SetConstructor;
  try {
    return { made: make(), count: () => tables.reduce((sum, { size }) => sum + size, 0) };
  } finally {
    Object.assign(globalThis, plain);
  }
}
