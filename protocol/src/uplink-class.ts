/** Uplinks in steps of two: class 1 is below 250 kbit/s, class 8 is 16 Mbit/s and more. Zero serves nobody. */
export const MAX_UPLINK_CLASS = 8;

const smallestBps = 125_000;

/** @returns 1 to 8: what an uplink of so many bits per second is announced as */
export function uplinkClassOf(uplinkBps: number): number {
  const steps = Math.floor(Math.log2(Math.max(uplinkBps, smallestBps) / smallestBps));
  return Math.min(MAX_UPLINK_CLASS, Math.max(1, steps + 1));
}

/** The lower end of a class in bits per second, so that others can weigh by it; zero for class 0. */
export function uplinkBpsOf(uplinkClass: number): number {
  return uplinkClass === 0 ? 0 : smallestBps * 2 ** (uplinkClass - 1);
}
