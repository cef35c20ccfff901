import { type Grant, grantMessage } from "@tributary/protocol";
import { createSignatureChecker } from "./adapters/crypto/statement-check.ts";
import type { TrackerKey } from "./adapters/crypto/tracker-key.ts";
import type { HttpAnswer, HttpRequest } from "./adapters/sockets/contract.ts";
import type { StatementStore } from "./core/accounting/statement-store.ts";
import type { Input, Output, PostId } from "./core/index.ts";

type AccountingOutput = Extract<
  Output,
  { type: "sign-grants" | "check-statement" | "store-statement" | "answer-post" }
>;

/** Carries out what the core asks for in its accounts: signatures, and the store. */
export interface Accountant {
  carryOut(output: AccountingOutput): void;
  /** Answers a page's last statement: 204 when it is durable. */
  post(request: HttpRequest): Promise<HttpAnswer>;
}

const READABLE_BY_ALL = { "access-control-allow-origin": "*", "cache-control": "no-store" };

export function createAccountant(
  key: TrackerKey,
  store: StatementStore,
  feed: (input: Input) => void,
): Accountant {
  const checker = createSignatureChecker();
  const posts = new Map<PostId, (answer: HttpAnswer) => void>();
  let lastPost = 0;

  async function signGrants(number: number, grants: readonly Grant[]): Promise<void> {
    const signed = await Promise.all(grants.map((grant) => key.signLater(grantMessage.preimage(grant))));
    const sealed = grants.map((grant, index) => grantMessage.seal(grant, signed[index]!));
    store.saveGrants(grants).catch((error: unknown) => process.emitWarning(error as Error));
    feed({ type: "grants-signed", number, sealed });
  }

  async function checkStatement(output: Extract<Output, { type: "check-statement" }>): Promise<void> {
    const { number, sessionKey, preimage, signature, unknownGrants, held } = output;
    const isTrue = await checker.check(sessionKey, preimage, signature);
    const found = isTrue && unknownGrants.length > 0 ? await findGrants(unknownGrants) : [];
    const proofs = await Promise.all(
      held.map(({ grantId, key: known, preimage: signed, signature: by }) => {
        const grant = found.find((one) => Buffer.compare(one.grantId, grantId) === 0);
        const key = known ?? grant?.downloaderKey;
        // Of a grant that nobody knows: refused for that.
        return key === undefined || checker.check(key, signed, by);
      }),
    );
    const wrong = !isTrue
      ? "the signature does not fit the session key"
      : proofs.includes(false)
        ? "a receipt in it is not signed by its downloader"
        : null;
    const fault = wrong === null ? null : ({ code: "bad-signature", reason: wrong } as const);
    feed({ type: "statement-checked", check: { number, fault, grants: found } });
  }

  function findGrants(ids: readonly Uint8Array[]): Promise<readonly Grant[]> {
    return store.findGrants(ids).catch((error: unknown) => {
      process.emitWarning(error as Error);
      return [];
    });
  }

  return {
    carryOut(output) {
      switch (output.type) {
        case "sign-grants":
          void signGrants(output.number, output.grants);
          return;
        case "check-statement":
          void checkStatement(output);
          return;
        case "store-statement": {
          const { number, record } = output;
          store.saveStatement(record).then(
            () => feed({ type: "statement-stored", number, stored: true }),
            (error: unknown) => {
              process.emitWarning(error as Error);
              feed({ type: "statement-stored", number, stored: false });
            },
          );
          return;
        }
        case "answer-post": {
          const { request, wrong } = output;
          const status = wrong === null ? 204 : wrong.code === "internal" ? 503 : 400;
          const body = wrong === null ? "" : `${wrong.code}: ${wrong.reason}\n`;
          posts.get(request)?.({ status, headers: READABLE_BY_ALL, body });
          posts.delete(request);
        }
      }
    },
    post({ method, address, body }) {
      if (method !== "POST")
        return Promise.resolve({ status: 405, headers: { allow: "POST" }, body: "Only POST.\n" });
      if (body === null) return Promise.resolve({ status: 413, headers: READABLE_BY_ALL, body: "" });
      return new Promise((resolve) => {
        const request = ++lastPost;
        posts.set(request, resolve);
        feed({ type: "statement-posted", request, address, bytes: body });
      });
    },
  };
}
