import type { Transaction } from "kysely";
import type { Database } from "./open-database.ts";
import type { Schema } from "./schema.ts";
import { lastSettledEpoch } from "./last-settled.ts";

/** What a publisher's CDN gave out for one title in one epoch. */
export interface EgressReport {
  readonly publisher: Uint8Array;
  /** Under which ids the title's swarm may be known: the first that was watched in the epoch is meant. */
  readonly swarms: readonly Uint8Array[];
  readonly epoch: number;
  /** Replaces what was reported before. */
  readonly bytes: number;
}

/** The swarm that it is kept for. settled: the epoch stays as it is. unwatched: nobody was in that swarm then. */
export type EgressVerdict =
  { readonly kind: "kept"; readonly swarm: Uint8Array } | { readonly kind: "settled" | "unwatched" };

/** Keeps a report, durable when it resolves. Only what was watched is kept, so that nobody fills the log with others. */
export function reportEgress(
  database: Database,
  { publisher, swarms, epoch, bytes }: EgressReport,
): Promise<EgressVerdict> {
  return database.transaction().execute(async (transaction): Promise<EgressVerdict> => {
    const settled = await lastSettledEpoch(transaction);
    if (settled !== null && BigInt(epoch) <= settled) return { kind: "settled" };
    const rows = await transaction
      .selectFrom("swarm_epoch")
      .select("swarm")
      .where("epoch", "=", BigInt(epoch))
      .where(
        "swarm",
        "in",
        swarms.map((swarm) => Buffer.from(swarm)),
      )
      .execute();
    const swarm = swarms.find((wanted) => rows.some((row) => row.swarm.equals(wanted)));
    if (swarm === undefined) return { kind: "unwatched" };
    await keepEgress(transaction, { publisher, swarm, epoch, bytes });
    return { kind: "kept", swarm };
  });
}

/** The last report of an epoch that is not settled counts. */
export async function keepEgress(
  transaction: Transaction<Schema>,
  report: Omit<EgressReport, "swarms"> & { readonly swarm: Uint8Array },
): Promise<void> {
  const { publisher, swarm, epoch, bytes } = report;
  await transaction
    .insertInto("egress_report")
    .values({
      publisher: Buffer.from(publisher),
      swarm: Buffer.from(swarm),
      epoch: BigInt(epoch),
      bytes: BigInt(bytes),
    })
    .onConflict((conflict) =>
      conflict
        .columns(["swarm", "epoch", "publisher"])
        .doUpdateSet((column) => ({ bytes: column.ref("excluded.bytes") })),
    )
    .execute();
}
