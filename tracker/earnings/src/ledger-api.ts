/** What the tracker answers; the page lies beside its ledger, also behind a proxy that puts both into a folder. */

export type EarningState = "pending" | "posted" | "voided" | null;

/** What the account earned from one publisher in one epoch. */
export interface Earning {
  readonly epoch: number;
  /** 16 bytes in base64url. */
  readonly publisher: string;
  readonly bytes: bigint;
  /** Micro-units: millionths of a dollar. */
  readonly paidMicro: bigint;
  /** Null: too little for a transfer. */
  readonly state: EarningState;
}

export interface Terms {
  readonly epochMs: number;
  readonly graceMs: number;
  readonly escrowMs: number;
  readonly pricePerGb: number;
  readonly rewardPerGb: number;
}

export interface Charge {
  readonly epoch: number;
  readonly chargedMicro: bigint;
  /** Null: settled by a version that did not keep it. */
  readonly bytes: bigint | null;
}

export interface Spending {
  readonly publisher: string;
  readonly availableMicro: bigint;
  readonly setAsideMicro: bigint;
  readonly charges: readonly Charge[];
}

/** The tracker said no; the message is its own words. */
export class Refused extends Error {}

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new URL(path, document.baseURI), { cache: "no-store", headers });
  } catch {
    throw new Error("The tracker does not answer.");
  }
  if (response.ok) return response;
  if (response.status === 404)
    throw new Refused(path.startsWith("../ledger/terms") ? "This tracker keeps no ledger." : "Not found.");
  throw new Refused((await response.text()).trim() || `The tracker answered ${response.status}.`);
}

export async function readTerms(): Promise<Terms> {
  return (await (await get("../ledger/terms")).json()) as Terms;
}

/** The log's key, "name+c74f20a3+ARpc…". */
export async function readLogKey(): Promise<string> {
  return (await (await get("../ledger/key")).text()).trim();
}

export async function readEarnings(account: string): Promise<Earning[]> {
  interface Row {
    readonly epoch: number;
    readonly publisher: string;
    readonly bytes: string;
    readonly paidMicro: string;
    readonly state: EarningState;
  }
  const rows = (await (await get(`../ledger/earnings?account=${account}`)).json()) as Row[];
  return rows.map((row) => ({ ...row, bytes: BigInt(row.bytes), paidMicro: BigInt(row.paidMicro) }));
}

/** The proof file's text. */
export async function readProof(
  account: string,
  { epoch, publisher }: Pick<Earning, "epoch" | "publisher">,
): Promise<string> {
  return (await get(`../ledger/proof?account=${account}&publisher=${publisher}&epoch=${epoch}`)).text();
}

/** @param token of `npm run publisher -- ledger-token`; empty at an open tracker */
export async function readSpending(token: string): Promise<Spending> {
  interface Answer {
    readonly publisher: string;
    readonly availableMicro: string;
    readonly setAsideMicro: string;
    readonly charges: readonly {
      readonly epoch: number;
      readonly chargedMicro: string;
      readonly bytes: string | null;
    }[];
  }
  const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
  const answer = (await (await get("../ledger/spending", headers)).json()) as Answer;
  return {
    publisher: answer.publisher,
    availableMicro: BigInt(answer.availableMicro),
    setAsideMicro: BigInt(answer.setAsideMicro),
    charges: answer.charges.map(({ epoch, chargedMicro, bytes }) => ({
      epoch,
      chargedMicro: BigInt(chargedMicro),
      bytes: bytes === null ? null : BigInt(bytes),
    })),
  };
}

/** A file of the published log. */
export async function readLogFile(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await get(`../log/${path}`)).arrayBuffer());
}
