/** SHA-256 of what is asked for: 32 bytes. */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array;

/**
 * A computation that asks for SHA-256 hashes one by one. WebCrypto answers with a promise and Node at once: the
 * same computation runs under both.
 */
export type Hashing<T> = Generator<Uint8Array<ArrayBuffer>, T, Uint8Array>;

export const HASH_BYTES = 32;

export function runHashing<T>(computation: Hashing<T>, sha256: Sha256): T {
  let step = computation.next();
  while (!step.done) step = computation.next(sha256(step.value));
  return step.value;
}

export function runHashingAsync<T>(
  computation: Hashing<T>,
  sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<T> {
  type Step = IteratorResult<Uint8Array<ArrayBuffer>, T>;
  const finish = (step: Step): T | Promise<T> =>
    step.done ? step.value : sha256(step.value).then((hash) => finish(computation.next(hash)));
  return new Promise((resolve) => resolve(finish(computation.next())));
}

export function concatenated(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
