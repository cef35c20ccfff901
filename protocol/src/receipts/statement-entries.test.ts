import fc from "fast-check";
import { expect, it } from "vitest";
import { signedMessages } from "../testing/signed-arbitraries.ts";
import { grantMessage, GRANT_BEGINS } from "./grant.ts";
import { readStatementEntries, splitStatement } from "./statement-entries.ts";
import { statementMessage } from "./statement.ts";

const signature = new Uint8Array(64).fill(1);

it("takes a statement apart, whose entries read as they do in the whole", () => {
  fc.assert(
    fc.property(signedMessages.statement, (statement) => {
      const split = splitStatement(statementMessage.seal(statement, signature));
      if (!split.ok) throw new Error(split.reason);
      const { sessionKey, cdnBytes, entries } = split.value;
      expect({ sessionKey, cdnBytes }).toEqual({
        sessionKey: statement.sessionKey,
        cdnBytes: statement.cdnBytes,
      });
      expect(entries.map(({ grantId }) => grantId)).toEqual(statement.entries.map(({ grantId }) => grantId));
      const bytes = new Uint8Array(Buffer.concat(entries.map((entry) => entry.bytes)));
      expect(readStatementEntries(bytes)).toEqual({ ok: true, value: statement.entries });
    }),
  );
});

it("refuses what is cut, and what has more behind it", () => {
  fc.assert(
    fc.property(signedMessages.statement, fc.nat(), (statement, at) => {
      const sealed = statementMessage.seal(statement, signature);
      expect(splitStatement(sealed.subarray(0, at % sealed.length)).ok).toBe(false);
      expect(splitStatement(Buffer.concat([sealed, signature])).ok).toBe(false);
    }),
  );
  expect(readStatementEntries(new Uint8Array(5)).ok).toBe(false);
});

it("knows where a sealed grant says when it begins", () => {
  fc.assert(
    fc.property(signedMessages.grant, (grant) => {
      const sealed = Buffer.from(grantMessage.seal(grant, signature));
      expect(sealed.readBigUInt64BE(GRANT_BEGINS.at)).toBe(BigInt(grant.notBeforeMs));
    }),
  );
});
