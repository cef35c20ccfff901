type Listener = (...values: unknown[]) => void;

/** As much of Node's EventEmitter as is used of simple-peer, and that uses of it. */
export class EventEmitter {
  readonly #listeners = new Map<string, readonly Listener[]>();

  on(type: string, listener: Listener): this {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
    return this;
  }

  emit(type: string, ...values: unknown[]): boolean {
    const listeners = this.#listeners.get(type) ?? [];
    if (type === "error" && listeners.length === 0) throw values[0];
    for (const listener of listeners) listener.apply(this, values);
    return listeners.length > 0;
  }
}
