import { encodeBase64Url, encodeUtf8, PEER_ID_BYTES, peerKeyOf, type PeerKey } from "@tributary/protocol";
import type { Digests } from "./digest.ts";

/** Who this engine is: a key of its own, in memory only, so that it tracks nobody. */
export interface Identity {
  readonly sessionKey: Uint8Array;
  readonly peer: PeerKey;
  /** RFC 7638, for publishers that bind their token to the key. */
  readonly keyThumbprint: string;
  /** 64 bytes, or none where the browser lacks Ed25519: the session then takes part unpaid. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export async function createIdentity(crypto: Crypto, digests: Digests): Promise<Identity> {
  const pair = await ed25519Pair(crypto.subtle);
  const sessionKey =
    pair === null
      ? crypto.getRandomValues(new Uint8Array(32))
      : new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const jwk = `{"crv":"Ed25519","kty":"OKP","x":"${encodeBase64Url(sessionKey)}"}`;
  return {
    sessionKey,
    peer: await peerOf(sessionKey, digests),
    keyThumbprint: encodeBase64Url(await digests.sha256(encodeUtf8(jwk))),
    async sign(bytes) {
      if (pair === null) return new Uint8Array(0);
      return new Uint8Array(
        await crypto.subtle.sign("Ed25519", pair.privateKey, bytes as Uint8Array<ArrayBuffer>),
      );
    },
  };
}

/** A peer's id is the beginning of its session key's SHA-256. */
export async function peerOf(sessionKey: Uint8Array, digests: Digests): Promise<PeerKey> {
  return peerKeyOf((await digests.sha256(sessionKey)).subarray(0, PEER_ID_BYTES));
}

/** "unsupported" where the browser lacks Ed25519: the caller decides what that means. */
export async function verifySignature(
  subtle: SubtleCrypto,
  publicKey: Uint8Array,
  signature: Uint8Array,
  bytes: Uint8Array,
): Promise<"valid" | "invalid" | "unsupported"> {
  let key: CryptoKey;
  try {
    key = await subtle.importKey("raw", publicKey as Uint8Array<ArrayBuffer>, "Ed25519", false, ["verify"]);
  } catch (error) {
    return error instanceof DOMException && error.name === "NotSupportedError" ? "unsupported" : "invalid";
  }
  const [signed, signedBytes] = [signature as Uint8Array<ArrayBuffer>, bytes as Uint8Array<ArrayBuffer>];
  return (await subtle.verify("Ed25519", key, signed, signedBytes)) ? "valid" : "invalid";
}

async function ed25519Pair(subtle: SubtleCrypto): Promise<CryptoKeyPair | null> {
  try {
    return (await subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  } catch {
    return null;
  }
}
