import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeBase64Url } from "@tributary/protocol";
import type { HttpAnswer } from "../adapters/sockets/contract.ts";
import type { Publisher } from "../core/publishers.ts";
import type { Ledger } from "../ledger-service/contract.ts";
import type { HttpRoute } from "./pages.ts";

const READABLE_BY_ALL = { "access-control-allow-origin": "*" };
const NOT_KEPT = { ...READABLE_BY_ALL, "cache-control": "no-store" };
/** A tile never changes: what is added later is another path. */
const KEPT = { ...READABLE_BY_ALL, "cache-control": "public, max-age=31536000, immutable" };

/** With as many digits as 2^53 entries need: a longer path would be more than the file system takes. */
const TILE = /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/(x[0-9]{3}\/){0,4}[0-9]{3}(\.p\/[1-9][0-9]{0,2})?$/;
const ACCOUNT_BYTES = 32;
const PUBLISHER_BYTES = 16;

/** The published log, as c2sp.org/tlog-tiles has it, below /log/. */
export function createLogRoute(folder: string): HttpRoute {
  const prefix = "/log/";
  return {
    prefix,
    async answer({ method, path }) {
      if (method !== "GET" && method !== "HEAD") return wrongMethod();
      const name = path.slice(prefix.length);
      const isTile = TILE.test(name);
      if (!isTile && name !== "checkpoint") return notHere;
      try {
        const body = new Uint8Array(await readFile(join(folder, name)));
        return isTile
          ? { status: 200, headers: { ...KEPT, "content-type": "application/octet-stream" }, body }
          : { status: 200, headers: { ...NOT_KEPT, "content-type": "text/plain; charset=utf-8" }, body };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return notHere;
        throw error;
      }
    },
  };
}

const notHere: HttpAnswer = {
  status: 404,
  headers: { ...NOT_KEPT, "content-type": "text/plain; charset=utf-8" },
  body: "The log holds /log/checkpoint, once an epoch is settled, and the tiles that it names: /log/tile/0/000 …\n",
};

/** Whose account an Authorization header opens; a text says what is wrong with it. */
export type LedgerDoor = (authorization: string) => Promise<Pick<Publisher, "id" | "name"> | string>;

export const notLetIn = (reason: string): HttpAnswer => ({
  status: 401,
  headers: { ...NOT_KEPT, "www-authenticate": "Bearer", "content-type": "text/plain; charset=utf-8" },
  body: `${reason}\n`,
});

/**
 * What anybody may ask the ledger, below /ledger/: `key`, the log's key; `terms`; `earnings?account=` and
 * `proof?account=&publisher=&epoch=`, of whoever knows the account's key. `spending` is what the publisher whose token
 * comes in the Authorization header spent. Keys and ids are base64url, amounts text.
 */
export function createLedgerRoute(ledger: Ledger, door: LedgerDoor): HttpRoute {
  return {
    prefix: "/ledger/",
    async answer({ method, path, query, authorization }) {
      if (method !== "GET" && method !== "HEAD") return wrongMethod();
      const asked = new URLSearchParams(query);
      switch (path) {
        case "/ledger/key":
          return {
            status: 200,
            headers: { ...NOT_KEPT, "content-type": "text/plain" },
            body: `${ledger.logKey}\n`,
          };
        case "/ledger/terms":
          return json(ledger.terms);
        case "/ledger/spending":
          return spending(ledger, door, authorization);
        case "/ledger/earnings":
          return earnings(ledger, asked);
        case "/ledger/proof":
          return proof(ledger, asked);
        default:
          return null;
      }
    },
  };
}

async function earnings(ledger: Ledger, asked: URLSearchParams): Promise<HttpAnswer> {
  const account = bytesOf(asked, "account", ACCOUNT_BYTES);
  if (account === null) return wrong("account: expected 32 bytes in base64url");
  const rows = await ledger.earningsOf(account);
  return json(
    rows.map(({ epoch, publisher, bytes, paid, state }) => ({
      epoch,
      publisher: Buffer.from(publisher).toString("base64url"),
      bytes: String(bytes),
      paidMicro: String(paid),
      state,
    })),
  );
}

async function spending(ledger: Ledger, door: LedgerDoor, authorization: string): Promise<HttpAnswer> {
  const publisher = await door(authorization);
  if (typeof publisher === "string") return notLetIn(publisher);
  const { available, setAside, charges } = await ledger.spendingOf(publisher.id);
  return json({
    publisher: Buffer.from(publisher.id).toString("base64url"),
    availableMicro: String(available),
    setAsideMicro: String(setAside),
    charges: charges.map(({ epoch, amount, bytes }) => ({
      epoch,
      chargedMicro: String(amount),
      bytes: bytes === null ? null : String(bytes),
    })),
  });
}

async function proof(ledger: Ledger, asked: URLSearchParams): Promise<HttpAnswer> {
  const account = bytesOf(asked, "account", ACCOUNT_BYTES);
  if (account === null) return wrong("account: expected 32 bytes in base64url");
  const publisher = bytesOf(asked, "publisher", PUBLISHER_BYTES);
  if (publisher === null) return wrong("publisher: expected 16 bytes in base64url");
  const epoch = asked.get("epoch") ?? "";
  if (!/^(0|[1-9][0-9]{0,9})$/.test(epoch)) return wrong("epoch: expected a whole number");
  const body = await ledger.proofOf(account, publisher, Number(epoch));
  if (body === null) return { status: 404, headers: NOT_KEPT, body: "Nothing was earned there.\n" };
  return { status: 200, headers: { ...NOT_KEPT, "content-type": "application/json" }, body };
}

function bytesOf(asked: URLSearchParams, name: string, length: number): Uint8Array | null {
  const bytes = decodeBase64Url(asked.get(name) ?? "");
  return bytes?.length === length ? bytes : null;
}

const json = (value: unknown): HttpAnswer => ({
  status: 200,
  headers: { ...NOT_KEPT, "content-type": "application/json" },
  body: `${JSON.stringify(value)}\n`,
});
const wrong = (reason: string): HttpAnswer => ({ status: 400, headers: NOT_KEPT, body: `${reason}\n` });
const wrongMethod = (): HttpAnswer => ({
  status: 405,
  headers: { ...NOT_KEPT, allow: "GET, HEAD" },
  body: "Only GET and HEAD.\n",
});
