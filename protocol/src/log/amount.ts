import type { Layout } from "../codec/layout.ts";
import { fail, readView } from "../codec/reader.ts";
import { writeBytes } from "../codec/writer.ts";

/** Below 2^63: what a signed 64-bit column holds. */
export const AMOUNT_MAX = 2n ** 63n - 1n;

/** Bytes or micro-units as a big-endian u64 from 0 to AMOUNT_MAX. */
export const amount: Layout<bigint> = {
  write(writer, value, name) {
    if (value < 0n || value > AMOUNT_MAX)
      throw new RangeError(`${name}: expected an amount from 0 to 2^63 - 1, got ${value}`);
    writeBytes(writer, amountBytes(value));
  },
  read(reader) {
    const bytes = readView(reader, 8);
    if (reader.failed) return 0n;
    const value = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
    if (value <= AMOUNT_MAX) return value;
    fail(reader, "above 2^63 - 1");
    return 0n;
  },
};

export function amountBytes(value: bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}
