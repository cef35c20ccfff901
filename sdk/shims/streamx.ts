import { EventEmitter } from "./emitter.ts";

/** What simple-peer defines for its stream. */
interface Hooks {
  _final(done: () => void): void;
  _destroy(done: () => void): void;
}

/**
 * The stream under simple-peer, without what a link never uses: it writes to the raw channel and reads "data" events
 * as they come, so there is nothing to queue, pipe or hold back.
 */
export class Duplex extends EventEmitter {
  destroyed = false;
  readonly _readableState = { ended: false };
  #ending = false;
  #destroying = false;

  push(data: unknown): boolean {
    if (this._readableState.ended || this.destroyed) return false;
    this._readableState.ended = data === null;
    if (data === null) this.emit("end");
    else this.emit("data", data);
    return true;
  }

  end(): this {
    if (this.#ending || this.#destroying) return this;
    this.#ending = true;
    queueMicrotask(() => (this as unknown as Hooks)._final(() => this.emit("finish")));
    return this;
  }

  destroy(error?: Error): void {
    if (this.#destroying) return;
    this.#destroying = true;
    queueMicrotask(() =>
      (this as unknown as Hooks)._destroy(() => {
        this.destroyed = true;
        if (error) this.emit("error", error);
        this.emit("close");
      }),
    );
  }
}
