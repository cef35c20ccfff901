import {
  type ErrorCode,
  MAX_STATEMENT_ENTRIES,
  MAX_STATEMENT_LINKS,
  type Statement,
  type StatementEntry,
  statementMessage,
} from "@tributary/protocol";
import type { Books } from "./books.ts";
import type { AccountsConfig, AccountsStep, Book, Counters, Sign } from "./model.ts";

/** A signed statement is ready that is at most this old, for the page may close without a word. */
const signEveryMs = 15_000;
const sendEveryMs = 60_000;
/** Where the tracker neither acknowledges nor refuses, the next statement repeats it all. */
const answerMaxMs = 30_000;
/** Well below what a statement may be; the rest goes into the next one. */
const entryBytesMax = 12_000;

/** One signed statement, and how far it reaches in each book. */
interface Draft {
  readonly statement: Statement;
  readonly sealed: Uint8Array;
  readonly books: readonly Book[];
}

/** Owns what the tracker was told, and what it is told next. */
export interface Stating {
  online(): void;
  offline(): void;
  acked(seq: number, step: AccountsStep): void;
  refused(code: ErrorCode, step: AccountsStep): void;
  advance(step: AccountsStep): void;
  /** Signed and not known to have arrived. */
  lastWords(): Uint8Array[];
  nextMs(): number;
}

export function createStating(
  { sessionKey, cdnBytes }: AccountsConfig,
  books: Books,
  counters: Counters,
  sign: Sign,
): Stating {
  let seq = 0;
  let connected = false;
  let signing = false;
  let signAtMs = 0;
  let sendAtMs = Infinity;
  /** By epoch, the oldest first: a page that closes speaks of all of them. */
  const ready = new Map<number, Draft>();
  /** Epochs that are still to be signed for in this round. */
  let round: number[] = [];
  let sent: { readonly draft: Draft; readonly untilMs: number } | null = null;
  /** After a refusal each of its books goes alone, so that a bad one cannot take the others along. */
  let alone: Book[] = [];

  const isNews = ({ claim, ackedSeq, refused }: Book) => claim !== null && claim.seq > ackedSeq && !refused;
  const isWorthIt = (draft: Draft) =>
    draft.statement.entries.some(({ seq: told }, index) => told > draft.books[index]!.ackedSeq);

  function epochsWithNews(): number[] {
    while (alone[0] !== undefined && !isNews(alone[0])) alone.shift();
    if (alone[0] !== undefined) return [alone[0].grant.epoch];
    const epochs = [...books.all()].filter(isNews).map(({ grant }) => grant.epoch);
    return [...new Set(epochs)].sort((one, other) => one - other);
  }

  /** An epoch that is closed is refused, and forgotten then. */
  function booksToState(epoch: number): Book[] {
    const chosen = alone[0] !== undefined ? [alone[0]] : [...books.all()];
    return chosen
      .filter((book) => isNews(book) && book.grant.epoch === epoch)
      .sort((one, other) => (one.id < other.id ? -1 : 1))
      .slice(0, MAX_STATEMENT_ENTRIES);
  }

  function entryOf({ role, claim, links, sealed }: Book): StatementEntry {
    const { grantId, seq: of, bytes, segments, acc } = claim!;
    const receipt = role === "uploader" ? sealed : null;
    return {
      role,
      grantId,
      seq: of,
      bytes,
      segments,
      acc,
      links: links.slice(-MAX_STATEMENT_LINKS),
      receipt,
    };
  }

  function draft(epoch: number, step: AccountsStep): void {
    const stated: Book[] = [];
    const entries: StatementEntry[] = [];
    let bytes = 0;
    for (const book of booksToState(epoch)) {
      const entry = entryOf(book);
      bytes += 70 + 26 * entry.links.length + (entry.receipt?.length ?? 0);
      if (entries.length > 0 && bytes > entryBytesMax) break;
      stated.push(book);
      entries.push(entry);
    }
    if (stated.length === 0) return;
    signing = true;
    if (sendAtMs === Infinity) sendAtMs = step.nowMs + signEveryMs;
    const statement: Statement = {
      sessionKey,
      epoch,
      seq: ++seq,
      timestampMs: Math.floor(step.trackerMs),
      cdnBytes: cdnBytes(),
      entries,
    };
    sign(statementMessage.preimage(statement), step, (signature) => {
      signing = false;
      ready.set(epoch, { statement, sealed: statementMessage.seal(statement, signature), books: stated });
    });
  }

  /** No answer may mean that it was lost: until there is a fresher one, a page that closes has only this to say. */
  function takeBack(): void {
    if (sent === null) return;
    const { epoch } = sent.draft.statement;
    if (!ready.has(epoch)) ready.set(epoch, sent.draft);
    sent = null;
  }

  return {
    online() {
      connected = true;
    },
    offline() {
      connected = false;
      takeBack();
    },
    acked(of, step) {
      if (sent?.draft.statement.seq !== of) return;
      const { statement, books: stated } = sent.draft;
      sent = null;
      counters.statementsAcked += 1;
      statement.entries.forEach((entry, index) => {
        const book = stated[index]!;
        book.ackedSeq = entry.seq;
        const untold = book.claim!.segments - entry.segments;
        book.links = untold > 0 ? book.links.slice(-untold) : [];
      });
      // What is of the next epoch, or goes alone, need not wait.
      if (ready.size > 0 || alone.length > 0) sendAtMs = step.nowMs;
      if (alone.length > 0) signAtMs = step.nowMs;
    },
    refused(code, step) {
      if (sent === null) return;
      const { books: stated } = sent.draft;
      sent = null;
      counters.statementsRefused += 1;
      // Its own words for "later", and for a number that a page's last words have used up.
      if (code === "internal" || code === "rate-limited" || code === "replayed") return;
      if (stated.length > 1) alone = [...stated];
      else stated[0]!.refused = true;
      ready.clear();
      sendAtMs = signAtMs = step.nowMs;
    },
    advance(step) {
      if (sent !== null && step.nowMs >= sent.untilMs) takeBack();
      if (!signing && round.length === 0 && step.nowMs >= signAtMs) {
        round = epochsWithNews();
        if (round.length > 0) signAtMs = step.nowMs + signEveryMs;
      }
      const next = signing ? undefined : round.shift();
      if (next !== undefined) draft(next, step);
      // A fresher one is on its way.
      if (signing || !connected || sent !== null || step.nowMs < sendAtMs) return;
      for (const [epoch, of] of ready) {
        ready.delete(epoch);
        if (!isWorthIt(of)) continue;
        sent = { draft: of, untilMs: step.nowMs + answerMaxMs };
        sendAtMs = step.nowMs + sendEveryMs;
        step.out.push({ type: "state", bytes: of.sealed });
        return;
      }
    },
    lastWords: () =>
      [sent?.draft, ...ready.values()].flatMap((of) => (of != null && isWorthIt(of) ? [of.sealed] : [])),
    nextMs() {
      if (signing) return Infinity;
      let next = sent?.untilMs ?? Infinity;
      if (round.length > 0) return 0;
      if (ready.size > 0 && connected && sent === null) next = Math.min(next, sendAtMs);
      for (const book of books.all()) if (isNews(book)) return Math.min(next, signAtMs);
      return next;
    },
  };
}
