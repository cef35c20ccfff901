import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";

export interface VectorKey {
  readonly name: string;
  /** The Ed25519 private key of RFC 8032: SHA-256("tributary vectors <name>"). */
  readonly seed: Buffer;
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
}

const PKCS8_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");

export const sha256 = (data: Uint8Array | string) =>
  new Uint8Array(createHash("sha256").update(data).digest());

function keyOf(name: string): VectorKey {
  const seed = Buffer.from(sha256(`tributary vectors ${name}`));
  const pkcs8 = Buffer.concat([PKCS8_HEADER, seed]);
  const key: KeyObject = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    name,
    seed,
    publicKey: new Uint8Array(spki.subarray(-32)),
    sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
  };
}

export const tracker = keyOf("tracker");
export const uploader = keyOf("uploader");
export const downloader = keyOf("downloader");
export const account = keyOf("account");
export const ALL_KEYS = [tracker, uploader, downloader, account];
