import { cdnLate, churn, liars, limitedUplinks, liveDefault, liveLarge, liveLimited, nat } from "./live.ts";
import type { Scenario } from "./scenario.ts";
import { cdnSlow, seeks, vodAtOnce, vodStaggered } from "./vod.ts";

export const scenarios: readonly Scenario[] = [
  vodStaggered,
  vodAtOnce,
  liveDefault,
  liveLarge,
  liveLimited,
  limitedUplinks,
  churn,
  seeks,
  liars,
  nat,
  cdnSlow,
  cdnLate,
];
