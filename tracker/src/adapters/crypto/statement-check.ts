import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { isSoundPublicKey, SPKI_HEADER } from "./ed25519.ts";

/** Importing a key costs as much as a verification: every session that states once a minute fits. */
const cachedKeysMax = 100_000;

export interface SignatureChecker {
  /** Runs in the thread pool. Never rejects. */
  check(raw: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** Verifies like `verifyEd25519`, and keeps the keys that come again and again. */
export function createSignatureChecker(): SignatureChecker {
  const keys = new Map<string, KeyObject>();

  function keyOf(raw: Uint8Array): KeyObject | null {
    const name = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString("latin1");
    const known = keys.get(name);
    if (known !== undefined) return known;
    if (!isSoundPublicKey(raw)) return null;
    const key = createPublicKey({ key: Buffer.concat([SPKI_HEADER, raw]), format: "der", type: "spki" });
    const oldest = keys.keys().next();
    if (keys.size >= cachedKeysMax && !oldest.done) keys.delete(oldest.value);
    keys.set(name, key);
    return key;
  }

  return {
    check: (raw, data, signature) =>
      new Promise((resolve) => {
        try {
          const key = keyOf(raw);
          if (key === null) resolve(false);
          else verify(null, data, key, signature, (error, valid) => resolve(!error && valid));
        } catch {
          resolve(false);
        }
      }),
  };
}
