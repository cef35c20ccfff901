import { createLedgerReader, earningsPage } from "../ledger.ts";
import { describeEarned } from "../logic/earned.ts";
import { need, setText } from "./dom.ts";

/** One line about what the viewers earned, with the way to its proof. */
export interface EarnedView {
  /** @param account in base64url; all viewers of a browser earn for one */
  refresh(tracker: string, account: string): Promise<void>;
}

export function createEarnedView(): EarnedView {
  const ledger = createLedgerReader();
  const panel = need(document, "#earned");
  const amount = need(document, "#earned-amount");
  const words = need(document, "#earned-words");
  const link = need<HTMLAnchorElement>(document, "#earned-link");
  let firstMs: number | null = null;

  return {
    async refresh(tracker, account) {
      firstMs ??= Date.now();
      const read = await ledger.read(tracker, account);
      // What was shown stays true while the tracker is away.
      if (read === null) return;
      const earned = describeEarned(read.earnings, read.terms, firstMs, Date.now());
      setText(amount, earned.amount);
      setText(words, earned.words);
      link.href = earningsPage(tracker, account);
      panel.hidden = false;
    },
  };
}
