/**
 * The prices and limits of a settlement. They are written down with every epoch, and their hash goes into the public
 * log, so that an audit computes with the numbers that were in force.
 */
export interface SettlementParameters {
  /** What a publisher pays for 10^9 bytes that peers delivered, in micro-units. */
  readonly pricePerGb: number;
  /** What of it the peer gets, in micro-units. At most the price. */
  readonly rewardPerGb: number;
  /** How much of the rest is burned, in millionths. The treasury keeps what remains. */
  readonly burnPpm: number;
  /** How long rewards are pending before they are posted. */
  readonly escrowMs: number;
  /** How far ahead of what it has watched a viewer may have fetched. */
  readonly bufferMs: number;
  /** Viewers pay in a swarm that they watch from at least so many independently admitted networks. */
  readonly prefixesMin: number;
  /** What all uploaders of a swarm may get for one epoch, in micro-units. */
  readonly paidPerSwarmMax: number;
}

/**
 * Starting values, to be calibrated by simulation. A budget CDN takes $0.01 per GB; peers get 35 % of that and a
 * publisher pays half. A micro-unit is a millionth of a dollar.
 */
export const DEFAULT_PARAMETERS: SettlementParameters = {
  pricePerGb: 5_000,
  rewardPerGb: 3_500,
  burnPpm: 100_000,
  escrowMs: 14 * 24 * 60 * 60 * 1000,
  bufferMs: 120_000,
  prefixesMin: 20,
  paidPerSwarmMax: 1_000_000_000,
};

/** How many epochs a reward is pending: it is released by a settlement after its own at the soonest. */
export function epochsHeld(escrowMs: number, epochMs: number): bigint {
  return BigInt(Math.max(1, Math.ceil(escrowMs / epochMs)));
}

/** One text for the same parameters, whatever the order in which they were named. */
export function parametersText(parameters: SettlementParameters): string {
  const sorted = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted));
}

/** @throws RangeError naming the parameter that makes no sense */
export function checkParameters(parameters: SettlementParameters): void {
  for (const [name, value] of Object.entries(parameters) as [string, number][])
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`${name}: expected a whole number from 0, got ${value}`);
  const { rewardPerGb, pricePerGb, burnPpm } = parameters;
  if (rewardPerGb > pricePerGb)
    throw new RangeError(`rewardPerGb: expected at most pricePerGb ${pricePerGb}, got ${rewardPerGb}`);
  if (burnPpm > 1_000_000) throw new RangeError(`burnPpm: expected at most 1000000, got ${burnPpm}`);
}
