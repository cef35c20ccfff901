import Hls, { type HlsConfig } from "hls.js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Engine } from "../engine.ts";
import { wrapGlobalHls } from "./wrap-hls.ts";

vi.stubGlobal("self", globalThis);

type Scope = { Hls?: typeof Hls };

interface StubEngine {
  attached: Hls[];
  destroyed: number;
}

let engines: StubEngine[];
let players: Hls[];
const loader = class {} as unknown as NonNullable<HlsConfig["fLoader"]>;

beforeEach(() => {
  engines = [];
  players = [];
});
afterEach(() => players.forEach((hls) => hls.destroy()));

function newEngine(): Engine {
  const stub: StubEngine = { attached: [], destroyed: 0 };
  engines.push(stub);
  return {
    hlsConfig: (own = {}) => ({ ...own, fLoader: loader }),
    attach: (hls) => void stub.attached.push(hls),
    destroy: () => Promise.resolve(void stub.destroyed++),
  } as Engine;
}

function made(hls: Hls): Hls {
  players.push(hls);
  return hls;
}

describe("a page's player", () => {
  test.each(["before", "after"])("is served when hls.js loads %s the tag", (order) => {
    const scope: Scope = order === "before" ? { Hls } : {};
    wrapGlobalHls(scope, newEngine);
    if (order === "after") {
      expect(scope.Hls).toBeUndefined();
      scope.Hls = Hls;
    }
    const hls = made(new scope.Hls!({ maxBufferLength: 7 }));
    expect(hls.config.maxBufferLength).toBe(7);
    expect(hls.config.fLoader).toBe(loader);
    expect(engines).toEqual([{ attached: [hls], destroyed: 0 }]);
  });

  test("sees the same class: instanceof, statics, subclasses", () => {
    const scope: Scope = { Hls };
    wrapGlobalHls(scope, newEngine);
    const Wrapped = scope.Hls!;
    const hls = made(new Wrapped());
    expect(hls).toBeInstanceOf(Wrapped);
    expect(hls).toBeInstanceOf(Hls);
    expect(Wrapped.isSupported()).toBe(Hls.isSupported());
    expect(Wrapped.Events).toBe(Hls.Events);
    expect(Wrapped.ErrorTypes.NETWORK_ERROR).toBe("networkError");
    expect(Wrapped.version).toBe(Hls.version);
    expect(Wrapped.DefaultConfig).toBe(Hls.DefaultConfig);
    const before = Hls.DefaultConfig;
    Wrapped.DefaultConfig = { ...before, maxBufferLength: 99 };
    expect(Hls.DefaultConfig.maxBufferLength).toBe(99);
    Hls.DefaultConfig = before;
    class Mine extends Wrapped {
      mine = true;
    }
    const mine = made(new Mine());
    expect(mine).toBeInstanceOf(Mine);
    expect((mine as Mine).mine).toBe(true);
    expect(engines[1]!.attached).toEqual([mine]);
  });

  test("each gets an engine of its own", () => {
    const scope: Scope = { Hls };
    wrapGlobalHls(scope, newEngine);
    const two = [made(new scope.Hls!()), made(new scope.Hls!())];
    expect(engines.map(({ attached }) => attached)).toEqual(two.map((hls) => [hls]));
  });

  test("gets the error of plain hls.js for its own wrong configuration", () => {
    const scope: Scope = { Hls };
    wrapGlobalHls(scope, newEngine);
    const wrong = { liveSyncDuration: 3, liveSyncDurationCount: 3 };
    expect(() => new scope.Hls!(wrong)).toThrow("don't mix up");
    expect(engines[0]!.destroyed).toBe(1);
  });
});

describe("trouble of ours leaves the plain player", () => {
  beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => {}));
  afterEach(() => void vi.restoreAllMocks());

  test.each<[string, () => Engine]>([
    [
      "createEngine",
      () => {
        throw new Error("boom");
      },
    ],
    ["hlsConfig", () => ({ ...newEngine(), hlsConfig: () => expect.fail("boom") })],
    ["attach", () => ({ ...newEngine(), attach: () => expect.fail("boom") })],
  ])("%s throws", (_name, broken) => {
    const scope: Scope = { Hls };
    wrapGlobalHls(scope, broken);
    const hls = made(new scope.Hls!({ maxBufferLength: 7 }));
    expect(hls.config.maxBufferLength).toBe(7);
  });

  test("the page keeps other things named Hls", () => {
    const scope = { Hls: { lazy: true } } as unknown as Scope;
    wrapGlobalHls(scope, newEngine);
    expect(scope.Hls).toEqual({ lazy: true });
  });
});

test("a tag included twice wraps once", () => {
  const scope: Scope = { Hls };
  wrapGlobalHls(scope, newEngine);
  const once = scope.Hls;
  wrapGlobalHls(scope, newEngine);
  expect(scope.Hls).toBe(once);
  made(new scope.Hls!());
  expect(engines).toHaveLength(1);
});
