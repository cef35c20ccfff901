/** One segment that a viewer's player was given. */
export interface Delivery {
  /** Names the segment, or its part, across viewers: rendition, media sequence number and part. */
  readonly segment: string;
  readonly sizeBytes: number;
  /** Wall clock. */
  readonly atMs: number;
}

/** What one viewer's player was given, in the order of its loads. Never holds a segment twice. */
export type Deliveries = readonly Delivery[];

export function deliveredBytes(deliveries: Deliveries): number {
  return deliveries.reduce((sum, delivery) => sum + delivery.sizeBytes, 0);
}

/** Keeps the first delivery of each segment: a player that flushes and loads again needs the bytes only once. */
export function distinct(deliveries: Deliveries): Delivery[] {
  const seen = new Set<string>();
  return deliveries.filter(({ segment }) => !seen.has(segment) && seen.add(segment));
}
