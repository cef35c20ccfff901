import { createFindings, type Checker } from "./checker.ts";

/** A CDN fetch and every wait before it are over long before this, whatever the scenario. */
const waitMaxMs = 45_000;

/** Every wanted segment ends once: delivered, failed or cancelled. */
export function createStarvation(): Checker {
  const law = "no starvation";
  const findings = createFindings(law);
  const open = new Map<number, Map<number, { sequence: number; sinceMs: number }>>();
  return {
    law,
    wanted(viewer, request, sequence, atMs) {
      let requests = open.get(viewer);
      if (requests === undefined) open.set(viewer, (requests = new Map()));
      requests.set(request, { sequence, sinceMs: atMs });
    },
    ended(viewer, request, sequence, end, atMs) {
      const known = open.get(viewer)?.get(request);
      const where = `viewer ${viewer}, segment ${known?.sequence ?? sequence}`;
      if (known === undefined) {
        findings.add(`${where}: request ${request} ended (${end}) but was not open`);
        return;
      }
      open.get(viewer)?.delete(request);
      const waitedMs = Math.round(atMs - known.sinceMs);
      if (end !== "left" && waitedMs > waitMaxMs) findings.add(`${where}: ${end} after ${waitedMs} ms`);
    },
    finish(atMs) {
      for (const [viewer, requests] of open) {
        for (const { sequence, sinceMs } of requests.values()) {
          const waitedMs = Math.round(atMs - sinceMs);
          if (waitedMs > waitMaxMs)
            findings.add(`viewer ${viewer}, segment ${sequence}: waiting ${waitedMs} ms`);
        }
      }
      return findings.list();
    },
  };
}
