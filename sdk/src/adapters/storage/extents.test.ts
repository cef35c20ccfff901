import fc from "fast-check";
import { expect, test } from "vitest";
import { createExtents } from "./extents.ts";

test("behaves like a set of bytes", () => {
  const range = fc
    .tuple(fc.nat(40), fc.integer({ min: 1, max: 20 }))
    .map(([at, length]) => [at, at + length] as const);
  const step = fc.record({ add: fc.boolean(), range });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), range, (steps, [from, to]) => {
      const extents = createExtents();
      const bytes = new Set<number>();
      for (const {
        add,
        range: [start, end],
      } of steps) {
        extents[add ? "add" : "remove"](start, end);
        for (let at = start; at < end; at++) bytes[add ? "add" : "delete"](at);
      }
      const gaps = extents
        .gapsIn(from, to)
        .flatMap(([start, end]) => Array.from({ length: end - start }, (_, i) => start + i));
      const lacking = Array.from({ length: to - from }, (_, i) => from + i).filter((at) => !bytes.has(at));
      expect(gaps).toEqual(lacking);
    }),
  );
});
