import { expect, it } from "vitest";
import { EMPTY_ACC } from "./accumulator.ts";
import type { Grant } from "./grant.ts";
import type { Receipt } from "./receipt.ts";
import { RECEIPT_GRACE_MS, receiptDateFault, receiptFault } from "./rules.ts";

const OPENS_MS = 1_700_000_000_000;
const EXPIRY_MS = OPENS_MS + 600_000;
const zeros = (length: number) => new Uint8Array(length);
const grant: Grant = {
  trackerKeyId: zeros(8),
  grantId: zeros(16),
  epoch: 1,
  publisher: zeros(16),
  swarm: zeros(32),
  uploaderKey: zeros(32).fill(1),
  downloaderKey: zeros(32).fill(2),
  notBeforeMs: OPENS_MS,
  expiryMs: EXPIRY_MS,
  maxBytes: 1_000,
  payClass: "paid",
};
const receiptOf = (bytes: number, timestampMs: number): Receipt => ({
  grantId: grant.grantId,
  seq: 1,
  bytes,
  segments: 1,
  acc: EMPTY_ACC,
  timestampMs,
  links: [{ segment: { track: 1, sequence: 1, part: -1, fingerprint: 1 }, bytes }],
});

it("a receipt dated long after its grant ended is refused, however right its date is by the clock", () => {
  const lastMs = EXPIRY_MS + RECEIPT_GRACE_MS;
  for (const faultOf of [
    (timestampMs: number) => receiptFault(receiptOf(1, timestampMs), grant, null, timestampMs),
    (timestampMs: number) => receiptDateFault(receiptOf(1, timestampMs), grant, timestampMs),
  ]) {
    expect(faultOf(lastMs)).toBeNull();
    expect(faultOf(lastMs + 1)?.code).toBe("clock-ahead");
  }
});

it("a receipt for a byte more than its grant allows is refused", () => {
  expect(receiptFault(receiptOf(grant.maxBytes, OPENS_MS), grant, null, OPENS_MS)).toBeNull();
  expect(receiptFault(receiptOf(grant.maxBytes + 1, OPENS_MS), grant, null, OPENS_MS)?.code).toBe("overflow");
});
