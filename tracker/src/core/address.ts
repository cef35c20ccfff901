/** Four bytes for IPv4 (also where it is written as an IPv4-mapped IPv6 address), sixteen for IPv6. */
export function parseAddress(text: string): Uint8Array | null {
  if (!text.includes(":")) return parseIpv4(text);
  const zone = text.indexOf("%");
  const bytes = parseIpv6(zone < 0 ? text : text.slice(0, zone));
  return bytes !== null && isMappedIpv4(bytes) ? bytes.slice(12) : bytes;
}

function parseIpv4(text: string): Uint8Array | null {
  const fields = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text);
  if (fields === null) return null;
  const bytes = new Uint8Array(4);
  for (let at = 0; at < 4; at++) {
    const number = Number(fields[at + 1]);
    if (number > 255) return null;
    bytes[at] = number;
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? "");
  const tail = parseGroups(halves[1] ?? "");
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

function parseGroups(text: string): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (group.includes(".")) {
      const embedded = index === groups.length - 1 ? parseIpv4(group) : null;
      if (embedded === null) return null;
      bytes.push(...embedded);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

const MAPPED_IPV4 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function isMappedIpv4(bytes: Uint8Array): boolean {
  return startsWith(bytes, MAPPED_IPV4);
}

export function isLoopback(bytes: Uint8Array): boolean {
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

const hexGroup = (bytes: Uint8Array, at: number) =>
  (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16);

function blockOf(bytes: Uint8Array, ipv4Bytes: number, ipv6Groups: number): string {
  if (bytes.length === 4) return bytes.slice(0, ipv4Bytes).join(".");
  const groups = Array.from({ length: ipv6Groups }, (_, group) => hexGroup(bytes, group * 2));
  return `${groups.join(":")}::/${ipv6Groups * 16}`;
}

/** What one subscriber holds: an IPv4 address, an IPv6 /64. */
export function subscriberOf(bytes: Uint8Array): string {
  return blockOf(bytes, 4, 4);
}

/** The block that one subscriber or hoster gets cheaply and whole: an IPv4 /24, an IPv6 /48. */
export function networkOf(bytes: Uint8Array): string {
  return blockOf(bytes, 3, 3);
}

/** [first bytes, length of the prefix in bits]. */
export type AddressBlock = readonly [ArrayLike<number>, number];

/** The IANA special-purpose registries, as far as they do not route. */
const RESERVED_IPV4: readonly AddressBlock[] = [
  [[0], 8],
  [[10], 8],
  [[100, 64], 10],
  [[127], 8],
  [[169, 254], 16],
  [[172, 16], 12],
  [[192, 0, 0], 24],
  [[192, 0, 2], 24],
  [[192, 88, 99], 24],
  [[192, 168], 16],
  [[198, 18], 15],
  [[198, 51, 100], 24],
  [[203, 0, 113], 24],
  [[224], 3],
];

/** Inside 2000::/3, the only block in use, what leads elsewhere: documentation, Teredo and 6to4 tunnels. */
const RESERVED_IPV6: readonly AddressBlock[] = [
  [[0x20, 0x01, 0x00], 23],
  [[0x20, 0x01, 0x0d, 0xb8], 32],
  [[0x20, 0x02], 16],
  [[0x3f, 0xff, 0x00], 20],
];

/** An address and a block of the same kind; an address alone is a block of one. Null for anything else. */
export function parseBlock(text: string): AddressBlock | null {
  const [address = "", length, ...more] = text.split("/");
  const bytes = parseAddress(address);
  if (bytes === null || more.length > 0) return null;
  if (length === undefined) return [bytes, bytes.length * 8];
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  return bits <= bytes.length * 8 ? [bytes, bits] : null;
}

export function inBlock(bytes: Uint8Array, [prefix, bits]: AddressBlock): boolean {
  return Array.from(prefix).every((byte, index) => {
    const significant = Math.min(8, bits - index * 8);
    const mask = significant <= 0 ? 0 : (0xff << (8 - significant)) & 0xff;
    return ((bytes[index] ?? 0) & mask) === (byte & mask);
  });
}

/** Whether the address is one that the public internet routes to. */
export function isPublicAddress(bytes: Uint8Array): boolean {
  if (bytes.length === 4) return !RESERVED_IPV4.some((block) => inBlock(bytes, block));
  return inBlock(bytes, [[0x20], 3]) && !RESERVED_IPV6.some((block) => inBlock(bytes, block));
}
