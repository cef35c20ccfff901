/** A stream of pseudo-random numbers; two streams of one seed do not disturb each other. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number;
  chance(probability: number): boolean;
  between(from: number, to: number): number;
  /** With the logarithm evenly spread, as rates and sizes are. */
  logBetween(from: number, to: number): number;
}

/** sfc32, seeded by mixing the seed with the stream's name. */
export function createRandom(seed: number, stream: string): Random {
  let [a, b, c, counter] = [seed >>> 0, 0x9e3779b9, hashText(stream), 1];

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }
  for (let round = 0; round < 15; round++) next();

  return {
    next,
    below: (below) => Math.floor(next() * below),
    chance: (probability) => next() < probability,
    between: (from, to) => from + (to - from) * next(),
    logBetween: (from, to) => from * (to / from) ** next(),
  };
}

/** FNV-1a over the code units. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
