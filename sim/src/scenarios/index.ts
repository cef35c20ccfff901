import { churn, liars, liveDefault, liveLarge, nat } from "./live.ts";
import type { Scenario } from "./scenario.ts";
import { cdnSlow, seeks, vodAtOnce, vodStaggered } from "./vod.ts";

export const scenarios: readonly Scenario[] = [
  vodStaggered,
  vodAtOnce,
  liveDefault,
  liveLarge,
  churn,
  seeks,
  liars,
  nat,
  cdnSlow,
];
