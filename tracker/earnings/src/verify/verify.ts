import { decodeBase64Url, encodeBase64Url, equalBytes } from "@tributary/protocol";
import {
  type Checkpoint,
  checkPayoutProof,
  type NoteKey,
  openNote,
  parseCheckpoint,
  parseNoteKey,
  parsePayoutProof,
  parseTlogProof,
  type PayoutRecord,
  type ProofStep,
  type VerifySignature,
} from "@tributary/protocol/log";
import type { LogMemory } from "./memory.ts";
import { hashed, openPublishedLog, type PublishedLog, type ReadFile } from "./published-log.ts";

export interface VerifyEnvironment {
  /** As the tracker names it now. */
  readonly logKey: string;
  readonly readFile: ReadFile;
  readonly verify: VerifySignature;
  readonly memory: LogMemory;
  readonly nowMs: () => number;
  /** A time as the page writes it. */
  readonly timeText: (ms: number) => string;
}

/** What a row of the page claims, to be held against the proof. */
export interface Claimed {
  readonly account: string;
  readonly publisher: string;
  readonly epoch: number;
  readonly bytes: bigint;
  readonly paidMicro: bigint;
}

export type Tell = (step: ProofStep) => void;

class Failed extends Error {}

/**
 * Checks a proof file step by step: the log's key and past against what this browser has seen before, the proof itself,
 * and both against the published files. The last step told is the first that fails.
 * @returns what is proved; null where a step failed
 */
export async function verifyProof(
  text: string,
  claimed: Claimed | null,
  environment: VerifyEnvironment,
  tell: Tell,
): Promise<PayoutRecord | null> {
  const step = (ok: boolean, yes: string, no: string): void => {
    tell({ ok, text: ok ? yes : no });
    if (!ok) throw new Failed(no);
  };
  try {
    const { key, log } = await openLog(environment, step);
    const proof = parsePayoutProof(text);
    if (!proof.ok) throw new Error(`the proof file cannot be read: ${proof.reason}`);
    const verdict = await checkPayoutProof(proof.value, key, environment.verify, hashed);
    for (const each of verdict.steps) tell(each);
    if (verdict.proved === null) return null;
    await compareWithLog(proof.value.tlogProof, proof.value.epochRecord, log, step);
    const { payout } = verdict.proved;
    if (claimed !== null) compareWithRow(payout, claimed, step);
    return payout;
  } catch (error) {
    if (!(error instanceof Failed)) tell({ ok: false, text: (error as Error).message });
    return null;
  }
}

type Step = (ok: boolean, yes: string, no: string) => void;

/** The log as it is published now, shown to go on from what this browser has seen of it. */
async function openLog(
  { logKey, readFile, verify, memory, nowMs, timeText }: VerifyEnvironment,
  step: Step,
): Promise<{ key: NoteKey; log: PublishedLog }> {
  const kept = memory.read();
  const parsed = await hashed(parseNoteKey(logKey));
  if (!parsed.ok) throw new Error(`the log's key cannot be read: ${parsed.reason}`);
  const key = parsed.value;
  step(
    kept === null || kept.key === logKey,
    kept === null
      ? `the log's key is new to this browser, which keeps it from now on: ${key.name}`
      : `the log's key is the one that this browser has kept: ${key.name}`,
    "the log's key is not the one that this browser has kept: this is another log, or its key was changed",
  );
  const note = new TextDecoder().decode(await readFile("checkpoint"));
  const now = await checkpointIn(note, key, verify);
  step(
    typeof now !== "string",
    `the published log of ${typeof now === "string" ? 0 : now.size} epochs is signed with it`,
    `the published log: ${String(now)}`,
  );
  const head = now as Checkpoint;
  const log = openPublishedLog(head, readFile);
  const before = kept === null ? null : await checkpointIn(kept.checkpoint, key, verify);
  if (kept !== null && before !== null && typeof before !== "string") {
    const seen = `${before.size} epochs that this browser saw on ${timeText(kept.seenAtMs)}`;
    step(
      await log.continues(before),
      `the ${seen} are still in it, unchanged`,
      `the past was rewritten: the ${seen} are not the beginning of what is published now`,
    );
  }
  memory.keep({ key: logKey, checkpoint: note, seenAtMs: nowMs() });
  return { key, log };
}

/** A text says what is wrong with it. */
async function checkpointIn(
  note: string,
  key: NoteKey,
  verify: VerifySignature,
): Promise<Checkpoint | string> {
  const opened = await openNote(note, key, verify);
  if (!opened.ok) return opened.reason;
  const checkpoint = parseCheckpoint(opened.value);
  if (!checkpoint.ok) return checkpoint.reason;
  return checkpoint.value.origin === key.name ? checkpoint.value : "the checkpoint is of another log";
}

/** The proof stands on a checkpoint of its own: both must be of one history. */
async function compareWithLog(
  tlogProof: string,
  epochRecord: Uint8Array,
  log: PublishedLog,
  step: Step,
): Promise<void> {
  const { index } = known(parseTlogProof(tlogProof));
  const published = await log.provedEntry(index);
  step(
    published !== null && equalBytes(published, epochRecord),
    `the published files hold the same record as entry ${index}, and lead to the signed root`,
    `entry ${index} of the published files is another record, or does not lead to the signed root`,
  );
}

function known<T>(
  parsed: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string },
): T {
  if (parsed.ok) return parsed.value;
  throw new Error(parsed.reason);
}

function compareWithRow(payout: PayoutRecord, claimed: Claimed, step: Step): void {
  const same =
    equalBytes(payout.account, decodeBase64Url(claimed.account) ?? new Uint8Array(0)) &&
    encodeBase64Url(payout.publisher) === claimed.publisher &&
    payout.epoch === claimed.epoch &&
    payout.bytes === claimed.bytes &&
    payout.paid === claimed.paidMicro;
  step(
    same,
    "account, publisher, epoch, bytes and amount are those of this row",
    "the proof is for another account, publisher, epoch or amount than this row",
  );
}
