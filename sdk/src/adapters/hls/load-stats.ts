import type { LoaderStats } from "hls.js";

type Source<T> = Partial<Record<keyof T, () => number | boolean | object>>;

/** hls.js keeps the one object it took from `loader.stats` before `load()`: it is mutated, never replaced. */
export function createLoadStats(): LoaderStats {
  return {
    aborted: false,
    loaded: 0,
    retry: 0,
    total: 0,
    chunkCount: 0,
    bwEstimate: 0,
    loading: { start: 0, first: 0, end: 0 },
    parsing: { start: 0, end: 0 },
    buffering: { start: 0, first: 0, end: 0 },
  };
}

/** Fields of `target` that are computed at each reading until they are fixed again; writing to one fixes it. */
export function computed<T extends object>(target: T, source: Source<T>): void {
  for (const [name, get] of Object.entries<() => unknown>(source as Record<string, () => unknown>)) {
    Object.defineProperty(target, name, {
      configurable: true,
      enumerable: true,
      get,
      set: (value) => fixed(target, { [name]: value } as Partial<T>),
    });
  }
}

export function fixed<T extends object>(target: T, values: Partial<T>): void {
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(target, name, { configurable: true, enumerable: true, writable: true, value });
}

/** Makes `target` a window onto the stats of another loader that now does the work. */
export function mirror(target: LoaderStats, inner: LoaderStats): void {
  inner.retry = target.retry;
  for (const name of Object.keys(target) as (keyof LoaderStats)[])
    Object.defineProperty(target, name, {
      configurable: true,
      enumerable: true,
      get: () => inner[name],
      set: (value: never) => (inner[name] = value),
    });
}
