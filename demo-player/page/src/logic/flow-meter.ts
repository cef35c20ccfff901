/** How fast bytes move over each link of the mesh, from running totals that are reported now and then. */
export interface FlowMeter {
  /** Returns the bytes that moved since the last report. A total that fell is a new connection's first. */
  report(link: string, totalBytes: number, nowMs: number): number;
  rateBps(link: string, nowMs: number): number;
  forget(link: string): void;
}

interface Link {
  totalBytes: number;
  rateBps: number;
  atMs: number;
}

/**
 * Segments move in bursts, one every few seconds; a link that carries one segment in ten seconds should look steady
 * rather than blink, so each burst fades with this time constant.
 */
const FADE_MS = 4_000;

export function createFlowMeter(): FlowMeter {
  const links = new Map<string, Link>();
  const faded = (link: Link, nowMs: number) => link.rateBps * Math.exp((link.atMs - nowMs) / FADE_MS);
  return {
    report(key, totalBytes, nowMs) {
      const link = links.get(key) ?? { totalBytes: 0, rateBps: 0, atMs: nowMs };
      const movedBytes = totalBytes >= link.totalBytes ? totalBytes - link.totalBytes : totalBytes;
      links.set(key, {
        totalBytes,
        rateBps: faded(link, nowMs) + (movedBytes * 8_000) / FADE_MS,
        atMs: nowMs,
      });
      return movedBytes;
    },
    rateBps(key, nowMs) {
      const link = links.get(key);
      return link ? faded(link, nowMs) : 0;
    },
    forget: (key) => void links.delete(key),
  };
}

/** Bytes that one drop in the picture stands for. */
export const DROP_BYTES = 50_000;
/** More drops than this at once tell nothing new and cost frames. */
const DROPS_MAX = 6;

export function dropCount(movedBytes: number): number {
  return movedBytes <= 0 ? 0 : Math.min(DROPS_MAX, Math.ceil(movedBytes / DROP_BYTES));
}

/** Line width in pixels: quiet links stay a hair line, the square root keeps busy ones from taking over. */
export function linkWidth(rateBps: number): number {
  return Math.min(9, 1 + Math.sqrt(Math.max(0, rateBps) / 25_000));
}
