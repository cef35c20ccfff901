import type { Decoded } from "../codec/decode.ts";
import {
  choice,
  decodeWith,
  encodeWith,
  fixed,
  list,
  record,
  text,
  type ValueOf,
  varint,
} from "../codec/layout.ts";
import { MAX_SIGNAL_BYTES } from "../limits.ts";
import { candidateLine, matching } from "./line.ts";

/** What differs between two data-channel descriptions; the SDP around it is the same for all. */
const description = record({
  ufrag: matching(text(256), /^[\x21-\x7e]{4,}$/, "at least 4 printable characters"),
  pwd: matching(text(256), /^[\x21-\x7e]{22,}$/, "at least 22 printable characters"),
  /** SHA-256 of the DTLS certificate. */
  fingerprint: fixed(32),
  setup: choice("actpass", "active", "passive"),
  /** Candidate lines without their "candidate:" prefix. */
  candidates: list(candidateLine, 32),
  maxMessageSize: varint(),
});

export type Description = ValueOf<typeof description>;

/** The body of a SIGNAL of kind offer or answer. @throws RangeError naming the field that is out of range. */
export function encodeDescription(value: Description): Uint8Array<ArrayBuffer> {
  return encodeWith(description, value, "description", MAX_SIGNAL_BYTES);
}

export function decodeDescription(bytes: Uint8Array): Decoded<Description> {
  return decodeWith(description, bytes, MAX_SIGNAL_BYTES);
}
