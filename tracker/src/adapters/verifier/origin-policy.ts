import { isLoopback, isPublicAddress, parseAddress } from "../../core/address.ts";

/** Where the verifier may fetch from. Viewers name the URLs, so all that it is not told to reach is forbidden. */
export interface OriginPolicy {
  originAllowed(origin: string): boolean;
  /** Whether a host of an allowed origin may resolve to this address. */
  addressAllowed(url: URL, address: string): boolean;
}

export interface OriginPolicyOptions {
  readonly open: boolean;
  /** What the tracker listens on. */
  readonly host: string;
  /** Behind a proxy a loopback socket is reached from everywhere. */
  readonly trustProxy: boolean;
  /** The operator's list, as URL.origin writes them. */
  readonly origins: readonly string[];
}

/** As URL.origin writes it, null for anything but http and https. */
export function originOf(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === "http:" || url?.protocol === "https:" ? url.origin : null;
}

/** Like `originOf`, and null also where the text says more than an origin. */
export function bareOriginOf(text: string): string | null {
  const origin = originOf(text);
  return text === origin || text === `${origin}/` ? origin : null;
}

const withoutBrackets = (host: string) => host.replace(/^\[(.*)\]$/, "$1");

/** Whether the name can mean nothing but this machine. */
export function isLoopbackHost(host: string): boolean {
  if (host === "localhost") return true;
  const address = parseAddress(withoutBrackets(host));
  return address !== null && isLoopback(address);
}

/** False for hosts that are private, loopback or reserved addresses; a name may still lead to one. */
export function isPublicOrigin(origin: string): boolean {
  const { hostname } = new URL(origin);
  if (isLoopbackHost(hostname) || hostname.endsWith(".localhost")) return false;
  const address = parseAddress(withoutBrackets(hostname));
  return address === null || isPublicAddress(address);
}

export function createOriginPolicy(options: OriginPolicyOptions): OriginPolicy {
  const listed = new Set(options.origins);
  const loopback = options.open && !options.trustProxy && isLoopbackHost(options.host);
  return {
    originAllowed: (origin) => listed.has(origin) || (loopback && isLoopbackHost(new URL(origin).hostname)),
    addressAllowed(url, text) {
      const address = parseAddress(text);
      if (address === null) return false;
      if (isLoopbackHost(url.hostname)) return isLoopback(address);
      // The operator listed this very address, which no name server can move.
      if (parseAddress(withoutBrackets(url.hostname)) !== null) return true;
      return isPublicAddress(address);
    },
  };
}
