/** Drawn anew for every run and printed; PROTOCOL_SEED replays a run. */
export const seed = Number(process.env["PROTOCOL_SEED"] ?? Math.floor(Math.random() * 2 ** 31)) | 0;

console.info(`PROTOCOL_SEED=${seed}`);

export interface Random {
  /** An integer from 0 to `count` - 1. */
  below(count: number): number;
}

/** mulberry32 */
export function createRandom(from: number): Random {
  let state = from;
  return {
    below(count) {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
    },
  };
}
