import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { trimmed } from "./trim-simple-peer.ts";

const library = readFileSync(
  createRequire(import.meta.url).resolve("@thaunknown/simple-peer/lite.js"),
  "utf8",
);

test("a method was cut out of simple-peer that what is left of it calls", () => {
  const rest = trimmed(library);
  const methods = (code: string) =>
    new Set([...code.matchAll(/^ *(?:get )?(?!if\b)(\w+) \(.*\) \{$/gm)].map(([, name]) => name!));
  const left = methods(rest);
  const gone = [...methods(library)].filter((name) => !left.has(name));
  expect(gone.sort()).toEqual([
    "_debug",
    "_needsNegotiation",
    "_onChannelBufferedAmountLow",
    "_onFinish",
    "_onInterval",
    "_onSignalingStateChange",
    "_startIceCompleteTimeout",
    "_write",
    "address",
    "bufferSize",
    "connected",
    "negotiate",
    "send",
  ]);
  for (const name of gone) expect(rest).not.toContain(`this.${name}`);
});

test("another version of simple-peer was cut where it should not be", () => {
  expect(() => trimmed(library.replace("_write (chunk, cb) {", "_write (chunk, done) {"))).toThrow(
    "has changed",
  );
  expect(() => trimmed(`${library}\n_write (chunk, cb) {`)).toThrow("has changed");
});

test("a channel's own error broke the page: its code has only a getter", () => {
  expect(library).toContain("errCode(");
  expect(trimmed(library)).not.toContain("errCode");
});

test("what simple-peer would write to a log was left in part", () => {
  expect(library).toContain("_debug(");
  expect(trimmed(library)).not.toMatch(/debug/i);
});
