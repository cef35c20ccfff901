import { createBooks } from "./books.ts";
import { createGiving } from "./giving.ts";
import type { AccountsConfig, AccountsInput, AccountsOutput, AccountsStep, Counters } from "./model.ts";
import { createReceiving } from "./receiving.ts";
import { createStating } from "./stating.ts";

export type {
  AccountsConfig,
  AccountsInput,
  AccountsOutput,
  Counters as AccountsCounters,
  ReceiptNews,
} from "./model.ts";

/**
 * What this session owes receipts for, holds receipts for, and tells the tracker of both: a machine without I/O beside
 * the engine's core. It never stands in the way of a byte but by `credit`.
 */
export interface Accounts {
  handle(input: AccountsInput, nowMs: number, out: AccountsOutput[]): void;
  /** When to send a `tick` at the latest, null for no need. */
  nextDeadlineMs(): number | null;
  /** Signed statements that the tracker may not have: for a page that closes now. */
  lastWords(): Uint8Array[];
  readonly counters: Readonly<Counters>;
}

export function createAccounts(config: AccountsConfig): Accounts {
  const counters: Counters = {
    receiptsGiven: 0,
    receiptsTaken: 0,
    receiptsRefused: 0,
    statementsAcked: 0,
    statementsRefused: 0,
    chokes: 0,
  };
  const signings = new Map<number, (signature: Uint8Array, step: AccountsStep) => void>();
  const checks = new Map<number, (valid: boolean, step: AccountsStep) => void>();
  const books = createBooks(config);
  let lastJob = 0;
  /** The tracker's clock less ours; null before the first WELCOME. */
  let offsetMs: number | null = null;

  function sign(
    preimage: Uint8Array,
    { out }: AccountsStep,
    done: (signature: Uint8Array, step: AccountsStep) => void,
  ): void {
    signings.set(++lastJob, done);
    out.push({ type: "sign", job: lastJob, preimage });
  }

  const receiving = createReceiving(config, books, counters, sign);
  const giving = createGiving(config, books, counters, (book, preimage, signature, { out }, done) => {
    checks.set(++lastJob, done);
    out.push({ type: "verify", job: lastJob, key: book.grant.downloaderKey, preimage, signature });
  });
  const stating = createStating(config, books, counters, sign);

  function apply(input: AccountsInput, step: AccountsStep): void {
    switch (input.type) {
      case "welcome":
        return stating.online();
      case "tracker-lost":
        return stating.offline();
      case "granted":
        return input.grants.forEach((sealed) => books.add(sealed));
      case "link":
        return receiving.link(input.peer, input.open, step);
      case "proved":
        return receiving.proved(input, step);
      case "sent":
        return giving.sent(input, step);
      case "receipt":
        return giving.receipt(input.peer, input.bytes, step);
      case "signed": {
        const done = signings.get(input.job);
        signings.delete(input.job);
        return done?.(input.signature, step);
      }
      case "verified": {
        const done = checks.get(input.job);
        checks.delete(input.job);
        return done?.(input.valid, step);
      }
      case "acked":
        return stating.acked(input.seq, step);
      case "refused":
        return stating.refused(input.code, step);
    }
  }

  return {
    handle(input, nowMs, out) {
      if (input.type === "welcome") offsetMs = input.timeMs - nowMs;
      // Before the first WELCOME there are no grants, and so no accounts: only links are remembered.
      if (offsetMs === null && input.type !== "link") return;
      // Beyond that nothing can be dated, and a tracker may say any time.
      const trackerMs = Math.min(nowMs + (offsetMs ?? 0), Number.MAX_SAFE_INTEGER);
      const step = { nowMs, trackerMs, out };
      apply(input, step);
      receiving.advance(step);
      giving.advance(step);
      stating.advance(step);
    },
    nextDeadlineMs() {
      const next = Math.min(receiving.nextMs(), giving.nextMs(), stating.nextMs());
      return Number.isFinite(next) ? next : null;
    },
    lastWords: () => stating.lastWords(),
    counters,
  };
}
