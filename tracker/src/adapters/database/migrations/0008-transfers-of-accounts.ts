import type { Kysely, Migration } from "kysely";

/** Anybody may ask for an account's figures: that must not read everybody's transfers. */
export const transfersOfAccounts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createIndex("transfer_by_credit").on("transfer").columns(["credit", "code"]).execute();
    await db.schema
      .createIndex("transfer_by_debit")
      .on("transfer")
      .columns(["debit", "code", "epoch"])
      .execute();
  },
};
