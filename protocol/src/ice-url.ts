/** A name, an IPv4 address or an IPv6 address in brackets, then a port, then a transport: RFC 7064 and 7065. */
const ICE_URL =
  /^(\w+):(?:\[[\da-fA-F:.]+\]|[^\s/?#@:[\]"<>\\^`{|}]+)(?::(\d+))?(\?transport=(?:udp|tcp|UDP|TCP))?$/;

/** Whether RTCPeerConnection takes this URL of an ICE server: it refuses to be made where it does not take one of them. */
export function isIceUrl(url: string): boolean {
  const [, scheme = "", port = "1", transport] = ICE_URL.exec(url) ?? [];
  // Only TURN has a transport to choose.
  const known = transport === undefined ? /^(stun|turn)s?$/i : /^turns?$/i;
  return known.test(scheme) && Number(port) > 0 && Number(port) < 2 ** 16;
}
