import { expect, test } from "vitest";
import { createVitals } from "./vitals.ts";

test("a handshake that takes too long is given up", () => {
  const vitals = createVitals(0);
  expect(vitals.check(9_999).kind).toBe("fine");
  expect(vitals.check(10_001)).toMatchObject({ kind: "dead" });
});

test("silence is followed by PING, and silence after that by the end", () => {
  const vitals = createVitals(0);
  vitals.opened(0);
  const first = vitals.check(0);
  expect(first.kind).toBe("ping");
  vitals.heard(40);
  vitals.pong(first.kind === "ping" ? first.nonce : 0, 40);
  expect(vitals.rttMs()).toBe(40);
  expect(vitals.check(1_900).kind).toBe("fine");
  expect(vitals.check(2_100).kind).toBe("ping");
  expect(vitals.check(5_000).kind).toBe("fine");
  expect(vitals.check(5_200)).toMatchObject({ kind: "dead", reason: "no answer to PING" });
});

test("any message answers for a PING that is stuck behind media", () => {
  const vitals = createVitals(0);
  vitals.opened(0);
  vitals.check(0);
  vitals.heard(3_000);
  expect(vitals.check(3_500).kind).toBe("fine");
});

test("a connection has a few seconds to come back", () => {
  const vitals = createVitals(0);
  vitals.opened(0);
  vitals.state("disconnected", 100);
  vitals.state("connected", 2_000);
  vitals.state("disconnected", 4_000);
  vitals.state("disconnected", 5_000);
  vitals.heard(7_001);
  expect(vitals.check(6_900).kind).not.toBe("dead");
  expect(vitals.check(7_100)).toMatchObject({ kind: "dead", reason: "the connection was lost" });
});

test("a frozen page blames nobody for its own absence", () => {
  const vitals = createVitals(0);
  vitals.opened(0);
  vitals.check(0);
  vitals.forgive(60_000);
  expect(vitals.check(60_000).kind).toBe("ping");
});
