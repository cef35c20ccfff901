import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { decodeBase64Url, domainSeparated, encodeBase64Url, encodeUtf8 } from "@tributary/protocol";
import { thumbprintOf } from "../adapters/admission/token-check.ts";
import { isSoundPublicKey, rawPublicKeyOf } from "../adapters/crypto/ed25519.ts";
import { bareOriginOf, isPublicOrigin } from "../adapters/verifier/origin-policy.ts";
import {
  isPublisherName,
  publisherNameLengthMax,
  publisherOriginsMax,
  type PublisherKey,
} from "../core/publishers.ts";

/** What an operator typed or sent is wrong; the message names it and says what was expected. */
export class InputError extends Error {}

export function publisherName(text: unknown): string {
  if (typeof text === "string" && isPublisherName(text)) return text;
  const rule = `up to ${publisherNameLengthMax} of a-z, 0-9, dot and dash, beginning with a letter or digit`;
  throw new InputError(`the publisher's name must be ${rule}, got ${shown(text)}`);
}

/** What signed messages name a publisher by: no two names share it, and the name does not travel. */
export function publisherIdOf(name: string): Uint8Array {
  const preimage = domainSeparated("publisher", encodeUtf8(name));
  return new Uint8Array(createHash("sha256").update(preimage).digest().subarray(0, 16));
}

/**
 * Where a publisher's media lives. The verifier fetches from there, so that only an operator at this machine may
 * name what the public internet does not reach.
 */
export function publisherOrigins(values: unknown, allowPrivate: boolean): string[] {
  if (!Array.isArray(values) || values.length > publisherOriginsMax)
    throw new InputError(`origins must be a list of at most ${publisherOriginsMax}, got ${shown(values)}`);
  return values.map((value: unknown) => {
    const origin = typeof value === "string" && value.length <= 300 ? bareOriginOf(value) : null;
    if (origin === null) throw new InputError(`an origin must be http(s)://host[:port], got ${shown(value)}`);
    if (allowPrivate || isPublicOrigin(origin)) return origin;
    throw new InputError(`the origin ${origin} is not on the public internet`);
  });
}

/** @param text an Ed25519 public key as PEM, as a JWK in JSON, or its 32 bytes in base64url */
export function publisherKey(text: unknown, nowMs: number): PublisherKey {
  if (typeof text === "string" && /PRIVATE KEY|"d"\s*:/.test(text))
    throw new InputError("that is a private key; keep it, and give the tracker the public one");
  const raw = typeof text === "string" ? rawKey(text.trim()) : null;
  if (raw === null || !isSoundPublicKey(raw))
    throw new InputError("the public key must be Ed25519: PEM, JWK or 32 bytes in base64url");
  const publicKey = encodeBase64Url(raw);
  return { id: thumbprintOf(publicKey), publicKey, addedAtMs: nowMs };
}

function rawKey(text: string): Uint8Array | null {
  if (/^[\w-]{43}$/.test(text)) return decodeBase64Url(text);
  try {
    const key: KeyObject = text.startsWith("{")
      ? createPublicKey({ key: JSON.parse(text) as Record<string, string>, format: "jwk" })
      : createPublicKey(text);
    return key.asymmetricKeyType === "ed25519" ? rawPublicKeyOf(key) : null;
  } catch {
    return null;
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
