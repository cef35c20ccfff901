import {
  encodeUtf8,
  helloPreimage,
  PROTOCOL_VERSION,
  type ClientMessageOf,
  type TrackerMessageOf,
} from "@tributary/protocol";

/** What the handshake needs to know of this engine. */
export interface Credentials {
  /** Name and version of the software. */
  readonly client: string;
  readonly sessionKey: Uint8Array;
  /** 64 bytes, or none where the browser lacks Ed25519. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  /** The publisher's token, empty for an open tracker. */
  token(): Promise<string>;
  /** Empty where nobody is credited. Never rejects. */
  delegation(): Promise<Uint8Array>;
}

/** Why this tracker cannot be talked to, null where it can. */
export function versionObjection({ version, minVersion }: TrackerMessageOf<"nonce">): string | null {
  if (version >= PROTOCOL_VERSION && minVersion <= PROTOCOL_VERSION) return null;
  return `the tracker speaks versions ${minVersion} to ${version} of the protocol, this player version ${PROTOCOL_VERSION}`;
}

/** The signed HELLO that answers a nonce. A resume ticket takes the place of a fresh token. */
export async function helloFor(
  { nonce, trackerId }: TrackerMessageOf<"nonce">,
  resumeTicket: Uint8Array,
  credentials: Credentials,
): Promise<ClientMessageOf<"hello">> {
  const token = resumeTicket.length > 0 ? "" : await credentials.token();
  const delegation = await credentials.delegation();
  const tokenHash = await credentials.sha256(encodeUtf8(token));
  const delegationHash = await credentials.sha256(delegation);
  return {
    type: "hello",
    version: PROTOCOL_VERSION,
    sessionKey: credentials.sessionKey,
    signature: await credentials.sign(helloPreimage(nonce, trackerId, tokenHash, delegationHash)),
    token,
    delegation,
    resumeTicket,
    client: credentials.client,
  };
}
