import { decodeHex, encodeHex, type Description } from "@tributary/protocol";

/** What of a local description has to travel, and the id of its one media section. */
export interface LocalDescription {
  readonly description: Description;
  readonly mid: string;
}

/** Reads a data-channel description as browsers write it. Null where something that has to travel is missing. */
export function readSdp(sdp: string): LocalDescription | null {
  const lines = sdp.split(/\r?\n/);
  const valueOf = (prefix: string) => lines.find((line) => line.startsWith(prefix))?.slice(prefix.length);
  const ufrag = valueOf("a=ice-ufrag:");
  const pwd = valueOf("a=ice-pwd:");
  const setup = valueOf("a=setup:");
  const fingerprint = decodeHex((valueOf("a=fingerprint:sha-256 ") ?? "").replaceAll(":", "").toLowerCase());
  if (ufrag === undefined || pwd === undefined || fingerprint?.length !== 32) return null;
  if (setup !== "actpass" && setup !== "active" && setup !== "passive") return null;
  return {
    mid: valueOf("a=mid:") ?? "0",
    description: {
      ufrag,
      pwd,
      setup,
      fingerprint,
      candidates: lines
        .filter((line) => line.startsWith("a=candidate:"))
        .map((line) => line.slice("a=candidate:".length)),
      maxMessageSize: Number(valueOf("a=max-message-size:") ?? 65_536),
    },
  };
}

/** The least SDP that a browser takes for a data channel. Everything in it was checked by the decoder. */
export function writeSdp(description: Description, mid: string): string {
  const fingerprint = encodeHex(description.fingerprint).toUpperCase().match(/../g)?.join(":") ?? "";
  return [
    "v=0",
    "o=- 1 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${mid}`,
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    ...description.candidates.map((candidate) => `a=candidate:${candidate}`),
    `a=ice-ufrag:${description.ufrag}`,
    `a=ice-pwd:${description.pwd}`,
    "a=ice-options:trickle",
    `a=fingerprint:sha-256 ${fingerprint}`,
    `a=setup:${description.setup}`,
    `a=mid:${mid}`,
    "a=sctp-port:5000",
    `a=max-message-size:${description.maxMessageSize}`,
    "",
  ].join("\r\n");
}

/**
 * The candidate as it may leave this browser, null for one that stays here. Under "relay" only relayed ones leave, and
 * without the related address, which would be the viewer's own.
 */
export function candidateToSend(candidate: string, policy: RTCIceTransportPolicy): string | null {
  if (candidate === "") return null;
  // Browsers' own extensions; a stale ufrag would make Firefox refuse a candidate that glare left behind.
  const line = candidate.replace(/ (generation|ufrag|network-id|network-cost) \S+/g, "");
  if (policy === "all") return line;
  if (!/ typ relay( |$)/.test(line)) return null;
  return line.replace(/ raddr \S+ rport \d+/, " raddr 0.0.0.0 rport 0");
}
