import { createHash } from "node:crypto";
import { helloPreimage, PEER_ID_BYTES, type ClientMessageOf } from "@tributary/protocol";
import type { HelloVerdict } from "../../core/index.ts";
import { isSoundPublicKey, verifyEd25519 } from "./ed25519.ts";

const sha256 = (data: Uint8Array | string) => new Uint8Array(createHash("sha256").update(data).digest());

/** Whether the client holds the key that it names, and the peer id that follows from that key. */
export async function checkHello(
  hello: ClientMessageOf<"hello">,
  nonce: Uint8Array,
  trackerId: Uint8Array,
): Promise<HelloVerdict> {
  const { sessionKey, signature, token, delegation } = hello;
  const peer = sha256(sessionKey).slice(0, PEER_ID_BYTES);
  if (signature.length === 0) return { kind: "unsigned", peer };
  if (!isSoundPublicKey(sessionKey)) return refused("the session key is a weak key");
  const signed = helloPreimage(nonce, trackerId, sha256(token), sha256(delegation));
  if (await verifyEd25519(sessionKey, signed, signature)) return { kind: "signed", peer };
  return refused("the signature of HELLO does not fit the session key and this nonce");
}

function refused(reason: string): HelloVerdict {
  return { kind: "refused", code: "bad-signature", reason };
}
