import type { Earning, Terms } from "./logic/earned.ts";

/** The tracker's ledger, as anybody may ask it. */
export interface LedgerReader {
  /** Null while the tracker does not answer. @param tracker its WebSocket address @param account in base64url */
  read(tracker: string, account: string): Promise<{ terms: Terms; earnings: readonly Earning[] } | null>;
}

/** The page where the tracker shows an account, and proves what it earned. */
export const earningsPage = (tracker: string, account: string) =>
  `${httpOf(tracker)}/earnings/#account=${account}`;

const httpOf = (tracker: string) => tracker.replace(/^ws/, "http");

export function createLedgerReader(): LedgerReader {
  async function get<T>(url: string): Promise<T> {
    const response = await fetch(url, { cache: "no-store" });
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return (await response.json()) as T;
  }
  return {
    async read(tracker, account) {
      try {
        const [terms, earnings] = await Promise.all([
          get<Terms>(`${httpOf(tracker)}/ledger/terms`),
          get<Earning[]>(`${httpOf(tracker)}/ledger/earnings?account=${account}`),
        ]);
        return { terms, earnings };
      } catch {
        return null;
      }
    },
  };
}
