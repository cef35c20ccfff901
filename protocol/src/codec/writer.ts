/** Collects the bytes of one message. Ranges are checked by the layouts, not here. */
export interface Writer {
  bytes: Uint8Array<ArrayBuffer>;
  length: number;
}

export function createWriter(): Writer {
  return { bytes: new Uint8Array(64), length: 0 };
}

/** What was written so far: a view, because a writer is used once. */
export function writtenBytes(writer: Writer): Uint8Array<ArrayBuffer> {
  return writer.bytes.subarray(0, writer.length);
}

/** Makes room for `count` bytes and returns the offset of the first. */
function reserve(writer: Writer, count: number): number {
  const start = writer.length;
  writer.length += count;
  if (writer.length > writer.bytes.length) {
    const grown = new Uint8Array(Math.max(writer.length, 2 * writer.bytes.length));
    grown.set(writer.bytes.subarray(0, start));
    writer.bytes = grown;
  }
  return start;
}

export function writeByte(writer: Writer, value: number): void {
  const at = reserve(writer, 1);
  writer.bytes[at] = value;
}

export function writeBytes(writer: Writer, value: Uint8Array): void {
  const at = reserve(writer, value.length);
  writer.bytes.set(value, at);
}

/** LEB128. Division instead of shifts, for numbers beyond 32 bits. */
export function writeVarint(writer: Writer, value: number): void {
  for (; value >= 0x80; value = Math.floor(value / 0x80)) writeByte(writer, (value % 0x80) + 0x80);
  writeByte(writer, value);
}

/** Big-endian and `width` bytes wide. */
export function writeUint(writer: Writer, value: number, width: number): void {
  const start = reserve(writer, width);
  for (let at = start + width - 1; at >= start; at--) {
    writer.bytes[at] = value % 0x100;
    value = Math.floor(value / 0x100);
  }
}
