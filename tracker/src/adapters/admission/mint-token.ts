import { randomUUID, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { LEDGER_SCOPE } from "./token-check.ts";

/** What a publisher's server says about one viewer. */
export interface TokenGrant {
  readonly publisher: string;
  /** The tracker's name for itself, base64url of its public key. */
  readonly audience: string;
  /** A content id, or "*" for every title. */
  readonly contentId: string;
  /** RFC 7638, of the viewer's session key: only that key can use the token then. */
  readonly keyThumbprint?: string;
  /** Pages that may bring it, such as "https://www.example.com". Default: any. */
  readonly pageOrigins?: readonly string[];
  readonly expiresAtMs: number;
  /** Default: a random one. */
  readonly tokenId?: string;
}

/** A JWT by which a publisher reads its own account at the tracker; it admits no viewer. */
export function mintLedgerToken(
  privateKey: KeyObject,
  keyId: string,
  { publisher, audience, expiresAtMs }: Pick<TokenGrant, "publisher" | "audience" | "expiresAtMs">,
): Promise<string> {
  return new SignJWT({ scope: LEDGER_SCOPE })
    .setProtectedHeader({ alg: "EdDSA", kid: keyId })
    .setIssuer(publisher)
    .setAudience(audience)
    .setJti(randomUUID())
    .setExpirationTime(new Date(expiresAtMs))
    .sign(privateKey);
}

/** The JWT that a publisher's server hands to a page, signed with EdDSA. `keyId` is the key's thumbprint. */
export function mintToken(privateKey: KeyObject, keyId: string, grant: TokenGrant): Promise<string> {
  const { contentId: content, keyThumbprint, pageOrigins: origins } = grant;
  return new SignJWT({
    content,
    ...(keyThumbprint === undefined ? {} : { cnf: { jkt: keyThumbprint } }),
    ...(origins === undefined ? {} : { origins }),
  })
    .setProtectedHeader({ alg: "EdDSA", kid: keyId })
    .setIssuer(grant.publisher)
    .setAudience(grant.audience)
    .setJti(grant.tokenId ?? randomUUID())
    .setExpirationTime(new Date(grant.expiresAtMs))
    .sign(privateKey);
}
