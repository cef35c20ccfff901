import { expect, it } from "vitest";
import { encodeHex, grantMessage } from "@tributary/protocol";
import {
  createAccountingRig,
  EPOCH,
  EPOCH_MS,
  introduceTwo,
  MINUTE_MS,
  ofType,
  signGrants,
} from "../../testing/accounting-rig.ts";
import { createCoreRig, helloOf, keyOfSession, peerOfSession, START_MS } from "../../testing/core-rig.ts";

it("gives both sides of an introduction the grants of both directions, signed", () => {
  const rig = createAccountingRig();
  rig.enter(1, "203.0.1.9");
  expect(ofType(rig.out, "sign-grants")).toEqual([]);
  rig.enter(2, "198.51.2.9");
  expect(rig.told(2, "peers")).toMatchObject({ peers: [{ peer: peerOfSession(1) }], grants: [] });
  const grants = signGrants(rig);
  expect(grants.map(({ uploaderKey, downloaderKey }) => [uploaderKey, downloaderKey])).toEqual([
    [keyOfSession(2), keyOfSession(1)],
    [keyOfSession(1), keyOfSession(2)],
  ]);
  for (const session of [1, 2]) {
    const { peers, grants: told } = rig.told(session, "peers");
    expect(peers).toEqual([]);
    expect(told.map((bytes) => grantMessage.parse(bytes))).toMatchObject(
      grants.map((value) => ({ ok: true, value })),
    );
  }
  expect(rig.core.stats().accounting.grantsIssued).toBe(2);
});

it("ends a grant with its epoch, so that it settles there", () => {
  const { from1 } = introduceTwo(createAccountingRig());
  expect(from1).toMatchObject({
    epoch: EPOCH,
    notBeforeMs: START_MS,
    expiryMs: (EPOCH + 1) * EPOCH_MS,
    payClass: "paid",
  });
  expect(from1.expiryMs - from1.notBeforeMs).toBeLessThan(10 * MINUTE_MS);
});

it("ends a grant after ten minutes in long epochs", () => {
  const { from1 } = introduceTwo(createAccountingRig({ epochMs: 24 * 60 * MINUTE_MS }));
  expect(from1.expiryMs).toBe(START_MS + 10 * MINUTE_MS);
});

it("gives those who come just before an epoch closes the next one's grants along", () => {
  const rig = createAccountingRig();
  const closeMs = (EPOCH + 1) * EPOCH_MS;
  rig.advance(closeMs - 5_000 - START_MS);
  rig.enter(1, "203.0.1.9");
  rig.enter(2, "198.51.2.9");
  const windows = signGrants(rig).map(({ epoch, notBeforeMs }) => [epoch, notBeforeMs]);
  expect(windows).toEqual([
    [EPOCH, closeMs - 5_000],
    [EPOCH, closeMs - 5_000],
    [EPOCH + 1, closeMs],
    [EPOCH + 1, closeMs],
  ]);
});

it("renews at half-life with grants that follow on the last ones, while both are there", () => {
  const rig = createAccountingRig({ epochMs: 24 * 60 * MINUTE_MS });
  const { from1 } = introduceTwo(rig);
  let renewals = 0;
  let expiryMs = from1.expiryMs;
  for (let step = 0; step < 2 * 60; step++) {
    rig.advance(MINUTE_MS / 2);
    for (const session of [1, 2]) {
      rig.say(session, { type: "ping", nonce: 1 });
      const grants = signGrants(rig);
      if (grants.length === 0) continue;
      renewals++;
      expect(grants).toHaveLength(2);
      expect(grants[0]).toMatchObject({ notBeforeMs: expiryMs, expiryMs: expiryMs + 10 * MINUTE_MS });
      expect(grants[0]!.notBeforeMs).toBeGreaterThan(rig.nowMs);
      expiryMs = grants[0]!.expiryMs;
    }
  }
  expect(renewals).toBe(6);
  rig.say(2, { type: "leave" });
  rig.advance(20 * MINUTE_MS);
  rig.feed({ type: "tick" });
  expect(ofType(rig.out, "sign-grants")).toEqual([]);
});

it.each([
  ["of one network", "203.0.1.9", "203.0.1.77", false, "unpaid"],
  ["of two networks", "203.0.1.9", "198.51.2.9", false, "paid"],
  ["on one machine", "127.0.0.1", "127.0.0.1", false, "unpaid"],
  ["on one machine, where that is allowed", "127.0.0.1", "127.0.0.1", true, "paid"],
] as const)("for peers %s", (_, one, other, allowSameNetwork, payClass) => {
  const rig = createAccountingRig({ allowSameNetwork });
  rig.enter(1, one);
  rig.enter(2, other);
  expect(signGrants(rig).map((grant) => grant.payClass)).toEqual([payClass, payClass]);
});

it("does not lift the rule of networks on a tracker that is not open", () => {
  const contentHashOf = () => new Uint8Array(32);
  const rig = createAccountingRig({ allowSameNetwork: true }, { open: false, contentHashOf });
  const admission = {
    publisher: "acme",
    publisherId: new Uint8Array(16).fill(3),
    contentHash: null,
    origins: new Set<string>(),
    resumeTicket: new Uint8Array(0),
  };
  for (const session of [1, 2]) {
    rig.open(session, "203.0.1.9");
    rig.say(session, helloOf(session));
    const verdict = { kind: "signed", peer: peerOfSession(session), admission } as const;
    rig.feed({ type: "hello-checked", session, verdict });
    rig.join(session);
  }
  const grants = signGrants(rig);
  expect(grants).toHaveLength(2);
  for (const grant of grants)
    expect(grant).toMatchObject({ payClass: "unpaid", publisher: admission.publisherId });
});

it("grants nothing to whom did not prove its key, without a budget, or without accounts", () => {
  const unsigned = createAccountingRig();
  unsigned.enter(1);
  unsigned.open(2);
  unsigned.say(2, helloOf(2));
  unsigned.feed({ type: "hello-checked", session: 2, verdict: { kind: "unsigned", peer: peerOfSession(2) } });
  unsigned.join(2);
  expect(unsigned.told(2, "peers").peers).toHaveLength(1);
  const asked: string[] = [];
  const broke = createAccountingRig({ hasBudget: (id) => asked.push(encodeHex(id)) === 0 });
  for (const rig of [unsigned, broke, createCoreRig()]) {
    if (rig !== unsigned) [1, 2].forEach((session) => rig.enter(session));
    expect(ofType(rig.out, "sign-grants")).toEqual([]);
  }
  expect(asked).toEqual(["00".repeat(16)]);
});

it("tells grants of many partners in messages that hold them", () => {
  const rig = createAccountingRig();
  for (let session = 1; session <= 41; session++)
    rig.enter(session, `203.${session}.1.9`, { wantedPeers: 50 });
  expect(signGrants(rig)).toHaveLength(80);
  const told = rig.sentTo(41).flatMap((message) => (message.type === "peers" ? [message.grants.length] : []));
  expect(told).toEqual([50, 30]);
});
