import type { Random } from "../random.ts";

/** How one viewer is connected to the internet. */
export interface AccessLink {
  readonly downBps: number;
  readonly upBps: number;
  /** One way, between the viewer and the edge of the provider's network. */
  readonly accessMs: number;
  readonly region: number;
  /** "hard" maps every destination to another port; "blocked" lets no UDP through. */
  readonly nat: "easy" | "hard" | "blocked";
  readonly lossRatio: number;
  readonly address: string;
}

export interface PopulationOptions {
  /** Sum of uplinks over what all viewers consume; null leaves the uplinks as they are drawn. */
  readonly supplyRatio: number | null;
  /** How that is reached: all uplinks times a factor, or no viewer giving more than a limit. */
  readonly supplyBy: "scale" | "limit";
  readonly bitrateBps: number;
  /** Uplinks in turn, behind equal lines near by, instead of drawn ones. */
  readonly given?: { readonly upBps: readonly number[]; readonly downBps: number };
  readonly hardNatRatio: number;
  readonly blockedNatRatio: number;
}

/**
 * Residential fixed connections in the United States by downstream speed, in millions, December 2016: FCC,
 * "Internet Access Services: Status as of December 31, 2016", figure 8. An old table is the cautious one.
 */
const downstreamTiers: readonly { millions: number; fromBps: number; toBps: number }[] = [
  { millions: 2.8, fromBps: 1e6, toBps: 3e6 },
  { millions: 13.0, fromBps: 3e6, toBps: 10e6 },
  { millions: 20.8, fromBps: 10e6, toBps: 25e6 },
  { millions: 36.4, fromBps: 25e6, toBps: 100e6 },
  { millions: 23.6, fromBps: 100e6, toBps: 1000e6 },
];

/** An assumption: of the lines above 25 Mbit/s this share is fibre and as fast up as down. */
const symmetricRatio = 0.2;
/** An assumption: DSL and cable give ten times as much down as up, give or take a half. */
const asymmetry = { from: 7, to: 15 };
/** Above this an uplink is bounded by the browser's SCTP rather than by the line. */
const upMaxBps = 100e6;
/** A line that cannot carry the stream twice over would stall without us too: its owner watches another rendition. */
const downPerBitrateMin = 2;

const regionCount = 4;
/** Most lines lose far less: the draw is cubed. */
const lossMaxRatio = 0.001;

export function drawLinks(random: Random, count: number, options: PopulationOptions): AccessLink[] {
  const { given } = options;
  if (given !== undefined)
    return Array.from({ length: count }, (_, index) => ({
      ...drawLink(random, index, options),
      nat: "easy",
      region: 0,
      accessMs: 1,
      lossRatio: 0,
      downBps: given.downBps,
      upBps: given.upBps[index % given.upBps.length]!,
    }));
  const drawn = Array.from({ length: count }, (_, index) => drawLink(random, index, options));
  if (options.supplyRatio === null) return drawn;
  const wantedBps = options.supplyRatio * options.bitrateBps * count;
  if (options.supplyBy === "limit") {
    const limitBps = limitFor(drawn, wantedBps);
    return drawn.map((link) => ({ ...link, upBps: Math.min(link.upBps, limitBps) }));
  }
  const scale = wantedBps / drawn.reduce((sum, { upBps }) => sum + upBps, 0);
  return drawn.map((link) => ({ ...link, upBps: link.upBps * scale }));
}

/** The limit that leaves just so much of all uplinks; Infinity where there is less anyway. */
function limitFor(links: readonly AccessLink[], wantedBps: number): number {
  const rising = links.map(({ upBps }) => upBps).sort((a, b) => a - b);
  let belowBps = 0;
  for (const [index, upBps] of rising.entries()) {
    const above = rising.length - index;
    if (belowBps + upBps * above >= wantedBps) return (wantedBps - belowBps) / above;
    belowBps += upBps;
  }
  return Infinity;
}

function drawLink(random: Random, index: number, options: PopulationOptions): AccessLink {
  const tier = drawTier(random);
  const lineBps = random.logBetween(tier.fromBps, tier.toBps);
  const fibre = lineBps > 25e6 && random.chance(symmetricRatio);
  const upBps = fibre ? lineBps : lineBps / random.between(asymmetry.from, asymmetry.to);
  const natDraw = random.next();
  const nat =
    natDraw < options.blockedNatRatio
      ? "blocked"
      : natDraw < options.blockedNatRatio + options.hardNatRatio
        ? "hard"
        : "easy";
  return {
    downBps: Math.max(lineBps, downPerBitrateMin * options.bitrateBps),
    upBps: Math.min(upBps, upMaxBps),
    // Fibre, cable and DSL as the FCC's Measuring Broadband America reports rank them, halved to one way.
    accessMs: fibre ? random.between(2, 5) : lineBps > 10e6 ? random.between(5, 12) : random.between(12, 25),
    region: random.below(regionCount),
    nat,
    lossRatio: lossMaxRatio * random.next() ** 3,
    address: addressOf(random, index),
  };
}

function drawTier(random: Random): (typeof downstreamTiers)[number] {
  const total = downstreamTiers.reduce((sum, { millions }) => sum + millions, 0);
  let left = random.next() * total;
  for (const tier of downstreamTiers) {
    left -= tier.millions;
    if (left < 0) return tier;
  }
  return downstreamTiers.at(-1)!;
}

/** Mostly a network of its own; one in eight shares a /24 with its predecessor's block. */
function addressOf(random: Random, index: number): string {
  const block = random.chance(0.125) ? Math.max(0, index - 1) : index;
  return `${40 + ((block >> 16) & 31)}.${(block >> 8) & 255}.${block & 255}.${random.below(254) + 1}`;
}

/** One way between two regions, from a metro's own exchange to another continent's edge. */
export function pathMs(a: number, b: number): number {
  return 3 + 12 * Math.abs(a - b);
}

export function oneWayMs(a: AccessLink, b: AccessLink): number {
  return a.accessMs + b.accessMs + pathMs(a.region, b.region);
}

/** Two hard NATs never find each other's port, and through blocked UDP nobody comes. */
export function canConnect(a: AccessLink, b: AccessLink): boolean {
  if (a.nat === "blocked" || b.nat === "blocked") return false;
  return a.nat === "easy" || b.nat === "easy";
}

/** What loss and round-trip time leave of a rate: TCP-friendly throughput after Mathis et al. (1997). */
export function lossCapBps(a: AccessLink, b: AccessLink): number {
  const loss = a.lossRatio + b.lossRatio;
  const rttSeconds = (2 * oneWayMs(a, b)) / 1000;
  return loss === 0 ? Infinity : (1.22 * 1200 * 8) / (rttSeconds * Math.sqrt(loss));
}
