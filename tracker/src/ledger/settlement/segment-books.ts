import { encodeHex, segmentKeyOf } from "@tributary/protocol";
import { type GrantBatch, type GrantToSettle, swarmEpochOf } from "./input.ts";
import type { PairAccount } from "./pair.ts";
import type { SettlementParameters } from "./parameters.ts";
import type { PaidSegment, Withheld } from "./settling.ts";
import { playedBytes } from "./shares.ts";

/** Keeps what each downloader was paid for: a segment once, and no faster than the stream plays. */
export interface SegmentBooks {
  /** The bytes of a grant that may be paid, which are entered at once: ask once for each, in a fixed order. */
  payable(item: GrantToSettle, pair: PairAccount, agreedBytes: number, batch: GrantBatch): number;
  /** What was entered. */
  paid(): PaidSegment[];
}

export function createSegmentBooks(
  { bufferMs, prefixesMin }: Pick<SettlementParameters, "bufferMs" | "prefixesMin">,
  withheld: Withheld,
): SegmentBooks {
  const entered = new Map<string, { paid: PaidSegment; bytes: number }>();
  const boughtNow = new Map<string, number>();

  return {
    payable({ grant, account }, pair, agreedBytes, { swarms, sessions, paidBefore }) {
      const downloader = encodeHex(grant.downloaderKey);
      const facts = swarms.get(swarmEpochOf(grant));
      const bitrateBps = facts?.bitrateBps ?? 0;
      if (grant.payClass === "unpaid" || account === null || (facts?.prefixes ?? 0) < prefixesMin) {
        withheld.unpaidBytes += agreedBytes;
        return 0;
      }
      const session = sessions.get(downloader);
      const bought = (session?.before.boughtBytes ?? 0) + (boughtNow.get(downloader) ?? 0);
      const playable = playedBytes(bitrateBps, (session?.watchMs ?? 0) + bufferMs) - bought;
      const lifeMs = grant.expiryMs - grant.notBeforeMs + bufferMs;
      const fastest = Math.max(0, Math.min(playable, playedBytes(bitrateBps, lifeMs), grant.maxBytes));

      let claimedLeft = pair.bytesMax;
      let left = fastest;
      for (const link of pair.links) {
        const claimed = Math.min(link.bytes, claimedLeft);
        claimedLeft -= claimed;
        const key = `${downloader} ${segmentKeyOf(link.segment)}`;
        const now = entered.get(key);
        const before = paidBefore(downloader, link.segment);
        const once = Math.min(claimed, Math.max(0, link.sizeBytes - before - (now?.bytes ?? 0)));
        const taken = Math.min(once, left);
        withheld.overlapBytes += claimed - once;
        withheld.rateBytes += once - taken;
        if (taken === 0) continue;
        left -= taken;
        const bytes = (now?.bytes ?? 0) + taken;
        const { downloaderKey, swarm } = grant;
        entered.set(key, { bytes, paid: { downloaderKey, swarm, segment: link.segment, bytes } });
      }
      boughtNow.set(downloader, (boughtNow.get(downloader) ?? 0) + fastest - left);
      return fastest - left;
    },
    paid: () => [...entered.values()].map(({ paid }) => paid),
  };
}
