import { expect, it } from "vitest";
import { readStatementHead } from "./statement-head.ts";
import { statementMessage } from "./statement.ts";

const statement = {
  sessionKey: new Uint8Array(32).fill(9),
  epoch: 0xfedc_ba98,
  seq: 77,
  timestampMs: 5,
  cdnBytes: 6,
  entries: [],
};
const sealed = statementMessage.seal(statement, new Uint8Array(64).fill(1));

it("says what the whole statement says", () => {
  const { sessionKey, epoch, seq } = statement;
  expect(readStatementHead(sealed)).toEqual({ ok: true, value: { sessionKey, epoch, seq } });
});

it("refuses what is cut or something else", () => {
  for (let length = 0; length < 41 + 64; length++)
    expect(readStatementHead(sealed.slice(0, length)).ok).toBe(false);
  const receipt = Uint8Array.from(sealed);
  receipt[0] = 2;
  expect(readStatementHead(receipt)).toEqual({ ok: false, reason: "type: expected a statement" });
});
