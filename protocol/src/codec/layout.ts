import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import type { Decoded } from "./decode.ts";
import * as from from "./reader.ts";
import type { Reader } from "./reader.ts";
import * as to from "./writer.ts";
import type { Writer } from "./writer.ts";

/**
 * How one kind of value lies on the wire: encoding and decoding both follow from it. Every layout has
 * exactly one encoding per value and refuses all others. `write` throws a RangeError that names the field,
 * because an unsendable value is the caller's mistake; `read` never throws (see Reader).
 */
export interface Layout<T> {
  write(writer: Writer, value: T, name: string): void;
  read(reader: Reader): T;
}

export type ValueOf<L> = L extends Layout<infer T> ? T : never;

function demand(condition: boolean, name: string, expected: string): asserts condition {
  if (!condition) throw new RangeError(`${name}: expected ${expected}`);
}

function demandInteger(value: number, min: number, max: number, name: string): void {
  const fits = Number.isInteger(value) && value >= min && value <= max;
  demand(fits, name, `an integer from ${min} to ${max}, got ${value}`);
}

/** An integer from `min` to `max` in as few bytes as its distance from `min` needs. */
export function varint(max = Number.MAX_SAFE_INTEGER, min = 0): Layout<number> {
  return {
    write(writer, value, name) {
      demandInteger(value, min, max, name);
      to.writeVarint(writer, value - min);
    },
    read: (reader) => min + from.readVarint(reader, max - min),
  };
}

/** An integer from `min` to `max`, as its distance from `min` in exactly `width` bytes. */
export function uint(width: number, max: number, min = 0): Layout<number> {
  return {
    write(writer, value, name) {
      demandInteger(value, min, max, name);
      to.writeUint(writer, value - min, width);
    },
    read: (reader) => min + from.readUint(reader, width, max - min),
  };
}

export const u32 = uint(4, 0xffff_ffff);
export const u64 = uint(8, Number.MAX_SAFE_INTEGER);

/** A finite IEEE 754 double. */
export const f64: Layout<number> = {
  write(writer, value, name) {
    demand(Number.isFinite(value), name, "a finite number");
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    to.writeBytes(writer, bytes);
  },
  read(reader) {
    const bytes = from.readView(reader, 8);
    if (reader.failed) return 0;
    const value = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
    return Number.isFinite(value) ? value : from.fail(reader, "not a finite number");
  },
};

/** One of a fixed list of names, as its place in the list. */
export function choice<const Names extends readonly string[]>(...names: Names): Layout<Names[number]> {
  return {
    write(writer, value, name) {
      demand(names.includes(value), name, `one of ${names.join(", ")}`);
      to.writeByte(writer, names.indexOf(value));
    },
    read: (reader) => names[from.readVarint(reader, names.length - 1)]!,
  };
}

export const bool: Layout<boolean> = {
  write: (writer, value) => to.writeByte(writer, value ? 1 : 0),
  read: (reader) => from.readVarint(reader, 1) === 1,
};

/** Exactly `length` bytes. Decoded as a copy: sockets may reuse the buffer that they hand out. */
export function fixed(length: number): Layout<Uint8Array> {
  return {
    write(writer, value, name) {
      demand(value.length === length, name, `${length} bytes, got ${value.length}`);
      to.writeBytes(writer, value);
    },
    read: (reader) => from.readCopy(reader, length),
  };
}

/** At most `maxBytes` bytes, decoded as a view of the input. */
export function view(maxBytes: number): Layout<Uint8Array> {
  return {
    write(writer, value, name) {
      demand(value.length <= maxBytes, name, `at most ${maxBytes} bytes, got ${value.length}`);
      to.writeVarint(writer, value.length);
      to.writeBytes(writer, value);
    },
    read: (reader) => from.readView(reader, from.readVarint(reader, maxBytes)),
  };
}

/** At most `maxBytes` bytes, decoded as a copy. */
export function bytes(maxBytes: number): Layout<Uint8Array> {
  const { write, read } = view(maxBytes);
  return { write, read: (reader) => new Uint8Array(read(reader)) };
}

/** Well-formed text of at most `maxBytes` bytes of UTF-8. */
export function text(maxBytes: number): Layout<string> {
  const encoded = view(maxBytes);
  return {
    write(writer, value, name) {
      encoded.write(writer, encodeUtf8(value, name), name);
    },
    read(reader) {
      const value = decodeUtf8(encoded.read(reader));
      if (value === null) from.fail(reader, "not valid UTF-8");
      return value ?? "";
    },
  };
}

/** At most `maxCount` items. No item may be empty on the wire: the bytes at hand bound the count. */
export function list<T>(item: Layout<T>, maxCount: number): Layout<readonly T[]> {
  return {
    write(writer, values, name) {
      demand(values.length <= maxCount, name, `at most ${maxCount} items, got ${values.length}`);
      to.writeVarint(writer, values.length);
      for (const value of values) item.write(writer, value, name);
    },
    read(reader) {
      const count = from.readVarint(reader, maxCount);
      if (count > from.remainingBytes(reader)) from.fail(reader, "truncated");
      const values: T[] = [];
      while (!reader.failed && values.length < count) values.push(item.read(reader));
      return values;
    },
  };
}

/** A layout with one more rule, which holds in both directions. */
export function refined<T>(layout: Layout<T>, accepts: (value: T) => boolean, rule: string): Layout<T> {
  return {
    write(writer, value, name) {
      demand(accepts(value), name, rule);
      layout.write(writer, value, name);
    },
    read(reader) {
      const value = layout.read(reader);
      if (!reader.failed && !accepts(value)) from.fail(reader, `expected ${rule}`);
      return value;
    },
  };
}

export type Fields = Readonly<Record<string, Layout<unknown>>>;
export type RecordOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** Fields one after the other, in the order written. */
export function record<const F extends Fields>(fields: F): Layout<RecordOf<F>> {
  const entries = Object.entries(fields);
  return {
    write(writer, value, name) {
      for (const [key, layout] of entries) layout.write(writer, value[key], `${name}.${key}`);
    },
    read(reader) {
      const value: Record<string, unknown> = {};
      for (const [key, layout] of entries) {
        value[key] = layout.read(reader);
        if (!reader.failed) continue;
        reader.reason = `${key}: ${reader.reason}`;
        break;
      }
      return value as RecordOf<F>;
    },
  };
}

/** Encodes one value. @throws RangeError naming the field that is out of range, or `name` if all is too long. */
export function encodeWith<T>(
  layout: Layout<T>,
  value: T,
  name: string,
  maxBytes: number,
): Uint8Array<ArrayBuffer> {
  const writer = to.createWriter();
  appendWith(layout, writer, value, name, maxBytes);
  return to.writtenBytes(writer);
}

/** Encodes one value behind what was written before. Throws as `encodeWith` does, and then has written nothing. */
export function appendWith<T>(
  layout: Layout<T>,
  writer: Writer,
  value: T,
  name: string,
  maxBytes: number,
): void {
  const start = writer.length;
  try {
    layout.write(writer, value, name);
    const length = writer.length - start;
    demand(length <= maxBytes, name, `at most ${maxBytes} bytes in all, got ${length}`);
  } catch (error) {
    writer.length = start;
    throw error;
  }
}

/** Decodes bytes that hold exactly one value. */
export function decodeWith<T>(layout: Layout<T>, input: Uint8Array, maxBytes: number): Decoded<T> {
  if (input.length > maxBytes) return { ok: false, reason: `longer than ${maxBytes} bytes` };
  const reader = from.createReader(input);
  const value = layout.read(reader);
  if (!reader.failed && from.remainingBytes(reader) > 0) from.fail(reader, "trailing bytes");
  return reader.failed ? { ok: false, reason: reader.reason } : { ok: true, value };
}

/** Decodes bytes that hold one value or more, back to back. */
export function decodeAllWith<T>(layout: Layout<T>, input: Uint8Array, maxBytes: number): Decoded<T[]> {
  if (input.length > maxBytes) return { ok: false, reason: `longer than ${maxBytes} bytes` };
  const reader = from.createReader(input);
  const values: T[] = [];
  do values.push(layout.read(reader));
  while (!reader.failed && from.remainingBytes(reader) > 0);
  return reader.failed ? { ok: false, reason: reader.reason } : { ok: true, value: values };
}
