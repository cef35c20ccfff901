import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeCandidate,
  decodeDescription,
  type Description,
  encodeCandidate,
  encodeDescription,
  encodeUtf8,
  MAX_SIGNAL_BYTES,
} from "../index.ts";
import { candidate, description } from "../testing/arbitraries.ts";
import { seed } from "../testing/seed.ts";

const offer: Description = {
  ufrag: "EsAw",
  pwd: "P2uYro0UCOQ4zxjKXaWCBui1",
  fingerprint: new Uint8Array(32).fill(0xab),
  setup: "actpass",
  candidates: [],
  maxMessageSize: 262_144,
};

describe("round trips", () => {
  test("descriptions", () => {
    fc.assert(
      fc.property(description, (value) => {
        expect(decodeDescription(encodeDescription(value))).toEqual({ ok: true, value });
      }),
      { seed, numRuns: 300 },
    );
  });

  test("candidates", () => {
    fc.assert(
      fc.property(candidate, (value) => {
        expect(decodeCandidate(encodeCandidate(value))).toEqual({ ok: true, value });
      }),
      { seed, numRuns: 300 },
    );
  });
});

test("an offer without candidates takes 67 bytes", () => {
  expect(encodeDescription(offer).length).toBe(67);
});

describe("a peer cannot write lines of its own into our SDP", () => {
  const injected = "1 1 udp 1 192.0.2.1 9 typ host\r\na=setup:active";

  test("in a candidate", () => {
    const bytes = new Uint8Array([injected.length, ...encodeUtf8(injected)]);
    expect(decodeCandidate(bytes)).toEqual({
      ok: false,
      reason: "candidate: expected printable ASCII on one line",
    });
    expect(() => encodeCandidate({ candidate: injected })).toThrow(/^candidate\.candidate: /);
  });

  test.each(["ufrag", "pwd"] as const)("in %s", (field) => {
    const spaced = encodeDescription({ ...offer, [field]: "0123456789012345678901234567890" });
    const at = spaced.indexOf("0".charCodeAt(0));
    for (const byte of [0x0a, 0x0d, 0x20, 0x00, 0x7f]) {
      const bytes = spaced.slice();
      bytes[at + 3] = byte;
      expect(decodeDescription(bytes)).toMatchObject({
        ok: false,
        reason: expect.stringMatching(`^${field}: `),
      });
    }
  });
});

describe("limits", () => {
  test.each([
    ["description.ufrag", { ...offer, ufrag: "abc" }],
    ["description.pwd", { ...offer, pwd: "x".repeat(21) }],
    ["description.fingerprint", { ...offer, fingerprint: new Uint8Array(20) }],
    ["description.setup", { ...offer, setup: "holdconn" as "active" }],
    ["description.candidates", { ...offer, candidates: new Array<string>(33).fill("") }],
    ["description.candidates", { ...offer, candidates: ["x".repeat(513)] }],
    ["description.maxMessageSize", { ...offer, maxMessageSize: -1 }],
    ["description", { ...offer, candidates: new Array<string>(5).fill("x".repeat(500)) }],
  ])("%s", (field, value) => {
    expect(() => encodeDescription(value)).toThrow(new RegExp(`^${field}: `));
  });

  test("a body over the limit", () => {
    expect(decodeDescription(new Uint8Array(MAX_SIGNAL_BYTES + 1)).ok).toBe(false);
  });
});
