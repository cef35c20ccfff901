import type { IceServer } from "@tributary/protocol";
import type { DriverOptions } from "../driver-contract.ts";

/** Those that the page names itself. */
export function iceServersOf({ ice }: DriverOptions): RTCIceServer[] {
  return ice.servers.map(({ urls, ...rest }) => ({ ...rest, urls: [urls].flat() }));
}

/** One that the tracker names. */
export function toRtcIceServer({ urls, username, credential }: IceServer): RTCIceServer {
  return username === "" ? { urls: [...urls] } : { urls: [...urls], username, credential };
}

/** What the page is told where RTCPeerConnection cannot be made with the servers of both. */
export const refusal = (reason: string): string =>
  `The browser refuses to make connections to other viewers (${reason}): everything comes from the CDN.`;
