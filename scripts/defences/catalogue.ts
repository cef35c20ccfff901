import type { Defence } from "./defence.ts";
import { LEDGER_DEFENCES } from "./ledger-defences.ts";
import { TRACKER_DEFENCES } from "./tracker-defences.ts";
import { VIEWER_DEFENCES } from "./viewer-defences.ts";

const numberOf = ({ threat }: Defence) => Number(threat.slice(1));

/** In the order of the threats. */
export const DEFENCES: readonly Defence[] = [
  ...TRACKER_DEFENCES,
  ...LEDGER_DEFENCES,
  ...VIEWER_DEFENCES,
].sort((one, other) => numberOf(one) - numberOf(other));
