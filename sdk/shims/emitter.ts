type Listener = (...values: unknown[]) => void;

/** As much of Node's EventEmitter as simple-peer and its stream use. */
export class EventEmitter {
  readonly #listeners = new Map<string, Listener[]>();

  on(type: string, listener: Listener): this {
    this.emit("newListener", type, listener);
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
    return this;
  }

  once(type: string, listener: Listener): this {
    const once: Listener & { listener?: Listener } = (...values) => {
      this.removeListener(type, once);
      listener.apply(this, values);
    };
    once.listener = listener;
    return this.on(type, once);
  }

  removeListener(type: string, listener: Listener): this {
    const left = (this.#listeners.get(type) ?? []).filter(
      (known) => known !== listener && (known as { listener?: Listener }).listener !== listener,
    );
    this.#listeners.set(type, left);
    return this;
  }

  emit(type: string, ...values: unknown[]): boolean {
    const listeners = this.#listeners.get(type) ?? [];
    if (type === "error" && listeners.length === 0) throw values[0];
    for (const listener of listeners) listener.apply(this, values);
    return listeners.length > 0;
  }

  addListener = this.on;
  off = this.removeListener;
}
