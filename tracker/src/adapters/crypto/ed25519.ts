import { createPublicKey, verify, type KeyObject } from "node:crypto";

/** The DER header of an Ed25519 public key (RFC 8410), followed by its 32 bytes. */
export const SPKI_HEADER = Buffer.from("302a300506032b6570032100", "hex");

export function rawPublicKeyOf(key: KeyObject): Uint8Array {
  const spki = key.export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(SPKI_HEADER.length));
}

/** 2^255 - 19, little-endian. */
const FIELD_PRIME = Buffer.from("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "hex");

/** The y coordinates of the eight points of small order, without the sign bit. */
const SMALL_ORDER_Y = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];

function isBelowPrime(y: Uint8Array): boolean {
  for (let index = 31; index >= 0; index--) {
    const difference = (y[index] ?? 0) - (FIELD_PRIME[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/**
 * False for keys of small order, under which one signature fits every message, and for encodings that are not
 * canonical, under which one key would have several names. OpenSSL takes both.
 */
export function isSoundPublicKey(raw: Uint8Array): boolean {
  if (raw.length !== 32) return false;
  const y = Uint8Array.from(raw);
  y[31] = (y[31] ?? 0) & 0x7f;
  return isBelowPrime(y) && !SMALL_ORDER_Y.includes(Buffer.from(y).toString("hex"));
}

/** Runs in the thread pool. False also where `raw` is no point of the curve. */
export function verifyEd25519(raw: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const key = createPublicKey({ key: Buffer.concat([SPKI_HEADER, raw]), format: "der", type: "spki" });
      verify(null, data, key, signature, (error, valid) => resolve(!error && valid));
    } catch {
      resolve(false);
    }
  });
}
