import { createHash } from "node:crypto";
import { encodeBase64Url, type ClientMessageOf, type ErrorCode } from "@tributary/protocol";
import { checkToken, EVERY_TITLE, thumbprintOf } from "./adapters/admission/token-check.ts";
import { checkDelegation } from "./adapters/crypto/delegation-check.ts";
import { checkHello } from "./adapters/crypto/hello-check.ts";
import { createResumeTickets } from "./adapters/crypto/resume-tickets.ts";
import type { TrackerKey } from "./adapters/crypto/tracker-key.ts";
import type { Admission, HelloVerdict } from "./core/index.ts";
import type { Publisher, PublisherLookup } from "./core/publishers.ts";

/** Decides over a HELLO: does the client hold its key, and which publisher vouches for it? */
export interface HelloJudge {
  /** Never rejects. `pageOrigin` is the Origin header, empty where there is none. */
  judge(hello: ClientMessageOf<"hello">, nonce: Uint8Array, pageOrigin: string): Promise<HelloVerdict>;
}

export interface AdmissionEnvironment {
  readonly open: boolean;
  readonly key: TrackerKey;
  readonly publishers: PublisherLookup;
  /** Unix time of the system's clock: tokens were dated by other machines' clocks. */
  readonly nowMs: () => number;
}

type Vouching =
  | { readonly ok: true; readonly admission: Admission }
  | { readonly ok: false; readonly code: ErrorCode; readonly reason: string };

/** SHA-256 of a content id. */
export const contentHashOf = (contentId: string) =>
  new Uint8Array(createHash("sha256").update(contentId).digest());

/** What tokens name as `aud`: this tracker, by its public key. */
export const audienceOf = (trackerId: Uint8Array) => encodeBase64Url(trackerId);

export function createHelloJudge({ open, key, publishers, nowMs }: AdmissionEnvironment): HelloJudge {
  const audience = audienceOf(key.trackerId);
  const tickets = createResumeTickets(key);

  function vouched(publisher: Publisher, contentHash: Uint8Array | null, resumeTicket: Uint8Array): Vouching {
    const { name, id: publisherId, origins } = publisher;
    const admission = { publisher: name, publisherId, contentHash, origins: new Set(origins), resumeTicket };
    return { ok: true, admission };
  }

  /** The same ticket goes back to its holder, so that it is never good for longer than it was made for. */
  async function byTicket({ resumeTicket, sessionKey }: ClientMessageOf<"hello">): Promise<Vouching> {
    const verdict = await tickets.check(resumeTicket, sessionKey, nowMs());
    if (!verdict.ok) return verdict;
    const { publisherId, contentHash } = verdict.holder;
    const publisher = await publishers.byId(publisherId);
    if (publisher !== null) return vouched(publisher, contentHash, resumeTicket);
    const reason = "the resume ticket is of a publisher that is not registered any more";
    return { ok: false, code: "token-invalid", reason };
  }

  async function byToken(
    { token, sessionKey }: ClientMessageOf<"hello">,
    pageOrigin: string,
  ): Promise<Vouching> {
    const bearer = { keyThumbprint: thumbprintOf(encodeBase64Url(sessionKey)), pageOrigin };
    const verdict = await checkToken(token, bearer, audience, publishers, nowMs());
    if (!verdict.ok) return verdict;
    const { publisher, contentId } = verdict;
    const contentHash = contentId === EVERY_TITLE ? null : contentHashOf(contentId);
    const holder = { sessionKey, publisherId: publisher.id, contentHash };
    return vouched(publisher, contentHash, tickets.issue(holder, nowMs()));
  }

  async function proofOf(hello: ClientMessageOf<"hello">, nonce: Uint8Array): Promise<HelloVerdict> {
    const proved = await checkHello(hello, nonce, key.trackerId);
    if (proved.kind !== "signed" || hello.delegation.length === 0) return proved;
    return { ...proved, delegation: await checkDelegation(hello.delegation, hello.sessionKey, nowMs()) };
  }

  async function judge(
    hello: ClientMessageOf<"hello">,
    nonce: Uint8Array,
    pageOrigin: string,
  ): Promise<HelloVerdict> {
    const proved = await proofOf(hello, nonce);
    if (proved.kind !== "signed") return proved;
    let vouching = hello.resumeTicket.length > 0 ? await byTicket(hello) : null;
    if (vouching?.ok !== true && hello.token !== "") vouching = await byToken(hello, pageOrigin);
    if (vouching?.ok === true) return { ...proved, admission: vouching.admission };
    // Whoever admits everybody does not turn people away for what they bring.
    if (vouching === null || open) return proved;
    return { kind: "refused", code: vouching.code, reason: vouching.reason };
  }

  return {
    judge: (hello, nonce, pageOrigin) =>
      judge(hello, nonce, pageOrigin).catch((error: unknown) => {
        process.emitWarning(error as Error);
        return { kind: "refused", code: "internal", reason: "publishers cannot be looked up right now" };
      }),
  };
}
