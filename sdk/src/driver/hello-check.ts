import type { PeerKey, PeerMessageOf } from "@tributary/protocol";
import type { Digests } from "../adapters/crypto/digest.ts";
import { peerOf, verifySignature } from "../adapters/crypto/identity.ts";

/** Why this HELLO does not come from `peer`, null where it does. */
export async function objectionTo(
  hello: PeerMessageOf<"hello">,
  peer: PeerKey,
  preimage: Uint8Array,
  { crypto, digests }: { readonly crypto: Crypto; readonly digests: Digests },
): Promise<string | null> {
  if ((await peerOf(hello.sessionKey, digests)) !== peer) return "its key does not belong to its id";
  // A browser without Ed25519 signs nothing; its id rests on the tracker alone.
  if (hello.signature.length === 0) return null;
  const verdict = await verifySignature(crypto.subtle, hello.sessionKey, hello.signature, preimage);
  return verdict === "invalid" ? "its signature does not fit this connection" : null;
}
