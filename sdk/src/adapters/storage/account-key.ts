import { get, update } from "idb-keyval";

/** An account as this browser keeps it: the private key never leaves it, not even for the page's own scripts. */
export interface AccountKey {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

const NAME = "tributary-account";

/**
 * The account of this browser on this site, made on first use and kept in IndexedDB. It is lost when the site's data is
 * cleared. Rejects where the browser keeps nothing or lacks Ed25519.
 */
export async function openAccountKey(subtle: SubtleCrypto): Promise<AccountKey> {
  let pair = await get<CryptoKeyPair>(NAME);
  if (pair === undefined) {
    const fresh = (await subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
    // In one transaction: of two tabs that begin at once the first one's key is the account.
    await update<CryptoKeyPair>(NAME, (kept) => (pair = kept ?? fresh));
  }
  const { publicKey, privateKey } = pair!;
  return {
    publicKey: new Uint8Array(await subtle.exportKey("raw", publicKey)),
    sign: async (bytes) =>
      new Uint8Array(await subtle.sign("Ed25519", privateKey, bytes as Uint8Array<ArrayBuffer>)),
  };
}
