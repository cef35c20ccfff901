import { PEER_ID_BYTES, peerKeyOf, type PeerKey } from "@tributary/protocol";

export interface Identity {
  readonly sessionKey: Uint8Array;
  readonly peer: PeerKey;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export async function createIdentity(): Promise<Identity> {
  const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  const sessionKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return {
    sessionKey,
    peer: peerKeyOf((await sha256(sessionKey)).subarray(0, PEER_ID_BYTES)),
    sign: async (bytes) =>
      new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, bytes as Uint8Array<ArrayBuffer>)),
  };
}

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
}
