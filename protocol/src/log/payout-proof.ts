import { decodeBase64Url, encodeBase64Url } from "../base64url.ts";
import type { Decoded } from "../codec/decode.ts";
import { jsonObject } from "../json-object.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import type { Hashing } from "./hashing.ts";
import { openNote, type NoteKey, type VerifySignature } from "./note.ts";
import { isIncluded } from "./proofs.ts";
import { epochRecord, type EpochRecord, payoutRecord, type PayoutRecord } from "./records.ts";
import { isInSumTree, type SumNode, sumLeaf } from "./sum-tree.ts";
import { parseTlogProof } from "./tlog-proof.ts";
import { leafHash } from "./tree.ts";

/** All that is needed to check offline that a payout is part of an epoch, and the epoch of the signed log. */
export interface PayoutProof {
  /** `payoutRecord`, encoded. */
  readonly record: Uint8Array;
  readonly salt: Uint8Array;
  /** Its place among the epoch's payouts, and its siblings from the leaf up. */
  readonly leaf: number;
  readonly path: readonly SumNode[];
  /** `epochRecord`, encoded: the log's entry. */
  readonly epochRecord: Uint8Array;
  /** c2sp.org/tlog-proof@v1, with the signed checkpoint. */
  readonly tlogProof: string;
}

const FORMAT = "tributary/payout-proof/v1";

export function formatPayoutProof({ record, salt, leaf, path, epochRecord, tlogProof }: PayoutProof): string {
  const file = {
    format: FORMAT,
    record: encodeBase64Url(record),
    salt: encodeBase64Url(salt),
    leaf,
    path: path.map(({ hash, sum }) => ({ hash: encodeBase64Url(hash), sum: String(sum) })),
    epochRecord: encodeBase64Url(epochRecord),
    tlogProof,
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

export function parsePayoutProof(text: string): Decoded<PayoutProof> {
  const wrong = (reason: string) => ({ ok: false, reason }) as const;
  const file = jsonObject(text);
  if (file?.["format"] !== FORMAT) return wrong(`expected JSON with "format": "${FORMAT}"`);
  const bytesOf = (value: unknown) => (typeof value === "string" ? decodeBase64Url(value) : null);
  const [record, salt, entry] = [file["record"], file["salt"], file["epochRecord"]].map(bytesOf);
  if (!record || !salt || !entry) return wrong("record, salt or epochRecord is no base64url text");
  const { leaf, path, tlogProof } = file;
  if (!Number.isSafeInteger(leaf)) return wrong("leaf is no whole number");
  if (typeof tlogProof !== "string") return wrong("tlogProof is no text");
  const nodes: SumNode[] = [];
  for (const node of Array.isArray(path) ? (path as unknown[]) : [null]) {
    const { hash, sum } = (typeof node === "object" && node !== null ? node : {}) as Record<string, unknown>;
    const bytes = bytesOf(hash);
    if (bytes === null || typeof sum !== "string" || !/^(0|[1-9]\d{0,18})$/.test(sum))
      return wrong("path is no list of hashes and sums");
    nodes.push({ hash: bytes, sum: BigInt(sum) });
  }
  const value = { record, salt, leaf: leaf as number, path: nodes, epochRecord: entry, tlogProof };
  return { ok: true, value };
}

/** One thing that was checked, in plain words. */
export interface ProofStep {
  readonly ok: boolean;
  readonly text: string;
}

export interface ProofVerdict {
  readonly ok: boolean;
  /** In order; the first that fails is the last. */
  readonly steps: readonly ProofStep[];
  /** What was proved, where all steps hold. */
  readonly proved: { readonly payout: PayoutRecord; readonly epoch: EpochRecord } | null;
}

/**
 * Checks a proof under the log's key. Works offline, in browsers as in Node.
 * @param hashed runs a computation that asks for hashes: `runHashing` or `runHashingAsync` with their SHA-256
 */
export function checkPayoutProof(
  proof: PayoutProof,
  key: NoteKey,
  verify: VerifySignature,
  hashed: <T>(computation: Hashing<T>) => T | Promise<T>,
): Promise<ProofVerdict> {
  const steps: ProofStep[] = [];
  const step = (ok: boolean, text: string) => {
    steps.push({ ok, text });
    return ok;
  };
  const verdict = (proved: ProofVerdict["proved"]): ProofVerdict => ({ ok: proved !== null, steps, proved });

  const log = parseTlogProof(proof.tlogProof);
  if (!log.ok) {
    step(false, `the proof of the log: ${log.reason}`);
    return Promise.resolve(verdict(null));
  }
  return openNote(log.value.checkpoint, key, verify).then((opened) => {
    if (!step(opened.ok, opened.ok ? `the checkpoint is signed by ${key.name}` : opened.reason) || !opened.ok)
      return verdict(null);
    const checkpoint = parseCheckpoint(opened.value);
    if (!checkpoint.ok || checkpoint.value.origin !== key.name) {
      step(false, checkpoint.ok ? "the checkpoint is of another log" : checkpoint.reason);
      return verdict(null);
    }
    const { size, root } = checkpoint.value;
    const { index, path } = log.value;
    return Promise.resolve(hashed(entryIsIncluded(proof.epochRecord, index, size, path, root))).then(
      (included) => {
        const place = `the epoch's record is entry ${index} of ${size} in the log`;
        if (!step(included, included ? place : `not true: ${place}`)) return verdict(null);
        const epoch = epochRecord.decode(proof.epochRecord);
        const payout = payoutRecord.decode(proof.record);
        if (!epoch.ok || !payout.ok) {
          step(false, epoch.ok ? "the payout's record cannot be read" : "the epoch's record cannot be read");
          return verdict(null);
        }
        const same = payout.value.epoch === epoch.value.epoch;
        if (!step(same, same ? `both are of epoch ${epoch.value.epoch}` : "they are of different epochs"))
          return verdict(null);
        return Promise.resolve(hashed(payoutIsIncluded(proof, payout.value, epoch.value))).then((paid) => {
          const { payoutsCount } = epoch.value;
          const part = `the payout is number ${proof.leaf + 1} of ${payoutsCount}, and all of them add up to ${epoch.value.paid} micro-units`;
          if (!step(paid, paid ? part : `not true: ${part}`)) return verdict(null);
          const covered = epoch.value.paid <= epoch.value.collected;
          const sums = `${epoch.value.paid} micro-units paid of ${epoch.value.collected} collected from publishers`;
          if (!step(covered, covered ? sums : `more paid than collected: ${sums}`)) return verdict(null);
          return verdict({ payout: payout.value, epoch: epoch.value });
        });
      },
    );
  });
}

function* entryIsIncluded(
  entry: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): Hashing<boolean> {
  return yield* isIncluded(yield* leafHash(entry), index, size, path, root);
}

function* payoutIsIncluded(proof: PayoutProof, payout: PayoutRecord, epoch: EpochRecord): Hashing<boolean> {
  const leaf = yield* sumLeaf(proof.salt, proof.record, payout.paid);
  const root = { hash: epoch.payoutsRoot, sum: epoch.paid };
  return yield* isInSumTree(leaf, proof.leaf, epoch.payoutsCount, proof.path, root);
}
