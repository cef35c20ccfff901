import { randomUUID, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";

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
