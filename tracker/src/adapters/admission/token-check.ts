import { createHash } from "node:crypto";
import { errors, importJWK, jwtVerify, type JWTPayload, type JWTVerifyOptions } from "jose";
import { decodeJwt, decodeProtectedHeader } from "jose";
import type { ErrorCode } from "@tributary/protocol";
import {
  isPublisherName,
  type Publisher,
  type PublisherKey,
  type PublisherLookup,
} from "../../core/publishers.ts";

/** A token opens the door; it is minted for one page load and shall be worth little when stolen. */
export const tokenLifetimeMsMax = 300_000;
/** Clocks of a site's servers and of the tracker may differ by so much. */
export const clockToleranceMs = 30_000;
/** A content id that stands for every title of the publisher. */
export const EVERY_TITLE = "*";

/** What a publisher's token to read its own account says as `scope`. */
export const LEDGER_SCOPE = "ledger";

const tokenIdLengthMax = 128;
const pageOriginsMax = 32;

export type TokenVerdict =
  | { readonly ok: true; readonly publisher: Publisher; readonly contentId: string }
  | { readonly ok: false; readonly code: ErrorCode; readonly reason: string };

/** Who brings the token, and to whom. */
export interface TokenBearer {
  /** RFC 7638, of a session key whose possession was proved. */
  readonly keyThumbprint: string;
  /** The Origin header, empty where there is none. Only browsers are honest about it. */
  readonly pageOrigin: string;
}

/** An Ed25519 public key as RFC 7638 names it. */
export function thumbprintOf(publicKey: string): string {
  const jwk = `{"crv":"Ed25519","kty":"OKP","x":"${publicKey}"}`;
  return createHash("sha256").update(jwk).digest("base64url");
}

const refused = (code: ErrorCode, reason: string): Refused => ({ ok: false, code, reason });
const invalid = (reason: string) => refused("token-invalid", reason);

/** @param audience what the token's `aud` must name: this tracker */
export async function checkToken(
  token: string,
  bearer: TokenBearer,
  audience: string,
  registry: PublisherLookup,
  nowMs: number,
): Promise<TokenVerdict> {
  const signed = await signedToken(token, audience, registry, nowMs);
  if (!signed.ok) return signed;
  const { publisher, payload } = signed;
  const claims = claimsOf(payload);
  if (typeof claims === "string") return invalid(`the token's ${claims}`);
  const lifetimeMs = claims.expiresAtMs - nowMs;
  if (lifetimeMs > tokenLifetimeMsMax + clockToleranceMs)
    return invalid(
      `the token is valid for another ${Math.round(lifetimeMs / 1000)} s; ${tokenLifetimeMsMax / 1000} s is the most`,
    );
  if (claims.keyThumbprint !== null && claims.keyThumbprint !== bearer.keyThumbprint)
    return refused("token-replayed", "the token is bound to another session key");
  if (
    claims.pageOrigins !== null &&
    bearer.pageOrigin !== "" &&
    !claims.pageOrigins.includes(bearer.pageOrigin)
  )
    return refused("not-admitted", `the token is not for pages of ${bearer.pageOrigin.slice(0, 200)}`);
  const isFirst = await registry.bindToken({
    publisher: publisher.name,
    tokenId: claims.tokenId,
    keyThumbprint: bearer.keyThumbprint,
    // Until then the token could be shown again.
    expiresAtMs: claims.expiresAtMs + clockToleranceMs,
  });
  if (!isFirst) return refused("token-replayed", "the token was used by another session already");
  return { ok: true, publisher, contentId: claims.contentId };
}

/** Which publisher signed this token to read its own account. No viewer's token says that, and this one admits none. */
export async function checkLedgerToken(
  token: string,
  audience: string,
  registry: PublisherLookup,
  nowMs: number,
): Promise<Signed> {
  const signed = await signedToken(token, audience, registry, nowMs);
  if (!signed.ok || signed.payload["scope"] === LEDGER_SCOPE) return signed;
  return invalid(`the token's scope is not "${LEDGER_SCOPE}"`);
}

type Refused = Extract<TokenVerdict, { ok: false }>;
type Signed = { readonly ok: true; readonly publisher: Publisher; readonly payload: JWTPayload } | Refused;

async function signedToken(
  token: string,
  audience: string,
  registry: PublisherLookup,
  nowMs: number,
): Promise<Signed> {
  const claimed = unverified(token);
  if (typeof claimed === "string") return invalid(claimed);
  const publisher = await registry.byName(claimed.issuer);
  if (publisher === null) return invalid(`the token's issuer "${claimed.issuer}" is not registered here`);
  const candidates = publisher.keys.filter(({ id }) => claimed.keyId === null || claimed.keyId === id);
  try {
    const payload = await verified(token, candidates, audience, nowMs);
    if (payload !== null) return { ok: true, publisher, payload };
  } catch (error) {
    return objectionTo(error, nowMs);
  }
  return invalid(`the token is not signed by a key of publisher "${publisher.name}"`);
}

/** Whom to ask for the key: nothing else may be believed before the signature is checked. A text says what is wrong. */
function unverified(token: string): { issuer: string; keyId: string | null } | string {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg !== "EdDSA" && alg !== "Ed25519")
      return `the token is signed with ${JSON.stringify(alg)}, not with EdDSA`;
    const { iss } = decodeJwt(token);
    if (typeof iss !== "string" || !isPublisherName(iss)) return "the token names no publisher (iss)";
    return { issuer: iss, keyId: typeof kid === "string" ? kid : null };
  } catch {
    return "the token is not a JWT";
  }
}

/** Null where the signature fits none of the keys. @throws jose's errors about claims */
async function verified(
  token: string,
  keys: readonly PublisherKey[],
  audience: string,
  nowMs: number,
): Promise<JWTPayload | null> {
  const options: JWTVerifyOptions = {
    algorithms: ["EdDSA", "Ed25519"],
    audience,
    currentDate: new Date(nowMs),
    clockTolerance: clockToleranceMs / 1000,
    requiredClaims: ["exp", "jti"],
  };
  for (const { publicKey } of keys) {
    try {
      const key = await importJWK({ kty: "OKP", crv: "Ed25519", x: publicKey }, "EdDSA");
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  return null;
}

function objectionTo(error: unknown, nowMs: number): Refused {
  if (error instanceof errors.JWTExpired) {
    const agoSeconds = Math.round(nowMs / 1000 - (error.payload.exp ?? 0));
    return refused("token-expired", `the token expired ${agoSeconds} s ago`);
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud") return invalid("the token is for another tracker (aud)");
    if (error.claim === "nbf") return invalid("the token is not valid yet (nbf)");
    return invalid(`the token's ${error.claim} is ${error.reason === "missing" ? "missing" : "wrong"}`);
  }
  if (error instanceof errors.JOSEError) return invalid(`the token cannot be read: ${error.code}`);
  throw error;
}

interface Claims {
  readonly contentId: string;
  readonly tokenId: string;
  readonly expiresAtMs: number;
  /** Null: any key, the first one that brings it. */
  readonly keyThumbprint: string | null;
  /** Null: any page. */
  readonly pageOrigins: readonly unknown[] | null;
}

/** A text names the claim at fault and what it should be. */
function claimsOf({ content, jti, exp, cnf, origins }: JWTPayload): Claims | string {
  if (typeof content !== "string" || content === "")
    return 'content is no content id (or "*" for every title)';
  if (typeof jti !== "string" || jti === "" || jti.length > tokenIdLengthMax)
    return `jti is not 1 to ${tokenIdLengthMax} characters`;
  const thumbprint = cnf === undefined ? null : (cnf as { jkt?: unknown } | null)?.jkt;
  if (thumbprint !== null && typeof thumbprint !== "string") return "cnf holds no key thumbprint (jkt)";
  if (origins !== undefined && (!Array.isArray(origins) || origins.length > pageOriginsMax))
    return `origins is no list of at most ${pageOriginsMax} origins`;
  return {
    contentId: content,
    tokenId: jti,
    expiresAtMs: (exp ?? 0) * 1000,
    keyThumbprint: thumbprint,
    pageOrigins: (origins as readonly unknown[] | undefined) ?? null,
  };
}
