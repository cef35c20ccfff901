import fc from "fast-check";
import { expect, test } from "vitest";
import { compareBytes, equalBytes } from "./bytes.ts";
import { seed } from "./testing/seed.ts";

const few = fc.uint8Array({ maxLength: 4, max: 2 });

test("orders bytes as Node does", () => {
  fc.assert(
    fc.property(few, few, (left, right) => {
      const order = Buffer.compare(left, right);
      expect(Math.sign(compareBytes(left, right))).toBe(order);
      expect(equalBytes(left, right)).toBe(order === 0);
    }),
    { seed },
  );
});
