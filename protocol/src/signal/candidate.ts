import type { Decoded } from "../codec/decode.ts";
import { decodeWith, encodeWith, record, type ValueOf } from "../codec/layout.ts";
import { MAX_SIGNAL_BYTES } from "../limits.ts";
import { candidateLine } from "./line.ts";

const candidate = record({
  /** Without its "candidate:" prefix; empty for the end of candidates. */
  candidate: candidateLine,
});

export type Candidate = ValueOf<typeof candidate>;

/** The body of a SIGNAL of kind candidate. @throws RangeError naming the field that is out of range. */
export function encodeCandidate(value: Candidate): Uint8Array<ArrayBuffer> {
  return encodeWith(candidate, value, "candidate", MAX_SIGNAL_BYTES);
}

export function decodeCandidate(bytes: Uint8Array): Decoded<Candidate> {
  return decodeWith(candidate, bytes, MAX_SIGNAL_BYTES);
}
