import { isLoopback, parseAddress, subscriberOf } from "../core/address.ts";
import { type BucketRule, fullBucket, isFull, takeTokens, type TokenBucket } from "../core/token-bucket.ts";
import type { HttpAnswer } from "../adapters/sockets/contract.ts";
import type { HttpRoute } from "./pages.ts";

const SWEEP_INTERVAL_MS = 60_000;

/**
 * Lets each address ask the routes that it is put around so often, all of them together. Loopback is bound by no
 * limit, here as elsewhere: behind a proxy that hides addresses it would be everybody.
 */
export function createAddressLimit(rule: BucketRule, nowMs: () => number): (route: HttpRoute) => HttpRoute {
  const asked = new Map<string, TokenBucket>();
  let sweptAtMs = nowMs();

  function isWithin(text: string): boolean {
    const bytes = parseAddress(text);
    if (bytes !== null && isLoopback(bytes)) return true;
    const now = nowMs();
    if (now - sweptAtMs >= SWEEP_INTERVAL_MS) {
      sweptAtMs = now;
      for (const [address, bucket] of asked) if (isFull(bucket, rule, now)) asked.delete(address);
    }
    const address = bytes === null ? text : subscriberOf(bytes);
    let bucket = asked.get(address);
    if (bucket === undefined) asked.set(address, (bucket = fullBucket(rule, now)));
    return takeTokens(bucket, rule, 1, now);
  }

  return ({ prefix, answer }) => ({
    prefix,
    answer: (request) =>
      isWithin(request.address) ? answer(request) : Promise.resolve(tooOften(rule, request.address)),
  });
}

const tooOften = ({ burst, perSecond }: BucketRule, address: string): HttpAnswer => ({
  status: 429,
  headers: {
    "access-control-allow-origin": "*",
    "cache-control": "no-store",
    "content-type": "text/plain; charset=utf-8",
    "retry-after": String(Math.ceil(1 / perSecond)),
  },
  body: `More than ${burst} questions at once, or ${perSecond} a second, from ${address}: ask again in a moment.\n`,
});
