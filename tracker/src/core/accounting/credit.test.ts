import { expect, it } from "vitest";
import { createAccountingRig, MINUTE_MS, ofType, statementOf } from "../../testing/accounting-rig.ts";
import { type CoreRig, helloOf, peerOfSession } from "../../testing/core-rig.ts";
import type { DelegationVerdict } from "../index.ts";

const account = new Uint8Array(32).fill(0xac);
const ANY_PUBLISHER = new Uint8Array(16);

function greet(rig: CoreRig, session: number, delegation: DelegationVerdict): void {
  rig.open(session);
  rig.say(session, helloOf(session));
  const verdict = { kind: "signed", peer: peerOfSession(session), delegation } as const;
  rig.feed({ type: "hello-checked", session, verdict });
}

const delegationOf = (rig: CoreRig, publisher: Uint8Array, lifeMs = MINUTE_MS) =>
  ({ ok: true, account, publisher, expiryMs: rig.nowMs + lifeMs }) as const;

/** Whom the next statement of a session is stored for. */
function creditedBy(rig: CoreRig, session: number, seq: number): Uint8Array | null {
  rig.say(session, {
    type: "statement",
    bytes: statementOf(session, seq, [], { timestampMs: rig.nowMs }),
  });
  const [asked] = ofType(rig.out, "check-statement");
  rig.feed({ type: "statement-checked", check: { number: asked!.number, fault: null, grants: [] } });
  return ofType(rig.out, "store-statement")[0]!.record.account;
}

it("credits the account of the delegation that HELLO showed", () => {
  const rig = createAccountingRig();
  greet(rig, 1, delegationOf(rig, ANY_PUBLISHER));
  expect(creditedBy(rig, 1, 1)).toEqual(account);
});

it("admits the holder of another publisher's delegation unpaid, and says why", () => {
  const rig = createAccountingRig();
  greet(rig, 2, delegationOf(rig, new Uint8Array(16).fill(8)));
  expect(rig.told(2, "welcome").p2pAllowed).toBe(true);
  expect(rig.told(2, "error")).toMatchObject({
    code: "not-admitted",
    message: "delegation: it is for another publisher",
    fatal: false,
  });
  expect(creditedBy(rig, 2, 1)).toBeNull();
});

it("passes on what is wrong with a delegation", () => {
  const rig = createAccountingRig();
  greet(rig, 3, { ok: false, code: "clock-behind", reason: "it has expired" });
  expect(rig.told(3, "error")).toMatchObject({ code: "clock-behind", message: "delegation: it has expired" });
  expect(creditedBy(rig, 3, 1)).toBeNull();
});

it("credits nobody once the delegation has run out, and has its holder come back", () => {
  const rig = createAccountingRig();
  greet(rig, 1, delegationOf(rig, ANY_PUBLISHER, 10_000));
  greet(rig, 2, delegationOf(rig, ANY_PUBLISHER));
  rig.advance(9_999);
  expect(creditedBy(rig, 1, 1)).toEqual(account);
  rig.advance(1);
  // The same moment, before the sweep.
  expect(creditedBy(rig, 1, 2)).toBeNull();
  rig.advance(10_000);
  rig.feed({ type: "tick" });
  expect(rig.isClosed(1)).toBe(true);
  // No ERROR: the SDK takes it for a lost connection, and shows a fresh delegation.
  expect(rig.sentTo(1)).toEqual([]);
  expect(rig.isClosed(2)).toBe(false);
  greet(rig, 1, delegationOf(rig, ANY_PUBLISHER));
  expect(creditedBy(rig, 1, 3)).toEqual(account);
});
