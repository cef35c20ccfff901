import { randomFillSync } from "node:crypto";

/** Like Math.random, but nobody can tell the next number. Drawn from the system by the thousand. */
export function createUnguessableRandom(): () => number {
  const pool = new Uint32Array(1024);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    return (pool[used++] ?? 0) / 2 ** 32;
  };
}
