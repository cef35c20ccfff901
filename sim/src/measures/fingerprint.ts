import type { Probe } from "../probe.ts";

export interface Fingerprint extends Probe {
  hex(): string;
}

/** A running hash over what happened to whom and when: two runs with the same one were the same run. */
export function createFingerprint(): Fingerprint {
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  const bits = new Float64Array(1);
  const words = new Uint32Array(bits.buffer);
  const mix = (value: number) => {
    bits[0] = value;
    high = Math.imul(high ^ words[0]!, 0x01000193) ^ (low >>> 7);
    low = Math.imul(low ^ words[1]!, 0x85ebca6b) ^ (high >>> 11);
  };
  return {
    wanted(viewer, _, sequence, atMs) {
      mix(viewer);
      mix(sequence);
      mix(atMs);
    },
    ended(viewer, _, sequence, end, atMs) {
      mix(viewer);
      mix(sequence + end.length * 1e6);
      mix(atMs);
    },
    cdnBytes(viewer, sequence, bytes) {
      mix(viewer);
      mix(sequence);
      mix(bytes);
    },
    stalled(viewer, atMs) {
      mix(viewer);
      mix(-atMs);
    },
    hex: () => [high, low].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join(""),
  };
}
