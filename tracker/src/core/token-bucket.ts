/** `burst` tokens at most, refilled at `perSecond`. */
export interface BucketRule {
  readonly burst: number;
  readonly perSecond: number;
}

export interface TokenBucket {
  tokens: number;
  refilledAtMs: number;
}

export function fullBucket(rule: BucketRule, nowMs: number): TokenBucket {
  return { tokens: rule.burst, refilledAtMs: nowMs };
}

function refill(bucket: TokenBucket, rule: BucketRule, nowMs: number): void {
  const elapsedMs = Math.max(0, nowMs - bucket.refilledAtMs);
  bucket.tokens = Math.min(rule.burst, bucket.tokens + (elapsedMs * rule.perSecond) / 1000);
  bucket.refilledAtMs = nowMs;
}

/** Takes `amount` tokens, or none at all and returns false. */
export function takeTokens(bucket: TokenBucket, rule: BucketRule, amount: number, nowMs: number): boolean {
  refill(bucket, rule, nowMs);
  if (bucket.tokens < amount) return false;
  bucket.tokens -= amount;
  return true;
}

export function isFull(bucket: TokenBucket, rule: BucketRule, nowMs: number): boolean {
  refill(bucket, rule, nowMs);
  return bucket.tokens >= rule.burst;
}
