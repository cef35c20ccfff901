// simple-peer asks a package for these, which brings a native library along in Node. Browsers have them.
export const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = globalThis;
