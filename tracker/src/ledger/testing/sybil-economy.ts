import type { Grant } from "@tributary/protocol";
import { createSeededRandom } from "../../testing/seeded-random.ts";
import { type GrantToSettle, NO_TOTALS } from "../settlement/input.ts";
import { DEFAULT_PARAMETERS, type SettlementParameters } from "../settlement/parameters.ts";
import { playedBytes } from "../settlement/shares.ts";
import { agreedOn, bytesOf, grantOf, linksOf, sceneOf, SEGMENT_BYTES, sequence, settle } from "./scene.ts";

/**
 * Sybils that state, with perfect signatures, transfers that never were, settled by the ledger's own settlement: one
 * epoch of a minute after the buffer that a new viewer is allowed has been used up. The tracker draws ten partners for
 * each from the whole audience, so that the share of the swarm that is theirs decides how many of them are Sybils too.
 * The honest are there by what bounds the Sybils: the networks they watch from, their watch time, the CDN's egress.
 */
export interface SybilAttack {
  readonly sybils: number;
  /** Of the swarm, 0 to 1. 1: a dead title, which nobody else watches. */
  readonly share: number;
  /** Networks (IPv4 /24) that the Sybils are spread over. */
  readonly networks: number;
  readonly seed: number;
}

export const DEFENCES = [
  "twenty networks",
  "nothing inside a network",
  "partners are drawn",
  "no faster than it plays",
] as const;
export type SybilDefence = (typeof DEFENCES)[number];

export interface SybilFigures {
  /** That the Sybils claimed of each other, and were paid for. */
  readonly claimedBytes: number;
  readonly paidBytes: number;
  /** Dollars for one Sybil and hour. */
  readonly rewardPerHour: number;
  /** What the publisher is charged for one Sybil and hour, and what of that is burned. */
  readonly chargePerHour: number;
  readonly burnPerHour: number;
}

const BITRATE_BPS = 5_000_000;
const EPOCH_MS = 60_000;
const PARTNERS = 10;
const HONEST_NETWORKS = 10_000;
const MICRO = 1_000_000;
const EPOCHS_PER_HOUR = 60;

const nameOf = (sybil: number) => `sybil ${sybil}`;

/** Whom the tracker draws for each as uploaders; only Sybils are listed, the honest sign nothing for them. */
function drawPartners(attack: SybilAttack, without: SybilDefence | null): readonly (readonly number[])[] {
  const random = createSeededRandom(attack.seed);
  const audience = Math.round(attack.sybils / attack.share);
  return Array.from({ length: attack.sybils }, (_, self) => {
    const drawn = new Set<number>();
    for (let partner = 0; partner < PARTNERS; partner++)
      drawn.add(Math.floor(random() * (without === "partners are drawn" ? attack.sybils : audience)));
    drawn.delete(self);
    return [...drawn].filter((one) => one < attack.sybils);
  });
}

function claimsOf(attack: SybilAttack, without: SybilDefence | null): GrantToSettle[] {
  const networkOf = (sybil: number) => sybil % attack.networks;
  const playable = Math.floor(playedBytes(BITRATE_BPS, EPOCH_MS) / SEGMENT_BYTES);
  // Who is not held to what plays claims ten times as much.
  const wanted = sequence(0, without === "no faster than it plays" ? 10 * playable : playable);
  return drawPartners(attack, without).flatMap((uploaders, downloader) => {
    const paid = uploaders.filter(
      (uploader) => without === "nothing inside a network" || networkOf(uploader) !== networkOf(downloader),
    );
    return paid.map((uploader, at) => {
      // A segment is paid once, so each is claimed of one.
      const claimed = wanted.filter((number) => number % paid.length === at);
      const grant: Grant = grantOf(`${uploader} to ${downloader}`, {
        from: nameOf(uploader),
        to: nameOf(downloader),
      });
      return agreedOn(grant, linksOf(claimed), { account: bytesOf("attacker") });
    });
  });
}

export function sybilFigures(attack: SybilAttack, without: SybilDefence | null = null): SybilFigures {
  const grants = claimsOf(attack, without);
  const honest = Math.round(attack.sybils / attack.share) - attack.sybils;
  const parameters: SettlementParameters = {
    ...DEFAULT_PARAMETERS,
    ...(without === "twenty networks" ? { prefixesMin: 0 } : {}),
    ...(without === "no faster than it plays" ? { bufferMs: 100 * EPOCH_MS } : {}),
  };
  const before = {
    ...NO_TOTALS,
    boughtBytes: playedBytes(BITRATE_BPS, DEFAULT_PARAMETERS.bufferMs),
  };
  const watched = Object.fromEntries(
    sequence(0, attack.sybils).map((sybil) => [nameOf(sybil), { before, watchMs: EPOCH_MS }]),
  );
  const input = sceneOf(grants, {
    parameters,
    budget: 10n ** 15n,
    swarm: {
      bitrateBps: BITRATE_BPS,
      // What the honest watched is paid to them, or their CDN's: it leaves under the limit what Sybils say they watch.
      watchMs: attack.sybils * EPOCH_MS * (without === "no faster than it plays" ? 10 : 1),
      prefixes: attack.networks + Math.min(honest, HONEST_NETWORKS),
    },
    sessions: watched,
  });
  const settlement = settle(input);
  const perHour = (micro: bigint) => (Number(micro) / MICRO / attack.sybils) * EPOCHS_PER_HOUR;
  return {
    claimedBytes: grants.reduce((sum, { uploader }) => sum + uploader[0]!.bytes, 0),
    paidBytes: Number(settlement.bytes),
    rewardPerHour: perHour(settlement.paid),
    chargePerHour: perHour(settlement.collected),
    burnPerHour: perHour(settlement.burned),
  };
}
