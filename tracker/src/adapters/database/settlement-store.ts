import { createHmac } from "node:crypto";
import type { Transaction } from "kysely";
import { encodeHex } from "@tributary/protocol";
import {
  balanceRecord,
  type EgressRecord,
  egressRecord,
  epochRecord,
  leafHash,
  payoutRecord,
  settledRecord,
  sumLeaf,
  sumTree,
  treeHash,
} from "@tributary/protocol/log";
import { BURN, ESCROW, peerAccount, TREASURY } from "../../ledger/accounts.ts";
import { type AccountBalance, brokenInvariants } from "../../ledger/invariants.ts";
import { checkParameters, parametersText } from "../../ledger/settlement/parameters.ts";
import { createSettling, type Settlement } from "../../ledger/settlement/settle.ts";
import { addBalances, balanceChanges, ZERO_BALANCE } from "../../ledger/transfers.ts";
import { chunks } from "./chunks.ts";
import { readDeposits } from "./deposits.ts";
import { readGrantBatches } from "./grant-batches.ts";
import { keepLies } from "./lies.ts";
import { appendEntry, type SignCheckpoint } from "./log-store.ts";
import type { Database } from "./open-database.ts";
import { startDueAddresses } from "./payout-addresses.ts";
import { applyTransfers, ensureAccounts, readBalances, transferOf } from "./postings.ts";
import type { Schema } from "./schema.ts";
import { checkFence } from "./settler-lock.ts";
import { type EpochToSettle, readEpochFacts } from "./settlement-input.ts";
import { keepGrants, keepSpent, keepTotals } from "./settled-state.ts";
import { hashed, sha256 } from "./sha256.ts";
import { dropTold, gatherTold } from "./told-entries.ts";

/** A law of the ledger does not hold. Nothing was kept; nothing may go on. */
export class BrokenLedger extends Error {}

type Tx = Transaction<Schema>;

/**
 * Settles an epoch and appends it to the log, all in one transaction: after a crash at any point it has happened
 * whole or not at all, and happens once.
 * @param fence what `takeSettlerLock` gave
 * @returns null where the epoch is settled already
 * @throws FencedOff; BrokenLedger
 */
export async function settleEpoch(
  database: Database,
  settling: EpochToSettle,
  fence: bigint,
  sign: SignCheckpoint,
): Promise<Settlement | null> {
  checkParameters(settling.parameters);
  return database.transaction().execute(async (transaction) => {
    await checkFence(transaction, fence);
    const n = BigInt(settling.epoch);
    const last = await transaction.selectFrom("epoch").selectAll().orderBy("n", "desc").executeTakeFirst();
    if (last !== undefined && last.n >= n) return null;

    const settlement = await settleGrants(transaction, settling);
    await ensureAccounts(transaction, [
      TREASURY,
      ESCROW,
      BURN,
      ...settlement.payouts.map(({ account }) => peerAccount(account)),
    ]);
    await startDueAddresses(transaction, settling.postedAtMs);
    await applyTransfers(transaction, settlement.transfers);
    await keepLies(transaction, n, settlement.lies);
    await keepGrants(transaction, n, settlement);
    await keepTotals(transaction, settling, settlement);

    const balances = await readBalances(transaction);
    const broken = brokenInvariants(balances);
    if (broken.length > 0) throw new BrokenLedger(`epoch ${n}: ${broken.join("; ")}`);

    const salts = settlement.payouts.map((payout) => saltOf(settling.secret, payoutRecord.encode(payout)));
    const parameters = parametersText(settling.parameters);
    const egress = await readEgress(transaction, n);
    const previous = last === undefined ? new Uint8Array(32) : hashed(leafHash(last.record));
    const settled = [...settlement.settled].sort((a, b) => Buffer.compare(a.grantId, b.grantId));
    const payoutsRoot = hashed(
      sumTree(
        settlement.payouts.map((payout, at) =>
          hashed(sumLeaf(salts[at]!, payoutRecord.encode(payout), payout.paid)),
        ),
      ),
    );
    const record = epochRecord.encode({
      epoch: settling.epoch,
      opensMs: settling.opensMs,
      closesMs: settling.closesMs,
      previous,
      parameters: sha256(Buffer.from(parameters)),
      settledRoot: rootOfLeaves(settled.map(settledRecord.encode)),
      settledCount: settled.length,
      payoutsRoot: payoutsRoot.hash,
      payoutsCount: settlement.payouts.length,
      balancesRoot: balancesRoot(await balancesUpTo(transaction, balances, n)),
      egressRoot: rootOfLeaves(egress.map(egressRecord.encode)),
      egressCount: egress.length,
      bytes: settlement.bytes,
      paid: settlement.paid,
      collected: settlement.collected,
      burned: settlement.burned,
    });
    const entry = last === undefined ? 0n : last.entry + 1n;
    await transaction
      .insertInto("epoch")
      .values({ n, entry, record: Buffer.from(record), parameters })
      .execute();
    const payouts = settlement.payouts.map((payout, leaf) => ({
      epoch: n,
      leaf: BigInt(leaf),
      account: Buffer.from(payout.account),
      publisher: Buffer.from(payout.publisher),
      paid: payout.paid,
      record: Buffer.from(payoutRecord.encode(payout)),
      salt: Buffer.from(salts[leaf]!),
    }));
    for (const chunk of chunks(payouts)) await transaction.insertInto("payout").values(chunk).execute();
    await keepSpent(transaction, n, settlement);
    await appendEntry(transaction, Number(entry), record, sign);
    return settlement;
  });
}

async function settleGrants(transaction: Tx, settling: EpochToSettle): Promise<Settlement> {
  const grants = createSettling(await readEpochFacts(transaction, settling));
  const epoch = BigInt(settling.epoch);
  const cdnBytes = await gatherTold(transaction, epoch);
  for await (const batch of readGrantBatches(transaction, epoch, cdnBytes, settling.secret))
    grants.add(batch);
  await dropTold(transaction);
  return grants.finish(await readDeposits(transaction, grants.suspects()));
}

/** The same for the same record, so that an epoch settled again after a crash has the same root. */
function saltOf(secret: Uint8Array, record: Uint8Array): Uint8Array {
  return createHmac("sha256", secret).update("tributary/payout-salt/v1\0").update(record).digest();
}

/** RFC 6962 over encoded records. */
export function rootOfLeaves(records: readonly Uint8Array[]): Uint8Array {
  return hashed(treeHash(records.map((record) => hashed(leafHash(record)))));
}

export function balancesRoot(balances: readonly AccountBalance[]): Uint8Array {
  const sorted = [...balances].sort((a, b) => (a.id < b.id ? -1 : 1));
  return rootOfLeaves(
    sorted.map(({ id, debitsPending, debitsPosted, creditsPending, creditsPosted }) =>
      balanceRecord.encode({ debitsPending, debitsPosted, creditsPending, creditsPosted, account: id }),
    ),
  );
}

/** Balances as transfers up to an epoch made them: what is set aside for later epochs is not in them yet. */
async function balancesUpTo(
  transaction: Tx,
  now: readonly AccountBalance[],
  epoch: bigint,
): Promise<AccountBalance[]> {
  const later = (
    await transaction.selectFrom("transfer").selectAll().where("epoch", ">", epoch).execute()
  ).map(transferOf);
  const amounts = new Map(later.map(({ id, amount }) => [id, amount]));
  const changes = balanceChanges(later, (id) => amounts.get(id) ?? 0n);
  return now
    .map((balance) => {
      const change = changes.get(balance.id) ?? ZERO_BALANCE;
      return {
        id: balance.id,
        kind: balance.kind,
        debitsPending: balance.debitsPending - change.debitsPending,
        debitsPosted: balance.debitsPosted - change.debitsPosted,
        creditsPending: balance.creditsPending - change.creditsPending,
        creditsPosted: balance.creditsPosted - change.creditsPosted,
      };
    })
    .filter(isTouched);
}

/** An account that nothing has happened to says nothing. */
export function isTouched(balance: AccountBalance): boolean {
  const { debitsPending, debitsPosted, creditsPending, creditsPosted } = addBalances(balance, ZERO_BALANCE);
  return [debitsPending, debitsPosted, creditsPending, creditsPosted].some((amount) => amount !== 0n);
}

export async function readEgress(transaction: Tx | Database, epoch: bigint): Promise<EgressRecord[]> {
  const rows = await transaction.selectFrom("egress_report").selectAll().where("epoch", "=", epoch).execute();
  const records = rows.map(({ publisher, swarm, bytes }) => ({ publisher, swarm, bytes }));
  const keyOf = ({ publisher, swarm }: EgressRecord) => `${encodeHex(publisher)} ${encodeHex(swarm)}`;
  return records.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
