import {
  accumulate,
  type BrokenRule,
  EMPTY_ACC,
  encodeHex,
  type PeerKey,
  type Receipt,
  receiptFault,
  receiptMessage,
  type SegmentKey,
  segmentKeyOf,
} from "@tributary/protocol";
import type { Books } from "./books.ts";
import type { AccountsConfig, AccountsInput, AccountsStep, Book, Counters } from "./model.ts";

/** Given on credit: two segments, and at least this much, because a receipt may cover several small ones. */
const creditBytesMin = 1024 * 1024;
/** Of what was receipted: copies that came too late, or twice, are nobody's fault. */
const lossRatio = 0.25;
/** Whoever was choked this long is given another window. */
const forgiveMs = 5 * 60_000;
/** Segments remembered per peer, and receipts that wait for a signature to be checked. */
const sentSegmentsMax = 512;
const waitingMax = 8;
/** Peers remembered, the connected ones among them; who was forgotten begins anew, as it could under another name. */
const creditsMax = 64;

interface Credit {
  readonly peer: PeerKey;
  sentBytes: number;
  /** Of these, sent when there was no grant: no receipts are owed for them, but they may come. */
  freeBytes: number;
  takenBytes: number;
  /** Of these, by receipts that can be paid: the others are as good as none. */
  payableBytes: number;
  windowBytes: number;
  good: boolean;
  chokedAtMs: number;
  /** What a receipt may still claim, oldest first. */
  readonly sent: Map<SegmentKey, { bytes: number; readonly root: Uint8Array | null }>;
  readonly waiting: Uint8Array[];
}

/** The uploader's side: owns what went to each peer, and holds receipts against it. */
export interface Giving {
  sent(input: Extract<AccountsInput, { type: "sent" }>, step: AccountsStep): void;
  receipt(peer: PeerKey, bytes: Uint8Array, step: AccountsStep): void;
  /** Gives those another chance who were choked long ago. */
  advance(step: AccountsStep): void;
  nextMs(): number;
}

export function createGiving(
  { sha256 }: AccountsConfig,
  books: Books,
  counters: Counters,
  verify: (
    book: Book,
    preimage: Uint8Array,
    signature: Uint8Array,
    step: AccountsStep,
    done: (valid: boolean, step: AccountsStep) => void,
  ) => void,
): Giving {
  const credits = new Map<PeerKey, Credit>();

  function creditOf(peer: PeerKey, { out }: AccountsStep): Credit {
    let credit = credits.get(peer);
    if (credit === undefined) {
      credit = {
        peer,
        sentBytes: 0,
        freeBytes: 0,
        takenBytes: 0,
        payableBytes: 0,
        windowBytes: creditBytesMin,
        good: true,
        chokedAtMs: 0,
        sent: new Map(),
        waiting: [],
      };
    }
    // The latest goes to the end.
    credits.delete(peer);
    credits.set(peer, credit);
    const [oldest] = credits.values();
    if (credits.size > creditsMax && credits.delete(oldest!.peer) && !oldest!.good)
      out.push({ type: "credit", peer: oldest!.peer, good: true });
    return credit;
  }

  function weigh(credit: Credit, step: AccountsStep): void {
    const { peer, sentBytes, freeBytes, payableBytes, windowBytes } = credit;
    const good = sentBytes - freeBytes <= windowBytes + payableBytes * (1 + lossRatio);
    if (good === credit.good) return;
    credit.good = good;
    credit.chokedAtMs = step.nowMs;
    if (!good) counters.chokes += 1;
    step.out.push({ type: "credit", peer, good });
  }

  /** Beyond its form: whether it is about what was really sent, in content and amount. */
  function faultOf(credit: Credit, book: Book, receipt: Receipt, step: AccountsStep): BrokenRule | null {
    const { claim, grant } = book;
    const broken = receiptFault(receipt, grant, claim, step.trackerMs);
    if (broken !== null) return broken;
    const wrong = (reason: string): BrokenRule => ({ code: "inconsistent", reason });
    if (receipt.bytes - (claim?.bytes ?? 0) > credit.sentBytes - credit.takenBytes)
      return wrong("more than was sent");
    const left = new Map<SegmentKey, number>();
    let acc = claim?.acc ?? EMPTY_ACC;
    let isKnown = receipt.segments - receipt.links.length === (claim?.segments ?? 0);
    for (const { segment, bytes } of receipt.links) {
      const key = segmentKeyOf(segment);
      const sent = credit.sent.get(key);
      const rest = (left.get(key) ?? sent?.bytes ?? 0) - bytes;
      if (rest < 0) return wrong(`more of ${key} than was sent`);
      left.set(key, rest);
      const root = sent?.root ?? null;
      if (root === null) isKnown = false;
      else acc = accumulate(sha256, acc, segment, root, bytes);
    }
    return isKnown && encodeHex(acc) !== encodeHex(receipt.acc)
      ? wrong("its accumulator is not that of the content")
      : null;
  }

  function look(credit: Credit, step: AccountsStep): void {
    for (let bytes = credit.waiting[0]; bytes !== undefined; bytes = credit.waiting[0]) {
      const parsed = receiptMessage.parse(bytes);
      const book = parsed.ok ? books.get(encodeHex(parsed.value.grantId)) : undefined;
      if (book?.busy === true) return;
      credit.waiting.shift();
      const isOurs = book?.role === "uploader" && book.peer === credit.peer;
      // The last ones once more, because a link broke.
      if (parsed.ok && isOurs && parsed.value.seq <= (book.claim?.seq ?? 0)) continue;
      if (!parsed.ok || !isOurs || faultOf(credit, book, parsed.value, step) !== null) {
        counters.receiptsRefused += 1;
        continue;
      }
      book.busy = true;
      const { value, preimage, signature } = parsed;
      verify(book, preimage, signature, step, (valid, later) => {
        book.busy = false;
        if (valid) take(credit, book, value, bytes, later);
        else counters.receiptsRefused += 1;
        look(credit, later);
      });
    }
  }

  function take(credit: Credit, book: Book, receipt: Receipt, sealed: Uint8Array, step: AccountsStep): void {
    const { peer, grant, claim } = book;
    const bytes = receipt.bytes - (claim?.bytes ?? 0);
    const follows = receipt.segments - receipt.links.length === (claim?.segments ?? 0);
    book.hasGap ||= !follows;
    book.links = follows ? [...book.links, ...receipt.links] : [...receipt.links];
    book.claim = receipt;
    book.sealed = sealed;
    credit.takenBytes += bytes;
    if (!book.hasGap) credit.payableBytes += bytes;
    for (const link of receipt.links) {
      const key = segmentKeyOf(link.segment);
      const sent = credit.sent.get(key);
      if (sent === undefined) continue;
      sent.bytes -= link.bytes;
      if (sent.bytes <= 0) credit.sent.delete(key);
    }
    counters.receiptsTaken += 1;
    step.out.push({
      type: "event",
      event: {
        type: "receipt",
        peer,
        direction: "held",
        bytes,
        totalBytes: receipt.bytes,
        epoch: grant.epoch,
        paid: grant.payClass === "paid",
      },
    });
    weigh(credit, step);
  }

  return {
    sent({ peer, segment, root, bytes, segmentBytes }, step) {
      const credit = creditOf(peer, step);
      credit.sentBytes += bytes;
      if (books.current(peer, "uploader", step.trackerMs) === undefined) credit.freeBytes += bytes;
      credit.windowBytes = Math.max(credit.windowBytes, 2 * segmentBytes);
      const before = credit.sent.get(segment)?.bytes ?? 0;
      credit.sent.set(segment, { bytes: before + bytes, root });
      if (credit.sent.size > sentSegmentsMax) credit.sent.delete(credit.sent.keys().next().value!);
      weigh(credit, step);
    },
    receipt(peer, bytes, step) {
      const credit = creditOf(peer, step);
      if (credit.waiting.length >= waitingMax) {
        counters.receiptsRefused += 1;
        return;
      }
      credit.waiting.push(bytes);
      look(credit, step);
    },
    advance(step) {
      for (const credit of credits.values()) {
        if (credit.good || step.nowMs < credit.chokedAtMs + forgiveMs) continue;
        credit.freeBytes = Math.max(credit.freeBytes, credit.sentBytes - credit.payableBytes);
        weigh(credit, step);
      }
    },
    nextMs() {
      let next = Infinity;
      for (const { good, chokedAtMs } of credits.values())
        if (!good) next = Math.min(next, chokedAtMs + forgiveMs);
      return next;
    },
  };
}
