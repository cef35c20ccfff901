import {
  EMPTY_ACC,
  type Grant,
  grantMessage,
  type Receipt,
  receiptMessage,
  type Statement,
  type StatementEntry,
  statementMessage,
} from "@tributary/protocol";
import type { AccountingConfig, Output, SessionId, TrackerConfig } from "../core/index.ts";
import { createCoreRig, keyOfSession, START_MS, type CoreRig } from "./core-rig.ts";

export const MINUTE_MS = 60_000;
export const EPOCH_MS = 10 * MINUTE_MS;
/** The epoch that `START_MS` lies in. */
export const EPOCH = Math.floor(START_MS / EPOCH_MS);

/** Its signatures are only ever "checked" by hand. */
export const signature = new Uint8Array(64).fill(9);

export const ofType = <Type extends Output["type"]>(out: readonly Output[], type: Type) =>
  out.filter((output): output is Extract<Output, { type: Type }> => output.type === type);

export function createAccountingRig(
  rules: Partial<AccountingConfig> = {},
  changes: Partial<TrackerConfig> = {},
): CoreRig {
  const trackerKeyId = new Uint8Array(8).fill(7);
  return createCoreRig({
    accounting: {
      trackerKeyId,
      epochMs: EPOCH_MS,
      allowSameNetwork: false,
      hasBudget: () => true,
      ...rules,
    },
    ...changes,
  });
}

/** Answers the `sign-grants` of the last step; gives the grants. */
export function signGrants(rig: CoreRig): readonly Grant[] {
  const asked = ofType(rig.out, "sign-grants");
  const grants = asked.flatMap((output) => output.grants);
  for (const { number, grants: of } of asked)
    rig.feed({
      type: "grants-signed",
      number,
      sealed: of.map((grant) => grantMessage.seal(grant, signature)),
    });
  return grants;
}

/** Sessions 1 and 2, in one swarm and in different networks, and what each may give the other. */
export function introduceTwo(rig: CoreRig): { readonly from1: Grant; readonly from2: Grant } {
  rig.enter(1, "203.0.1.9");
  rig.enter(2, "198.51.2.9");
  const grants = signGrants(rig);
  const from = (session: SessionId) => grants.find(({ uploaderKey }) => uploaderKey[0] === session)!;
  return { from1: from(1), from2: from(2) };
}

export function receiptOf(grant: Grant, seq: number, changes: Partial<Receipt> = {}): Receipt {
  return {
    grantId: grant.grantId,
    seq,
    bytes: seq * 1_000,
    segments: seq,
    acc: EMPTY_ACC,
    timestampMs: START_MS,
    links: [],
    ...changes,
  };
}

export function entryOf(
  grant: Grant,
  role: StatementEntry["role"],
  seq = 1,
  changes: Partial<Receipt> = {},
): StatementEntry {
  const { timestampMs, links, ...claim } = receiptOf(grant, seq, changes);
  const receipt =
    role === "uploader" ? receiptMessage.seal({ ...claim, timestampMs, links }, signature) : null;
  return { ...claim, role, links, receipt };
}

export function statementOf(
  session: SessionId,
  seq: number,
  entries: readonly StatementEntry[],
  changes: Partial<Statement> = {},
): Uint8Array {
  return statementMessage.seal(
    {
      sessionKey: keyOfSession(session),
      epoch: EPOCH,
      seq,
      timestampMs: START_MS,
      cdnBytes: 0,
      entries,
      ...changes,
    },
    signature,
  );
}
