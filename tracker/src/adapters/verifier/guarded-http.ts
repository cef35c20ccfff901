import { lookup, type LookupAddress, type LookupAllOptions } from "node:dns";
import { Agent as HttpAgent, get as httpGet, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, get as httpsGet } from "node:https";
import type { LookupFunction } from "node:net";
import { parseAddress } from "../../core/address.ts";
import type { OriginPolicy } from "./origin-policy.ts";

/** Redirects inside one origin, such as to a canonical path. */
const redirectsMax = 3;
/** A CDN that has not begun to answer by then is of no use to live viewers. */
const firstByteTimeoutMs = 10_000;

/** HTTP that reaches only what the policy allows: the address is checked where the connection is made. */
export interface GuardedHttp {
  /** The response with a status of 2xx. @throws Error that says what was wrong */
  get(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

/** Finds the addresses of a name, as `dns.lookup` does with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  answer: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export function createGuardedHttp(
  policy: OriginPolicy,
  socketsMax: number,
  lookUp: Resolve = lookup,
): GuardedHttp {
  const http = new HttpAgent({ keepAlive: true, maxSockets: socketsMax });
  const https = new HttpsAgent({ keepAlive: true, maxSockets: socketsMax });

  const request = (url: URL, headers: Record<string, string>, signal: AbortSignal) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const secure = url.protocol === "https:";
      const options: RequestOptions = {
        agent: secure ? https : http,
        headers: { ...headers, "accept-encoding": "identity", "user-agent": "tributary-verifier" },
        lookup: guardedLookup(policy, url, lookUp),
        signal,
      };
      const sent = (secure ? httpsGet : httpGet)(url, options, resolve);
      sent.setTimeout(firstByteTimeoutMs, () => sent.destroy(new Error("no answer in time")));
      sent.on("error", reject);
    });

  return {
    async get(start, headers, signal) {
      let url = start;
      for (let redirects = 0; ; redirects++) {
        const literal = url.hostname.replace(/^\[(.*)\]$/, "$1");
        if (parseAddress(literal) !== null && !policy.addressAllowed(url, literal))
          throw new Error(`${url.hostname} is not a public address`);
        const response = await request(url, headers, signal);
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) return response;
        response.destroy();
        if (status < 300 || status >= 400 || response.headers.location === undefined)
          throw new Error(`status ${status}`);
        if (redirects >= redirectsMax) throw new Error(`more than ${redirectsMax} redirects`);
        const next = new URL(response.headers.location, url);
        if (next.origin !== start.origin) throw new Error(`a redirect to another host, ${next.origin}`);
        url = next;
      }
    },
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

/**
 * Every new connection asks anew and is made to what was checked, so that a name server cannot say one thing to the
 * check and another to the connection. Not called by Node where the host is an address already.
 */
function guardedLookup(policy: OriginPolicy, url: URL, lookUp: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, "", 0);
        return;
      }
      const allowed = addresses.filter(({ address }) => policy.addressAllowed(url, address));
      const [first] = allowed;
      if (first === undefined) callback(new Error(`${hostname} has no public address`), "", 0);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
