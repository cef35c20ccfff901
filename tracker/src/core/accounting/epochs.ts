import { CLOCK_TOLERANCE_MS, EPOCH_GRACE_MS } from "@tributary/protocol";

/** A key that leaked, or a peer that turned out to be a liar, is good for no longer. */
const grantLifeMsMax = 10 * 60 * 1000;

export interface GrantWindow {
  readonly epoch: number;
  readonly notBeforeMs: number;
  readonly expiryMs: number;
}

/** The life of a grant that begins then: it ends with its epoch at the latest, so that it settles there. */
export function grantWindow(epochMs: number, fromMs: number): GrantWindow {
  const notBeforeMs = Math.floor(fromMs);
  const epoch = Math.floor(notBeforeMs / epochMs);
  return { epoch, notBeforeMs, expiryMs: Math.min(notBeforeMs + grantLifeMsMax, (epoch + 1) * epochMs) };
}

/** When an epoch takes no more statements. */
export function lastStatementMs(epochMs: number, epoch: number): number {
  return (epoch + 1) * epochMs + EPOCH_GRACE_MS;
}

/** The next epoch is open to clocks that run a little ahead. */
export function isOpenEpoch(epochMs: number, epoch: number, nowMs: number): boolean {
  return nowMs < lastStatementMs(epochMs, epoch) && nowMs + CLOCK_TOLERANCE_MS >= epoch * epochMs;
}
