import { peerKeyOf, type PeerId, type PeerKey } from "@tributary/protocol";

const keys: PeerKey[] = [];

/**
 * Spread over all ids, so that order of arrival and order of ids have nothing in common. One string for each viewer:
 * a map finds it without comparing texts.
 */
export function peerOf(index: number): PeerKey {
  return (keys[index] ??= writeKey(index));
}

/** The same string for an id that came with a message. */
export function peerNamed(id: PeerId): PeerKey {
  return peerOf(new DataView(id.buffer, id.byteOffset).getUint32(12));
}

function writeKey(index: number): PeerKey {
  const id = new Uint8Array(16);
  let hash = (index + 1) >>> 0;
  for (let at = 0; at < 16; at++) {
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    id[at] = (hash >>> 13) & 255;
  }
  new DataView(id.buffer).setUint32(12, index);
  return peerKeyOf(id);
}
