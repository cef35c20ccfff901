import { encodeBase64Url, pieceCountOf, PIECE_BYTES, rootPreimage } from "@tributary/protocol";
import { expect, test, vi } from "vitest";
import { createDigests } from "./digest.ts";
import { createIdentity, peerOf, verifySignature } from "./identity.ts";

const digests = createDigests(crypto.subtle);

test("the list of a segment proves each of its pieces, and nothing else", async () => {
  const bytes = Uint8Array.from({ length: 2 * PIECE_BYTES + 77 }, (_, index) => (index * 13) & 0xff);
  const { hashes, root } = await digests.listOf(bytes);
  expect(hashes.length).toBe(32 * pieceCountOf(bytes.length));
  expect(root).toBe(encodeBase64Url(await digests.sha256(rootPreimage(bytes.length, hashes))));
  expect(await digests.checkList(bytes.length, hashes, root)).toBe(true);
  expect(await digests.checkList(bytes.length - 1, hashes, root)).toBe(false);
  expect(await digests.checkList(bytes.length, hashes.subarray(32), root)).toBe(false);
  expect(await digests.checkList(2 ** 31, new Uint8Array(32 * 2 ** 15), root)).toBe(false);
  const last = bytes.subarray(2 * PIECE_BYTES);
  expect(await digests.checkPiece(last, 2, hashes)).toBe(true);
  expect(await digests.checkPiece(last, 1, hashes)).toBe(false);
  expect(await digests.checkPiece(last, 9, hashes)).toBe(false);
  const flipped = last.slice();
  flipped[5]! ^= 1;
  expect(await digests.checkPiece(flipped, 2, hashes)).toBe(false);
});

test("an identity signs what others can verify", async () => {
  const identity = await createIdentity(crypto, digests);
  const message = new Uint8Array([1, 2, 3]);
  const signature = await identity.sign(message);
  const verify = (key: Uint8Array, bytes: Uint8Array) =>
    verifySignature(crypto.subtle, key, signature, bytes);
  expect(await verify(identity.sessionKey, message)).toBe("valid");
  expect(await verify(identity.sessionKey, new Uint8Array([1, 2, 4]))).toBe("invalid");
  expect(await verify((await createIdentity(crypto, digests)).sessionKey, message)).toBe("invalid");
  expect(await peerOf(identity.sessionKey, digests)).toBe(identity.peer);
  expect(identity.keyThumbprint).toMatch(/^[\w-]{43}$/);
});

test("T16 no script can take an identity's private key away", async () => {
  const generate = vi.spyOn(crypto.subtle, "generateKey");
  await createIdentity(crypto, digests);
  const { privateKey } = (await generate.mock.results[0]!.value) as CryptoKeyPair;
  generate.mockRestore();
  for (const format of ["pkcs8", "jwk", "raw"] as const)
    await expect(crypto.subtle.exportKey(format, privateKey)).rejects.toThrow();
});

test("without Ed25519 the session takes part unsigned", async () => {
  const unsupported = () => Promise.reject(new DOMException("no", "NotSupportedError"));
  const subtle = { generateKey: unsupported, importKey: unsupported } as unknown as SubtleCrypto;
  const old = { subtle, getRandomValues: crypto.getRandomValues.bind(crypto) } as unknown as Crypto;
  const identity = await createIdentity(old, digests);
  expect(identity.sessionKey.some((byte) => byte !== 0)).toBe(true);
  expect(await identity.sign(new Uint8Array(1))).toEqual(new Uint8Array(0));
  expect(await verifySignature(subtle, identity.sessionKey, new Uint8Array(64), new Uint8Array(1))).toBe(
    "unsupported",
  );
});
