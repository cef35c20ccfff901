import type { EngineEvents } from "../driver-contract.ts";

type Listener<K extends keyof EngineEvents> = (event: EngineEvents[K]) => void;

export interface Events {
  on<K extends keyof EngineEvents>(type: K, listener: Listener<K>): () => void;
  /** A listener that throws harms neither the others nor the engine; the page's error handling hears of it. */
  emit<K extends keyof EngineEvents>(type: K, event: EngineEvents[K]): void;
  listened(type: keyof EngineEvents): boolean;
  clear(): void;
}

export function createEvents(): Events {
  const listeners = new Map<keyof EngineEvents, Set<(event: never) => void>>();
  const setOf = (type: keyof EngineEvents) => {
    const known = listeners.get(type) ?? new Set();
    listeners.set(type, known);
    return known;
  };
  return {
    on(type, listener) {
      // Subscribing the same function twice gives two subscriptions, each with its own end.
      const own: typeof listener = (event) => listener(event);
      setOf(type).add(own);
      return () => void setOf(type).delete(own);
    },
    emit(type, event) {
      for (const listener of [...setOf(type)])
        guarded(() => (listener as (value: typeof event) => void)(event));
    },
    listened: (type) => setOf(type).size > 0,
    clear: () => listeners.clear(),
  };
}

/** Calls code that is not ours. */
export function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
