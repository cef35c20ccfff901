import { encodeWith, type Fields, fixed, type Layout, record, type RecordOf } from "../codec/layout.ts";
import {
  createReader,
  fail,
  type Fault,
  readByte,
  type Reader,
  readView,
  remainingBytes,
} from "../codec/reader.ts";
import { domainSeparated } from "../preimages.ts";

export const SIGNATURE_BYTES = 64;
/** The first byte of each signed message, so that one taken for another is named as such. */
export type SignedType = 1 | 2 | 3 | 4 | 5;

export type Parsed<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** What the signature is over. */
      readonly preimage: Uint8Array<ArrayBuffer>;
      readonly signature: Uint8Array;
    }
  | { readonly ok: false; readonly fault: Fault; readonly reason: string };

/** A message that stands alone under one signature: type byte ‖ fields ‖ signature 64, all of fixed width. */
export interface SignedMessage<T> {
  /** The bytes to sign: "tributary/<name>/v1\0" ‖ type ‖ fields. @throws RangeError naming the field. */
  preimage(value: T): Uint8Array<ArrayBuffer>;
  /** What travels. @throws RangeError naming the field. */
  seal(value: T, signature: Uint8Array): Uint8Array<ArrayBuffer>;
  /** Never throws. Whether the signature is true is for the caller to check. */
  parse(bytes: Uint8Array): Parsed<T>;
  /** One sealed message out of a longer one; a copy of its bytes. */
  read(reader: Reader): { readonly value: T; readonly sealed: Uint8Array };
}

const signature = fixed(SIGNATURE_BYTES);

/** `check` says what is wrong with fields that are each in range, or null. */
export function signedMessage<const F extends Fields>(
  name: string,
  type: SignedType,
  maxBytes: number,
  fields: F,
  check: (value: RecordOf<F>) => string | null = () => null,
): SignedMessage<RecordOf<F>> {
  const layout = record(fields);
  const body: Layout<RecordOf<F>> = {
    write(writer, value, at) {
      const wrong = check(value);
      if (wrong !== null) throw new RangeError(`${at}: ${wrong}`);
      layout.write(writer, value, at);
    },
    read(reader) {
      const value = layout.read(reader);
      const wrong = reader.failed ? null : check(value);
      if (wrong !== null) fail(reader, wrong, "inconsistent");
      return value;
    },
  };
  const encode = (value: RecordOf<F>) => {
    const fieldBytes = encodeWith(body, value, name, maxBytes);
    const bytes = new Uint8Array(1 + fieldBytes.length);
    bytes[0] = type;
    bytes.set(fieldBytes, 1);
    return bytes;
  };
  const readBody = (reader: Reader) => {
    const found = readByte(reader);
    if (!reader.failed && found !== type)
      fail(reader, `a message of type ${found}, expected ${type} for a ${name}`, "wrong-type");
    return body.read(reader);
  };
  return {
    preimage: (value) => domainSeparated(name, encode(value)),
    seal(value, signed) {
      if (signed.length !== SIGNATURE_BYTES)
        throw new RangeError(`${name}.signature: expected 64 bytes, got ${signed.length}`);
      const fieldBytes = encode(value);
      const bytes = new Uint8Array(fieldBytes.length + SIGNATURE_BYTES);
      bytes.set(fieldBytes);
      bytes.set(signed, fieldBytes.length);
      return bytes;
    },
    parse(bytes) {
      const reader = createReader(bytes);
      if (bytes.length > maxBytes) fail(reader, `longer than ${maxBytes} bytes`, "wrong-length");
      const value = readBody(reader);
      const end = reader.at;
      const signed = signature.read(reader);
      if (!reader.failed && remainingBytes(reader) > 0) fail(reader, "trailing bytes", "wrong-length");
      if (reader.failed) return { ok: false, fault: reader.fault, reason: `${name}: ${reader.reason}` };
      return {
        ok: true,
        value,
        preimage: domainSeparated(name, bytes.subarray(0, end)),
        signature: signed,
      };
    },
    read(reader) {
      const start = reader.at;
      const value = readBody(reader);
      readView(reader, SIGNATURE_BYTES);
      return { value, sealed: reader.bytes.slice(start, reader.at) };
    },
  };
}
