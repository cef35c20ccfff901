import fc from "fast-check";
import { expect, it } from "vitest";
import { createSeededRandom } from "../testing/seeded-random.ts";
import { createIndexedSet, sampleIndexes } from "./indexed-set.ts";

it("holds what a Set would hold, whatever is added and deleted", () => {
  const operation = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 20 }));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const indexed = createIndexedSet<number>();
      const plain = new Set<number>();
      for (const [adds, member] of operations) {
        if (adds) indexed.add(member);
        else indexed.delete(member);
        if (adds) plain.add(member);
        else plain.delete(member);
      }
      const members = Array.from({ length: indexed.size }, (_, index) => indexed.at(index));
      expect(new Set(members)).toEqual(plain);
      expect(indexed.size).toBe(plain.size);
    }),
  );
});

it("samples different indexes, all where there are not more", () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.integer(), (count, total, seed) => {
      const indexes = sampleIndexes(count, total, createSeededRandom(seed));
      expect(indexes.length).toBe(Math.min(count, total));
      expect(new Set(indexes).size).toBe(indexes.length);
      expect(indexes.every((index) => index >= 0 && index < total)).toBe(true);
    }),
  );
});

it("samples every index about equally often", () => {
  const random = createSeededRandom(5);
  const hits = new Array<number>(20).fill(0);
  for (let round = 0; round < 4_000; round++)
    for (const index of sampleIndexes(5, 20, random)) hits[index] = (hits[index] ?? 0) + 1;
  expect(Math.min(...hits)).toBeGreaterThan(900);
  expect(Math.max(...hits)).toBeLessThan(1_100);
});
