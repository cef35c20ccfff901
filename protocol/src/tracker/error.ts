import { bool, choice, text, type ValueOf } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_ERROR_MESSAGE_BYTES } from "../limits.ts";

const code = choice(
  "bad-message",
  "out-of-order",
  "version",
  "bad-signature",
  "not-admitted",
  "rate-limited",
  "too-large",
  "not-introduced",
  "unknown-swarm",
  "shutting-down",
  "internal",
  // Of the signed messages inside STATEMENT and HELLO.
  "wrong-length",
  "wrong-type",
  "wrong-order",
  "overflow",
  "inconsistent",
  "wrong-key",
  "wrong-epoch",
  "unknown-grant",
  "replayed",
  "clock-ahead",
  "clock-behind",
  // Of tokens.
  "token-invalid",
  "token-expired",
  "token-replayed",
  "wrong-content",
  "banned",
);

export type ErrorCode = ValueOf<typeof code>;

export const error = message("error", 0x89, {
  code,
  /** Plain words. */
  message: text(MAX_ERROR_MESSAGE_BYTES),
  /** The tracker closes the socket after it. */
  fatal: bool,
});
