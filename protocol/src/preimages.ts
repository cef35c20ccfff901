import { encodeUtf8 } from "./utf8.ts";

/**
 * Signed and hashed bytes: "tributary/<purpose>/v1\0" and the parts one after the other. The parts' lengths
 * must follow from the purpose (or from an earlier part), so that no two inputs give the same bytes.
 */
export function domainSeparated(purpose: string, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = [domainOf(purpose), ...parts];
  const bytes = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** There are a dozen purposes, and a preimage for each signature. */
const domains = new Map<string, Uint8Array>();

function domainOf(purpose: string): Uint8Array {
  let domain = domains.get(purpose);
  if (domain === undefined) {
    domain = encodeUtf8(`tributary/${purpose}/v1\0`);
    domains.set(purpose, domain);
  }
  return domain;
}

/** Like `domainSeparated`, for parts that are all 32 bytes long. */
function of32(purpose: string, parts: Readonly<Record<string, Uint8Array>>): Uint8Array<ArrayBuffer> {
  for (const [name, part] of Object.entries(parts))
    if (part.length !== 32) throw new RangeError(`${name}: expected 32 bytes, got ${part.length}`);
  return domainSeparated(purpose, ...Object.values(parts));
}

/** What a session key signs in the tracker's HELLO: it proves possession and binds token and delegation. */
export function helloPreimage(
  nonce: Uint8Array,
  trackerId: Uint8Array,
  tokenHash: Uint8Array,
  delegationHash: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return of32("hello", { nonce, trackerId, tokenHash, delegationHash });
}

/** What a session key signs in a peer's HELLO: the SHA-256 fingerprints of both DTLS certificates. */
export function linkPreimage(
  ownFingerprint: Uint8Array,
  otherFingerprint: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return of32("link", { ownFingerprint, otherFingerprint });
}
