import { expect, it } from "vitest";
import { type ErrorCode, type Grant, statementMessage } from "@tributary/protocol";
import {
  createAccountingRig,
  entryOf,
  EPOCH,
  EPOCH_MS,
  introduceTwo,
  ofType,
  statementOf,
} from "../../testing/accounting-rig.ts";
import { createCoreRig, START_MS, type CoreRig } from "../../testing/core-rig.ts";

const say = (rig: CoreRig, session: number, bytes: Uint8Array) =>
  rig.say(session, { type: "statement", bytes });

/** Answers the `check-statement` of the last step. */
function check(rig: CoreRig, isTrue = true, grants: readonly Grant[] = []) {
  const [asked] = ofType(rig.out, "check-statement");
  const fault = isTrue ? null : ({ code: "bad-signature", reason: "false" } as const);
  return rig.feed({ type: "statement-checked", check: { number: asked!.number, fault, grants } });
}

function store(rig: CoreRig, stored = true) {
  const [asked] = ofType(rig.out, "store-statement");
  return rig.feed({ type: "statement-stored", number: asked!.number, stored });
}

it("acknowledges a statement only when it is durable", () => {
  const rig = createAccountingRig();
  const { from2 } = introduceTwo(rig);
  const sealed = statementOf(1, 5, [entryOf(from2, "downloader")]);
  say(rig, 1, sealed);
  expect(rig.sentTo(1)).toEqual([]);
  expect(ofType(rig.out, "check-statement")).toMatchObject([{ unknownGrants: [] }]);
  check(rig);
  expect(rig.sentTo(1)).toEqual([]);
  expect(ofType(rig.out, "store-statement")).toMatchObject([
    { record: { sealed, arrivedMs: START_MS, grants: [from2], account: null, statement: { seq: 5 } } },
  ]);
  store(rig);
  expect(rig.told(1, "ack")).toEqual({ type: "ack", of: 5 });
  expect(rig.core.stats().accounting).toEqual({ grantsIssued: 2, statementsStored: 1, statementsRefused: 0 });
});

it("says so when the store failed, and takes the next try", () => {
  const rig = createAccountingRig();
  const { from2 } = introduceTwo(rig);
  say(rig, 1, statementOf(1, 1, [entryOf(from2, "downloader")]));
  check(rig);
  store(rig, false);
  expect(rig.told(1, "error")).toMatchObject({ code: "internal", fatal: false });
  say(rig, 1, statementOf(1, 2, [entryOf(from2, "downloader")]));
  check(rig);
  store(rig);
  expect(rig.told(1, "ack").of).toBe(2);
});

const spoiled = (at: number, byte: number) => {
  const bytes = statementOf(1, 1, []).slice();
  bytes[at] = byte;
  return bytes;
};

it.each<[string, ErrorCode, (grants: ReturnType<typeof introduceTwo>) => Uint8Array]>([
  ["cut short", "wrong-length", () => statementOf(1, 1, []).slice(0, -1)],
  ["with a byte too many", "wrong-length", () => Uint8Array.from([...statementOf(1, 1, []), 0])],
  ["that is a receipt", "wrong-type", () => spoiled(0, 2)],
  ["with a counter of 2^60", "overflow", () => spoiled(49, 0x10)],
  ["numbered 0", "inconsistent", () => spoiled(40, 0)],
  ["of another session", "wrong-key", () => statementOf(2, 1, [])],
  ["of a closed epoch", "wrong-epoch", () => statementOf(1, 1, [], { epoch: EPOCH - 1 })],
  ["of an epoch to come", "wrong-epoch", () => statementOf(1, 1, [], { epoch: EPOCH + 1 })],
  ["from the future", "clock-ahead", () => statementOf(1, 1, [], { timestampMs: START_MS + 30_001 })],
  ["from the past", "clock-behind", () => statementOf(1, 1, [], { timestampMs: START_MS - 120_001 })],
])("refuses a statement %s: %s", (_, code, make) => {
  const rig = createAccountingRig();
  const bytes = make(introduceTwo(rig));
  say(rig, 1, bytes);
  expect(rig.told(1, "error")).toMatchObject({ code, fatal: false });
  expect(rig.told(1, "error").message).toMatch(/^statement: /);
  expect(ofType(rig.out, "check-statement")).toEqual([]);
  expect(rig.core.stats().accounting.statementsRefused).toBe(1);
});

it.each<[string, ErrorCode, (grants: ReturnType<typeof introduceTwo>) => Uint8Array]>([
  [
    "a grant that nobody knows",
    "unknown-grant",
    ({ from2 }) => statementOf(1, 1, [entryOf({ ...from2, grantId: new Uint8Array(16) }, "downloader")]),
  ],
  ["the other side's role", "wrong-key", ({ from1 }) => statementOf(1, 1, [entryOf(from1, "downloader")])],
  [
    "more bytes than granted",
    "overflow",
    ({ from2 }) => statementOf(1, 1, [entryOf(from2, "downloader", 1, { bytes: from2.maxBytes + 1 })]),
  ],
  [
    "a receipt dated before its grant",
    "clock-behind",
    ({ from1 }) => statementOf(1, 1, [entryOf(from1, "uploader", 1, { timestampMs: START_MS - 30_001 })]),
  ],
  [
    "a receipt dated after its grant",
    "clock-ahead",
    ({ from1 }) =>
      statementOf(1, 1, [entryOf(from1, "uploader", 1, { timestampMs: from1.expiryMs + 20_001 })]),
  ],
])("refuses what states %s: %s", (_, code, make) => {
  const rig = createAccountingRig();
  const bytes = make(introduceTwo(rig));
  say(rig, 1, bytes);
  check(rig);
  expect(rig.told(1, "error")).toMatchObject({ code, fatal: false });
  expect(ofType(rig.out, "store-statement")).toEqual([]);
});

it("refuses a grant of another open epoch than the statement's", () => {
  const rig = createAccountingRig();
  const { from2 } = introduceTwo(rig);
  rig.advance((EPOCH + 1) * EPOCH_MS - START_MS);
  rig.admit(1);
  const changes = { epoch: EPOCH + 1, timestampMs: rig.nowMs };
  say(rig, 1, statementOf(1, 1, [entryOf(from2, "downloader")], changes));
  check(rig);
  expect(rig.told(1, "error")).toMatchObject({ code: "wrong-epoch", fatal: false });
  expect(ofType(rig.out, "store-statement")).toEqual([]);
});

it("refuses a grant that has not begun", () => {
  const rig = createAccountingRig();
  const { from2 } = introduceTwo(rig);
  const later = { ...from2, grantId: new Uint8Array(16).fill(1), notBeforeMs: START_MS + 30_001 };
  say(rig, 1, statementOf(1, 1, [entryOf(later, "downloader")]));
  check(rig, true, [later]);
  expect(rig.told(1, "error")).toMatchObject({ code: "clock-ahead", fatal: false });
  expect(ofType(rig.out, "store-statement")).toEqual([]);
});

it("refuses a false signature, and does not let it use up numbers of the true session", () => {
  const rig = createAccountingRig();
  introduceTwo(rig);
  rig.feed({ type: "statement-posted", request: 1, address: "192.0.2.1", bytes: statementOf(1, 9_999, []) });
  check(rig, false);
  expect(ofType(rig.out, "answer-post")).toMatchObject([{ request: 1, wrong: { code: "bad-signature" } }]);
  say(rig, 1, statementOf(1, 1, []));
  check(rig);
  store(rig);
  expect(rig.told(1, "ack").of).toBe(1);
});

it("refuses a statement that was taken, over any way it comes, also while its twin is looked at", () => {
  const rig = createAccountingRig();
  introduceTwo(rig);
  const bytes = statementOf(1, 3, []);
  say(rig, 1, bytes);
  const first = ofType(rig.out, "check-statement")[0]!;
  rig.feed({ type: "statement-posted", request: 1, address: "127.0.0.1", bytes });
  const second = ofType(rig.out, "check-statement")[0]!;
  rig.feed({ type: "statement-checked", check: { number: first.number, fault: null, grants: [] } });
  store(rig);
  rig.feed({ type: "statement-checked", check: { number: second.number, fault: null, grants: [] } });
  expect(ofType(rig.out, "answer-post")).toMatchObject([{ wrong: { code: "replayed" } }]);
  say(rig, 1, bytes);
  expect(rig.told(1, "error").code).toBe("replayed");
});

it("takes last words that overtook each other, each once", () => {
  const rig = createAccountingRig();
  const { from2 } = introduceTwo(rig);
  for (const [seq, isTaken] of [
    [30, true],
    [29, true],
    [29, false],
    [23, true],
    [22, false],
  ] as const) {
    rig.feed({
      type: "statement-posted",
      request: seq,
      address: "127.0.0.1",
      bytes: statementOf(1, seq, [entryOf(from2, "downloader")]),
    });
    const [asked] = ofType(rig.out, "check-statement");
    expect(asked !== undefined, `statement ${seq}`).toBe(isTaken);
    if (!isTaken) expect(ofType(rig.out, "answer-post")).toMatchObject([{ wrong: { code: "replayed" } }]);
    else check(rig);
  }
});

it("lets no claim go back, and none change under the number of its receipt", () => {
  const rig = createAccountingRig();
  const { from2 } = introduceTwo(rig);
  const state = (seq: number, ...entry: Parameters<typeof entryOf>) => {
    say(rig, 1, statementOf(1, seq, [entryOf(...entry)]));
    check(rig);
  };
  state(1, from2, "downloader", 4);
  store(rig);
  state(2, from2, "downloader", 3);
  expect(rig.told(1, "error").code).toBe("replayed");
  state(3, from2, "downloader", 5, { bytes: 3_999 });
  expect(rig.told(1, "error").code).toBe("replayed");
  state(4, from2, "downloader", 4, { acc: new Uint8Array(32).fill(1) });
  expect(rig.told(1, "error").code).toBe("inconsistent");
  state(5, from2, "downloader", 4);
  store(rig);
  expect(rig.told(1, "ack").of).toBe(5);
});

it("keeps the two sides' claims apart", () => {
  const rig = createAccountingRig();
  const { from2 } = introduceTwo(rig);
  say(rig, 1, statementOf(1, 1, [entryOf(from2, "downloader", 9)]));
  check(rig);
  store(rig);
  say(rig, 2, statementOf(2, 1, [entryOf(from2, "uploader", 8)]));
  check(rig);
  expect(ofType(rig.out, "store-statement")).toMatchObject([
    { record: { statement: { entries: [{ role: "uploader", seq: 8 }] } } },
  ]);
});

it("takes statements until two minutes after the epoch's close, by their arrival", () => {
  for (const [lateMs, isTaken] of [
    [119_999, true],
    [120_000, false],
  ] as const) {
    const rig = createAccountingRig();
    const { from2 } = introduceTwo(rig);
    rig.advance((EPOCH + 1) * EPOCH_MS + lateMs - START_MS);
    rig.admit(3);
    rig.feed({
      type: "statement-posted",
      request: 1,
      address: "192.0.2.1",
      bytes: statementOf(1, 1, [entryOf(from2, "downloader")], { timestampMs: rig.nowMs }),
    });
    expect(ofType(rig.out, "check-statement")).toHaveLength(isTaken ? 1 : 0);
    if (!isTaken) expect(ofType(rig.out, "answer-post")).toMatchObject([{ wrong: { code: "wrong-epoch" } }]);
  }
});

it("knows grants of before a restart from the store", () => {
  const before = createAccountingRig();
  const { from2 } = introduceTwo(before);
  const rig = createAccountingRig();
  rig.admit(1);
  say(rig, 1, statementOf(1, 1, [entryOf(from2, "downloader")]));
  expect(ofType(rig.out, "check-statement")).toMatchObject([{ unknownGrants: [from2.grantId] }]);
  check(rig, true, [from2]);
  expect(ofType(rig.out, "store-statement")).toMatchObject([{ record: { grants: [from2] } }]);
});

it("takes a closing page's last statement when its connection is gone", () => {
  const rig = createAccountingRig();
  const { from2 } = introduceTwo(rig);
  rig.feed({ type: "closed", session: 1 });
  const bytes = statementOf(1, 1, [entryOf(from2, "downloader")]);
  rig.feed({ type: "statement-posted", request: 4, address: "203.0.1.9", bytes });
  check(rig);
  store(rig);
  expect(rig.out).toEqual([{ type: "answer-post", request: 4, wrong: null }]);
});

it("stores nothing that somebody posts who was never admitted, and so has no grant to speak of", () => {
  const rig = createAccountingRig();
  rig.feed({ type: "statement-posted", request: 1, address: "192.0.2.1", bytes: statementOf(7, 1, []) });
  check(rig);
  expect(ofType(rig.out, "store-statement")).toEqual([]);
  expect(ofType(rig.out, "answer-post")).toMatchObject([{ wrong: { code: "unknown-grant" } }]);
});

it("takes no more statements by POST than over a connection, from as many addresses as they come", () => {
  const rig = createAccountingRig();
  const { from2 } = introduceTwo(rig);
  let storedCount = 0;
  for (let seq = 1; seq <= 300; seq++) {
    const bytes = statementOf(1, seq, [entryOf(from2, "downloader")]);
    rig.feed({ type: "statement-posted", request: seq, address: `203.0.${seq % 250}.9`, bytes });
    check(rig);
    storedCount += ofType(rig.out, "store-statement").length;
    if (storedCount === seq) store(rig);
    else expect(ofType(rig.out, "answer-post")).toMatchObject([{ wrong: { code: "rate-limited" } }]);
  }
  expect(storedCount).toBe(100);
});

it("does not let one session fill the checks, or flood", () => {
  const rig = createAccountingRig();
  introduceTwo(rig);
  const codes: (ErrorCode | null)[] = [];
  for (let seq = 1; seq <= 110; seq++) {
    say(rig, 1, statementOf(1, seq, []));
    const [error] = rig.sentTo(1);
    codes.push(error?.type === "error" ? error.code : null);
  }
  expect(codes.slice(0, 8)).toEqual(new Array(8).fill(null));
  expect(new Set(codes.slice(8))).toEqual(new Set(["rate-limited", null]));
  // The other session is not touched.
  say(rig, 2, statementOf(2, 1, []));
  expect(ofType(rig.out, "check-statement")).toHaveLength(1);
});

it("takes no statements where it issues no grants", () => {
  const rig = createCoreRig();
  rig.admit(1);
  say(rig, 1, statementOf(1, 1, []));
  expect(rig.told(1, "error").code).toBe("unknown-grant");
});

it("does not choke on any bytes", () => {
  const rig = createAccountingRig();
  const { from2 } = introduceTwo(rig);
  const honest = statementOf(1, 1, [entryOf(from2, "downloader")]);
  for (let at = 0; at < honest.length; at++) {
    const bytes = honest.slice();
    bytes[at] = bytes[at]! ^ 0xff;
    rig.advance(5_000);
    rig.say(1, { type: "ping", nonce: 1 });
    rig.feed({ type: "statement-posted", request: at, address: "127.0.0.1", bytes });
    const [asked] = ofType(rig.out, "check-statement");
    if (asked !== undefined) {
      // Whatever parses is refused for its signature in the end.
      expect(statementMessage.parse(bytes).ok).toBe(true);
      check(rig, false);
    }
    expect(ofType(rig.out, "answer-post")).toMatchObject([{ request: at, wrong: {} }]);
  }
});

it("reads so many at a time, and the next in the order in which they came", () => {
  const rig = createAccountingRig();
  const posted = (request: number) =>
    rig.feed({
      type: "statement-posted",
      request,
      address: "127.0.0.1",
      bytes: statementOf(request, 1, []),
    });
  const asked: number[] = [];
  for (let request = 1; request <= 70; request++) {
    posted(request);
    asked.push(...ofType(rig.out, "check-statement").map(({ number }) => number));
  }
  expect(asked).toHaveLength(64);
  const checked = (number: number) =>
    rig.feed({ type: "statement-checked", check: { number, fault: null, grants: [] } });
  const turns: Uint8Array[] = [];
  for (const number of asked.slice(0, 6)) {
    checked(number);
    turns.push(...ofType(rig.out, "check-statement").map(({ sessionKey }) => sessionKey));
  }
  const keys = [65, 66, 67, 68, 69, 70].map((of) => statementMessage.parse(statementOf(of, 1, [])));
  expect(turns).toEqual(keys.map((parsed) => parsed.ok && parsed.value.sessionKey));
  checked(asked[6]!);
  expect(ofType(rig.out, "check-statement")).toEqual([]);
});

it("goes on with the next where one that waited is refused", () => {
  const rig = createAccountingRig();
  const feed = (request: number, bytes: Uint8Array) =>
    rig.feed({ type: "statement-posted", request, address: "127.0.0.1", bytes });
  for (let request = 1; request <= 64; request++) feed(request, statementOf(request, 1, []));
  const [last] = ofType(rig.out, "check-statement");
  feed(65, statementOf(65, 1, []).slice(0, -1));
  feed(66, statementOf(66, 1, []));
  expect(rig.out).toEqual([]);
  rig.feed({ type: "statement-checked", check: { number: last!.number, fault: null, grants: [] } });
  expect(ofType(rig.out, "answer-post")).toMatchObject([
    { request: 64, wrong: { code: "unknown-grant" } },
    { request: 65, wrong: { code: "wrong-length" } },
  ]);
  expect(ofType(rig.out, "check-statement")).toHaveLength(1);
});
