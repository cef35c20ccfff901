import type { Transaction } from "kysely";
import { encodeHex, statementMessage, type StatementEntry } from "@tributary/protocol";
import type { Lie } from "../../ledger/settlement/settle.ts";
import type { Schema } from "./schema.ts";

/** Keeps the two signed papers that convict each liar, before the statements go. */
export async function keepLies(
  transaction: Transaction<Schema>,
  epoch: bigint,
  lies: readonly Lie[],
): Promise<void> {
  for (const { grantId, uploaderKey, downloaderKey, seq, account } of lies) {
    const told = await lastWord(transaction, downloaderKey, "downloader", grantId, seq);
    const held = await lastWord(transaction, uploaderKey, "uploader", grantId, seq);
    if (told === null || held?.entry.receipt == null) throw new Error("a lie without its papers");
    await transaction
      .insertInto("lie")
      .values({
        grant_id: Buffer.from(grantId),
        epoch,
        downloader: Buffer.from(downloaderKey),
        receipt: Buffer.from(held.entry.receipt),
        statement: told.sealed,
        account: account && Buffer.from(account),
      })
      .execute();
  }
}

/** The last statement in which a session speaks of a grant's receipt. */
async function lastWord(
  transaction: Transaction<Schema>,
  session: Uint8Array,
  role: StatementEntry["role"],
  grantId: Uint8Array,
  receiptSeq: number,
): Promise<{ sealed: Buffer; entry: StatementEntry } | null> {
  const rows = await transaction
    .selectFrom("statement")
    .select("sealed")
    .where("session", "=", Buffer.from(session))
    .orderBy("seq", "desc")
    .execute();
  for (const { sealed } of rows) {
    const parsed = statementMessage.parse(sealed);
    const entry = parsed.ok
      ? parsed.value.entries.find(
          (e) => e.role === role && e.seq === receiptSeq && encodeHex(e.grantId) === encodeHex(grantId),
        )
      : undefined;
    if (entry !== undefined) return { sealed, entry };
  }
  return null;
}
