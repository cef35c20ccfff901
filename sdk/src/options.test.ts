import { describe, expect, test } from "vitest";
import { resolveOptions, type EngineOptions } from "./options.ts";

test("without options everything has its default", () => {
  expect(resolveOptions()).toEqual({
    tracker: [],
    token: null,
    contentId: null,
    trackKey: null,
    segmentKey: null,
    upload: { enabled: true, maxBps: Infinity, maxBytesPerDay: Infinity, onMetered: false },
    integrity: "auto",
    ice: { servers: [], policy: "all" },
    storage: { maxBytes: 192 * 1024 * 1024 },
    earn: null,
  });
});

test("what the page set is kept", () => {
  const key = (url: string): string => url;
  const options: EngineOptions = {
    tracker: ["wss://a.example", "wss://b.example"],
    token: () => Promise.resolve("jwt"),
    contentId: key,
    trackKey: key,
    segmentKey: key,
    upload: { enabled: false, maxBps: 2e6, maxBytesPerDay: 1e9, onMetered: true },
    integrity: "playlist",
    ice: { servers: [{ urls: "stun:stun.example", username: "u", credential: "c" }], policy: "relay" },
    storage: { maxBytes: 1e6 },
    earn: { account: "A".repeat(43), delegation: "https://shop.example/delegate" },
  };
  const { trackKey, segmentKey, ...others } = resolveOptions(options);
  expect({ trackKey: key, segmentKey: key, ...others }).toEqual(options);
  expect([trackKey?.("/a"), segmentKey?.("/b")]).toEqual(["/a", "/b"]);
});

test.each(["trackKey", "segmentKey"] as const)(
  "a %s without a return was an error about 'length'",
  (name) => {
    const forgetful = (() => {}) as unknown as (url: string) => string;
    const key = resolveOptions({ [name]: forgetful })[name]!;
    expect(() => key("/a")).toThrow(`option "${name}" must give a string, but gave undefined`);
  },
);

test("with an empty earn the account of this browser is credited", () => {
  expect(resolveOptions({ earn: {} }).earn).toEqual({});
});

test("an option given as undefined is an absent one", () => {
  const absent = { tracker: undefined, token: undefined, upload: { maxBps: undefined } };
  expect(resolveOptions(absent as unknown as EngineOptions)).toEqual(resolveOptions());
});

test("a tracker URL that leads nowhere is no reason to throw: playback goes on", () => {
  expect(resolveOptions({ tracker: "not a url" }).tracker).toEqual(["not a url"]);
});

describe("a wrong option throws a TypeError that names it and says what was expected", () => {
  const cases: [string, unknown, string][] = [
    ["tracker", { tracker: 8000 }, "must be a WebSocket URL or a list of them, but is 8000"],
    ["tracker", { tracker: ["wss://a.example", 1] }, "but is a list"],
    ["token", { token: null }, "must be a non-empty string or a function, but is null"],
    ["contentId", { contentId: "" }, 'but is ""'],
    ["trackKey", { trackKey: "path" }, 'must be a function, but is "path"'],
    ["segmentKey", { segmentKey: {} }, "must be a function, but is an object"],
    ["upload", { upload: false }, "must be an object, but is false"],
    ["upload.enabled", { upload: { enabled: "yes" } }, "must be true or false"],
    ["upload.maxBps", { upload: { maxBps: 0 } }, "must be bits per second above 0, but is 0"],
    ["upload.maxBps", { upload: { maxBps: NaN } }, "but is NaN"],
    ["upload.maxBytesPerDay", { upload: { maxBytesPerDay: -1 } }, "but is -1"],
    ["upload.onMetered", { upload: { onMetered: 1 } }, "must be true or false, but is 1"],
    ["integrity", { integrity: "none" }, 'must be "auto", "playlist" or "verifier"'],
    ["ice", { ice: [] }, "must be an object, but is a list"],
    ["ice.servers", { ice: { servers: "stun:x" } }, "must be a list"],
    ["ice.servers[0].urls", { ice: { servers: [{ url: "stun:x" }] } }, "but is undefined"],
    ["ice.servers[1]", { ice: { servers: [{ urls: "stun:x" }, null] } }, "but is null"],
    ["ice.policy", { ice: { policy: "direct" } }, 'must be "all" or "relay"'],
    ["storage.maxBytes", { storage: { maxBytes: "64M" } }, 'but is "64M"'],
    ["earn", { earn: true }, "must be an object, but is true"],
    ["earn.account", { earn: { account: "alice" } }, 'must be a public key in base64url, but is "alice"'],
    ["earn.account", { earn: { delegation: "/sign" } }, "but is undefined"],
    ["earn.delegation", { earn: { account: "A".repeat(43) } }, "must be a non-empty string or a function"],
    ["contentId", { contentId: "é".repeat(1_025) }, "must be a non-empty string of at most 2048 bytes"],
    ["contentId", { contentId: "half a pair \ud800" }, "must be a non-empty string of at most 2048 bytes"],
    ["options", [], "must be an object"],
    ["options", null, 'tributary: "options" must be an object, but is null'],
    ["tracker", { tracker: "" }, 'but is ""'],
    ["tracker", { tracker: [""] }, "but is a list"],
    [
      "ice.servers[0].urls",
      { ice: { servers: [{ urls: "nonsense" }] } },
      'URL or a list of them, but is "nonsense"',
    ],
    ["ice.servers[0].urls", { ice: { servers: [{ urls: [] }] } }, "but is a list"],
    [
      "ice.servers[0].urls",
      { ice: { servers: [{ urls: ["stun:a:3478", "stun:host:99999"] }] } },
      'URL or a list of them, but is "stun:host:99999"',
    ],
    [
      "ice.servers[0].urls",
      { ice: { servers: [{ urls: "stun:a?transport=udp" }] } },
      'but is "stun:a?transport=udp"',
    ],
    ["ice.servers[0]", { ice: { servers: [{ urls: "turn:t.example" }] } }, "without username and credential"],
    ["storage.maxBytes", { storage: { maxBytes: 1 } }, "must be a number of bytes from 1000000, but is 1"],
  ];
  test.each(cases)("%s", (name, options, expected) => {
    const attempt = (): unknown => resolveOptions(options as EngineOptions);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(`"${name}"`);
    expect(attempt).toThrow(expected);
  });
});

test("an unknown option is named, with those that exist", () => {
  expect(() => resolveOptions({ trackers: [] } as EngineOptions)).toThrow('unknown option "trackers"');
  expect(() => resolveOptions({ upload: { limit: 1 } } as EngineOptions)).toThrow(
    'unknown option "upload.limit"; known are enabled, maxBps, maxBytesPerDay, onMetered',
  );
});
