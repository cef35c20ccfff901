import type { Stream } from "../stream/stream.ts";
import { createFindings, type Checker } from "./checker.ts";

/** Only true bytes play: no segment with a piece that does not match its root reaches the player. */
export function createIntegrity(stream: Stream): Checker {
  const law = "no unverified delivery";
  const findings = createFindings(law);
  return {
    law,
    delivered(viewer, sequence, sizeBytes, unproved) {
      const where = `viewer ${viewer}, segment ${sequence}`;
      if (unproved > 0) findings.add(`${where}: ${unproved} pieces that do not match the root`);
      if (sizeBytes !== stream.sizeOf(sequence)) findings.add(`${where}: ${sizeBytes} bytes delivered`);
    },
    finish: () => findings.list(),
  };
}
