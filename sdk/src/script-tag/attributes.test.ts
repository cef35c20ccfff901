import { afterEach, expect, test, vi } from "vitest";
import { resolveOptions } from "../options.ts";
import { autoOptions } from "./attributes.ts";

afterEach(() => vi.unstubAllGlobals());

test("a bare tag asks for the defaults", () => {
  expect(resolveOptions(autoOptions({})!)).toEqual(resolveOptions());
});

test.each(["off", "false"])('data-auto="%s" asks for nothing', (auto) => {
  expect(autoOptions({ auto, tracker: "wss://t.example" })).toBeNull();
});

test("every attribute becomes its option", () => {
  const options = autoOptions({
    tracker: "wss://a.example, wss://b.example",
    token: "jwt",
    contentId: "title-7",
    integrity: "playlist",
    upload: "off",
    uploadOnMetered: "on",
    uploadMaxBps: "2000000",
    uploadMaxBytesPerDay: "1e9",
    icePolicy: "relay",
    storageMaxBytes: "1000000",
    earn: "",
    account: "A".repeat(43),
    delegationUrl: "/delegate",
  })!;
  expect(resolveOptions(options)).toMatchObject({
    tracker: ["wss://a.example", "wss://b.example"],
    token: "jwt",
    contentId: "title-7",
    integrity: "playlist",
    upload: { enabled: false, onMetered: true, maxBps: 2e6, maxBytesPerDay: 1e9 },
    ice: { policy: "relay" },
    storage: { maxBytes: 1e6 },
    earn: { account: "A".repeat(43), delegation: "/delegate" },
  });
});

test("data-earn alone credits the account of this browser, and off is off", () => {
  const earnOf = (data: Record<string, string>) => resolveOptions(autoOptions(data)!).earn;
  for (const earn of ["", "on", "true"]) expect(earnOf({ earn })).toMatchObject({ account: undefined });
  for (const earn of ["off", "false"]) expect(earnOf({ earn })).toBeNull();
  expect(earnOf({})).toBeNull();
});

test.each([
  [{ upload: "maybe" }, 'data-upload must be "on" or "off", but is "maybe"'],
  [{ uploadMaxBps: "fast" }, 'data-upload-max-bps must be a number above 0, but is "fast"'],
  [{ storageMaxBytes: "" }, "data-storage-max-bytes"],
  [{ earn: "perhaps" }, 'data-earn must be "on" or "off", but is "perhaps"'],
  [{ auto: "no" }, 'data-auto must be "on" or "off", but is "no"'],
  [{ account: "A".repeat(43) }, "data-account is of use only with data-earn"],
  [{ delegationUrl: "/delegate" }, "data-delegation-url is of use only with data-earn"],
  [{ icePolicy: "" }, "data-ice-policy is empty"],
  [{ tracker: " " }, "data-tracker is empty"],
  [{ token: "" }, "data-token is empty"],
])("a wrong attribute is named: %o", (data, message) => {
  expect(() => autoOptions(data)).toThrow(TypeError);
  expect(() => autoOptions(data)).toThrow(message);
});

test("a wrong choice is named by the option check", () => {
  expect(() => resolveOptions(autoOptions({ integrity: "none" })!)).toThrow('"integrity"');
});

test.each([
  ["the token itself", "a.b.c\n", "a.b.c"],
  ["an object", '{"token":"a.b.c"}', "a.b.c"],
])("data-token-url is asked for each token; it answers with %s", async (_name, body, expected) => {
  const fetched = vi.fn((_url: string, _init: RequestInit) => Promise.resolve(new Response(body)));
  vi.stubGlobal("fetch", fetched);
  const { token } = autoOptions({ tokenUrl: "/token" })!;
  const request = { contentId: "title", keyThumbprint: "key" };
  expect(await (token as (r: typeof request) => Promise<string>)(request)).toBe(expected);
  expect(fetched.mock.calls[0]![0]).toBe("/token");
  expect(JSON.parse(String(fetched.mock.calls[0]![1].body))).toEqual(request);
});

test.each([
  ["a refusal", "no", 403, "/token answered 403"],
  ["a page to log in", "<html>log in</html>", 200, "/token answered something that is no token"],
  ["an object without it", '{"tok":"a.b.c"}', 200, "/token answered something that is no token"],
])("%s is an error, not a token", async (_name, body, status, message) => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body, { status })));
  const { token } = autoOptions({ tokenUrl: "/token" })!;
  const ask = token as (request: object) => Promise<string>;
  await expect(ask({})).rejects.toThrow(message);
});
