import * as polyfill from "node-datachannel/polyfill";

/** Gives Node what browsers have, over a real implementation. */
export function useNodeWebRtc(): void {
  const { RTCPeerConnection, RTCIceCandidate, RTCSessionDescription } = polyfill;
  Object.assign(globalThis, { RTCPeerConnection, RTCIceCandidate, RTCSessionDescription });
}
