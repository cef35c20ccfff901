import { setFlagsFromString } from "node:v8";

/**
 * Most of what a tracker makes is gone within milliseconds. V8 learns from moments when it is not, such as the first
 * statements after a start, which wait for the disk: from then on it makes the same objects where only a sweep of the
 * whole heap frees them, and each of those looks at every grant.
 */
export function keepObjectsYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
