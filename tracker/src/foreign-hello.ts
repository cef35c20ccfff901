import {
  createReader,
  encodeClientMessage,
  PROTOCOL_VERSION,
  readByte,
  readVarint,
} from "@tributary/protocol";

const [HELLO] = encodeClientMessage({
  type: "hello",
  version: PROTOCOL_VERSION,
  sessionKey: new Uint8Array(32),
  signature: new Uint8Array(0),
  token: "",
  delegation: new Uint8Array(0),
  resumeTicket: new Uint8Array(0),
  client: "",
});

/**
 * The version that a HELLO names, null where it is this one or the bytes are no HELLO. The version stays HELLO's
 * first field in all versions, so a client of another one learns why it is refused.
 */
export function foreignVersionOf(bytes: Uint8Array): number | null {
  const reader = createReader(bytes);
  if (readByte(reader) !== HELLO) return null;
  const version = readVarint(reader, 0xffff);
  return reader.failed || version === PROTOCOL_VERSION ? null : version;
}
