import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { formatCheckpoint, formatNote, noteKeyOf, runHashing } from "@tributary/protocol/log";
import { sha256 } from "../../adapters/database/sha256.ts";
import type { SignCheckpoint } from "../../adapters/database/log-store.ts";
import type { LogKey } from "../publish.ts";

/** A log key of its own for each test. */
export function testLogKey(origin = "log.example"): LogKey & { sign: SignCheckpoint } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = new Uint8Array(Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url"));
  const key = runHashing(noteKeyOf(origin, raw), sha256);
  return {
    key,
    sign(size, root) {
      const text = formatCheckpoint({ origin, size, root });
      const signature = new Uint8Array(sign(null, Buffer.from(text), privateKey));
      return formatNote({ text, signatures: [{ name: origin, keyId: key.id, signature }] });
    },
    async verify(rawKey, data, signature) {
      const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(rawKey).toString("base64url") };
      return verify(null, data, createPublicKey({ key: jwk, format: "jwk" }), signature);
    },
  };
}
