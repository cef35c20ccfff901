import {
  accumulate,
  EMPTY_ACC,
  type Link,
  MAX_RECEIPT_LINKS,
  type PeerKey,
  type Receipt,
  receiptMessage,
  type SegmentKey,
  segmentKeyOf,
} from "@tributary/protocol";
import type { Books } from "./books.ts";
import type { AccountsConfig, AccountsInput, AccountsStep, Book, Counters, Sign } from "./model.ts";

/** At the latest. */
const receiptEveryMs = 15_000;
/** Pieces of several segments that end together share a receipt. */
const receiptPauseMs = 250;
/** Repeated on a new link; who takes them has room for twice as many that wait. */
const repeatedMax = 4;
/** Half of the least that an uploader gives on credit. */
const pendingBytesMax = 512 * 1024;

interface Debt {
  readonly peer: PeerKey;
  open: boolean;
  /** Proved and not yet receipted, in the order of the first byte. */
  readonly pending: Map<SegmentKey, { link: Link; readonly root: Uint8Array }>;
  pendingBytes: number;
  sinceMs: number;
  urgent: boolean;
  notBeforeMs: number;
}

/** The downloader's side: owns what came from each peer and has no receipt yet. */
export interface Receiving {
  link(peer: PeerKey, open: boolean, step: AccountsStep): void;
  proved(input: Extract<AccountsInput, { type: "proved" }>, step: AccountsStep): void;
  /** Makes the receipts that are due. */
  advance(step: AccountsStep): void;
  nextMs(): number;
}

export function createReceiving(
  { sha256 }: AccountsConfig,
  books: Books,
  counters: Counters,
  sign: Sign,
): Receiving {
  const debts = new Map<PeerKey, Debt>();

  function debtOf(peer: PeerKey): Debt {
    let debt = debts.get(peer);
    if (debt === undefined) {
      debt = {
        peer,
        open: false,
        pending: new Map(),
        pendingBytes: 0,
        sinceMs: 0,
        urgent: false,
        notBeforeMs: 0,
      };
      debts.set(peer, debt);
    }
    return debt;
  }

  const dueMs = ({ pending, sinceMs, urgent, notBeforeMs }: Debt): number =>
    pending.size === 0 ? Infinity : Math.max(notBeforeMs, urgent ? 0 : sinceMs + receiptEveryMs);

  function clear(debt: Debt): void {
    debt.pending.clear();
    debt.pendingBytes = 0;
    debt.urgent = false;
  }

  function forgetSettled({ peer, open, pending }: Debt): void {
    if (!open && pending.size === 0) debts.delete(peer);
  }

  /** The next links of the chain, as many as a receipt holds and the grant allows. */
  function receiptOf(debt: Debt, { grant, claim }: Book, trackerMs: number): Receipt {
    let { bytes, segments, acc } = claim ?? { bytes: 0, segments: 0, acc: EMPTY_ACC };
    const links: Link[] = [];
    for (const [key, { link, root }] of debt.pending) {
      if (links.length === MAX_RECEIPT_LINKS || bytes + link.bytes > grant.maxBytes) break;
      debt.pending.delete(key);
      debt.pendingBytes -= link.bytes;
      links.push(link);
      bytes += link.bytes;
      segments += 1;
      acc = accumulate(sha256, acc, link.segment, root, link.bytes);
    }
    const seq = (claim?.seq ?? 0) + 1;
    return { grantId: grant.grantId, seq, bytes, segments, acc, timestampMs: Math.floor(trackerMs), links };
  }

  function settle(debt: Debt, step: AccountsStep): void {
    const book = books.current(debt.peer, "downloader", step.trackerMs);
    debt.notBeforeMs = step.nowMs + receiptPauseMs;
    if (book === undefined) return clear(debt);
    if (book.busy) return;
    const receipt = receiptOf(debt, book, step.trackerMs);
    // The grant is used up: the rest of its time is unpaid.
    if (receipt.links.length === 0) return clear(debt);
    debt.urgent = debt.pending.size > 0;
    debt.sinceMs = step.nowMs;
    book.busy = true;
    sign(receiptMessage.preimage(receipt), step, (signature, later) =>
      signed(book, receipt, signature, later),
    );
  }

  function signed(book: Book, receipt: Receipt, signature: Uint8Array, step: AccountsStep): void {
    const bytes = receipt.bytes - (book.claim?.bytes ?? 0);
    book.busy = false;
    book.claim = receipt;
    book.sealed = receiptMessage.seal(receipt, signature);
    book.given.push(book.sealed);
    if (book.given.length > repeatedMax) book.given.shift();
    book.links.push(...receipt.links);
    counters.receiptsGiven += 1;
    const { peer, grant } = book;
    if (debts.get(peer)?.open) step.out.push({ type: "give-receipt", peer, bytes: book.sealed });
    step.out.push({
      type: "event",
      event: {
        type: "receipt",
        peer,
        direction: "given",
        bytes,
        totalBytes: receipt.bytes,
        epoch: grant.epoch,
        paid: grant.payClass === "paid",
      },
    });
  }

  return {
    link(peer, open, step) {
      const debt = debtOf(peer);
      debt.open = open;
      // The last link may have taken the last receipts with it.
      const given = open ? books.current(peer, "downloader", step.trackerMs)?.given : undefined;
      for (const bytes of given ?? []) step.out.push({ type: "give-receipt", peer, bytes });
      forgetSettled(debt);
    },
    proved({ peer, segment, root, bytes, complete }, step) {
      // Unpaid: nobody would do anything with a receipt.
      if (books.current(peer, "downloader", step.trackerMs) === undefined) return;
      const debt = debtOf(peer);
      const key = segmentKeyOf(segment);
      if (debt.pending.size === 0) debt.sinceMs = step.nowMs;
      const before = debt.pending.get(key)?.link.bytes ?? 0;
      debt.pending.set(key, { link: { segment, bytes: before + bytes }, root });
      debt.pendingBytes += bytes;
      if (debt.pendingBytes >= pendingBytesMax) debt.urgent = true;
      if (complete) for (const other of debts.values()) if (other.pending.has(key)) other.urgent = true;
    },
    advance(step) {
      for (const debt of debts.values()) {
        if (dueMs(debt) > step.nowMs) continue;
        settle(debt, step);
        forgetSettled(debt);
      }
    },
    nextMs: () => Math.min(Infinity, ...[...debts.values()].map(dueMs)),
  };
}
