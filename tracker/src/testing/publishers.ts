import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { encodeBase64Url } from "@tributary/protocol";
import { mintToken, type TokenGrant } from "../adapters/admission/mint-token.ts";
import { thumbprintOf } from "../adapters/admission/token-check.ts";
import { rawPublicKeyOf } from "../adapters/crypto/ed25519.ts";
import type { Publisher, PublisherLookup, TokenUse } from "../core/publishers.ts";

/** A publisher's server: a key pair, and tokens signed with it. */
export interface TestPublisher {
  readonly publisher: Publisher;
  readonly keyId: string;
  readonly privateKey: KeyObject;
  mint(grant: Omit<TokenGrant, "publisher"> & { readonly publisher?: string }): Promise<string>;
}

export function createPublisher(name = "acme", origins: readonly string[] = []): TestPublisher {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const encoded = encodeBase64Url(rawPublicKeyOf(publicKey));
  const keyId = thumbprintOf(encoded);
  const id = new Uint8Array(createHash("sha256").update(name).digest().subarray(0, 16));
  return {
    publisher: { name, id, keys: [{ id: keyId, publicKey: encoded, addedAtMs: 0 }], origins },
    keyId,
    privateKey,
    mint: (grant) => mintToken(privateKey, keyId, { publisher: name, ...grant }),
  };
}

/** A registry without a database. */
export function publishersInMemory(...publishers: readonly Publisher[]): PublisherLookup {
  const uses = new Map<string, TokenUse>();
  return {
    byName: (name) => Promise.resolve(publishers.find((publisher) => publisher.name === name) ?? null),
    byId: (id) =>
      Promise.resolve(publishers.find((publisher) => Buffer.from(publisher.id).equals(id)) ?? null),
    bindToken(use) {
      const key = JSON.stringify([use.publisher, use.tokenId]);
      const first = uses.get(key) ?? use;
      uses.set(key, first);
      return Promise.resolve(first.keyThumbprint === use.keyThumbprint);
    },
  };
}
