import { decodeHex, type Description, encodeHex } from "@tributary/protocol";

export function descriptionOf(sdp: string): Description {
  const lines = sdp.split(/\r?\n/);
  const valuesOf = (prefix: string) =>
    lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  const valueOf = (prefix: string) => {
    const [value] = valuesOf(prefix);
    if (value === undefined) throw new Error(`no ${prefix} in the browser's description`);
    return value;
  };
  return {
    ufrag: valueOf("a=ice-ufrag:"),
    pwd: valueOf("a=ice-pwd:"),
    fingerprint: decodeHex(valueOf("a=fingerprint:sha-256 ").replaceAll(":", "").toLowerCase())!,
    setup: valueOf("a=setup:") as Description["setup"],
    candidates: valuesOf("a=candidate:").slice(0, 8),
    maxMessageSize: 262_144,
  };
}

export function sdpOf(description: Description): string {
  const fingerprint = encodeHex(description.fingerprint).toUpperCase().match(/../g)!.join(":");
  return [
    "v=0",
    "o=- 1 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    ...description.candidates.map((candidate) => `a=candidate:${candidate}`),
    `a=ice-ufrag:${description.ufrag}`,
    `a=ice-pwd:${description.pwd}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    `a=setup:${description.setup}`,
    "a=mid:0",
    "a=sctp-port:5000",
    `a=max-message-size:${description.maxMessageSize}`,
    "",
  ].join("\r\n");
}
