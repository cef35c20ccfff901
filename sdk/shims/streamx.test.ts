import { Duplex as Reference } from "streamx";
import { describe, expect, test } from "vitest";
import { EventEmitter } from "./emitter.ts";
import { Duplex } from "./streamx.ts";

type Base = new () => Duplex;

/** simple-peer's hooks around a stream, and what a link hears of it. */
function peerOver(Stream: Base): { peer: Duplex; heard: string[]; fail(error: Error): void } {
  class Peer extends Stream {
    #destroying = false;
    _read(done: () => void): void {
      done();
    }
    _final(done: (error: null) => void): void {
      if (!this._readableState.ended) this.push(null);
      done(null);
    }
    _destroy(done: () => void, error?: Error): void {
      if (this.destroyed || this.#destroying) return;
      this.#destroying = true;
      setTimeout(() => {
        if (error) this.emit("error", error);
        done();
      }, 0);
    }
    fail(error: Error): void {
      this.end();
      this._destroy(() => {}, error);
    }
  }
  const peer = new Peer();
  const heard: string[] = [];
  peer.on("data", (data) => heard.push(`data ${String(data)}`));
  peer.on("error", (error) => heard.push(`error ${(error as Error).message}`));
  for (const type of ["end", "finish", "close"]) peer.on(type, () => heard.push(type));
  return { peer, heard, fail: (error) => peer.fail(error) };
}

/** Some turns of the event loop: a microtask that sets a timer that emits. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

describe.each<[string, Base]>([
  ["streamx", Reference as unknown as Base],
  ["its stand-in", Duplex],
])("a link over %s", (_name, Stream) => {
  test("hears data in order", async () => {
    const { peer, heard } = peerOver(Stream);
    await settled();
    peer.push("a");
    peer.push("b");
    await settled();
    expect(heard).toEqual(["data a", "data b"]);
    expect(peer.destroyed).toBe(false);
  });

  test("that is destroyed hears of its close and of no more data", async () => {
    const { peer, heard } = peerOver(Stream);
    peer.destroy();
    peer.destroy();
    await settled();
    peer.push("late");
    await settled();
    expect(heard).toEqual(["close"]);
    expect(peer.destroyed).toBe(true);
  });

  test("that fails hears of its end and of the error", async () => {
    const { heard, fail } = peerOver(Stream);
    fail(new Error("gone"));
    await settled();
    expect(heard).toContain("end");
    expect(heard).toContain("error gone");
    expect(heard.filter((event) => event === "end")).toHaveLength(1);
  });
});

describe("the emitter", () => {
  test("throws an error that nobody hears", () => {
    expect(() => new EventEmitter().emit("error", new Error("unheard"))).toThrow("unheard");
  });
});
