import { createHash } from "node:crypto";
import { encodeBase64Url, type ClientMessageOf } from "@tributary/protocol";
import { checkToken, EVERY_TITLE, thumbprintOf } from "./adapters/admission/token-check.ts";
import { checkHello } from "./adapters/crypto/hello-check.ts";
import type { TrackerKey } from "./adapters/crypto/tracker-key.ts";
import type { HelloVerdict } from "./core/index.ts";
import type { PublisherLookup } from "./core/publishers.ts";

/** Decides over a HELLO: does the client hold its key, and which publisher vouches for it? */
export interface Admission {
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

/** SHA-256 of a content id. */
export const contentHashOf = (contentId: string) =>
  new Uint8Array(createHash("sha256").update(contentId).digest());

/** What tokens name as `aud`: this tracker, by its public key. */
export const audienceOf = (trackerId: Uint8Array) => encodeBase64Url(trackerId);

export function createAdmission({ open, key, publishers, nowMs }: AdmissionEnvironment): Admission {
  const audience = audienceOf(key.trackerId);

  async function judge(
    hello: ClientMessageOf<"hello">,
    nonce: Uint8Array,
    pageOrigin: string,
  ): Promise<HelloVerdict> {
    const proved = await checkHello(hello, nonce, key.trackerId);
    if (proved.kind !== "signed" || hello.token === "") return proved;
    const bearer = { keyThumbprint: thumbprintOf(encodeBase64Url(hello.sessionKey)), pageOrigin };
    const verdict = await checkToken(hello.token, bearer, audience, publishers, nowMs());
    // Whoever admits everybody does not turn people away for the token they bring.
    if (!verdict.ok) return open ? proved : { kind: "refused", code: verdict.code, reason: verdict.reason };
    const { publisher, contentId } = verdict;
    return {
      ...proved,
      admission: {
        publisher: publisher.name,
        publisherId: publisher.id,
        contentHash: contentId === EVERY_TITLE ? null : contentHashOf(contentId),
        origins: new Set(publisher.origins),
        resumeTicket: new Uint8Array(0),
      },
    };
  }

  return {
    judge: (hello, nonce, pageOrigin) =>
      judge(hello, nonce, pageOrigin).catch((error: unknown) => {
        process.emitWarning(error as Error);
        return { kind: "refused", code: "internal", reason: "publishers cannot be looked up right now" };
      }),
  };
}
