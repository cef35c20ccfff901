import { encodeHex, type PeerKey } from "@tributary/protocol";
import { sha256 } from "./accounts-world.ts";
import { type AccountsRun, settleAccounts } from "./settle-accounts.ts";

type Viewer = AccountsRun["viewers"][number];

/**
 * Why the tracker lacks a part of what one side could say of its partner.
 * - crashed: it had no last words
 * - unheard: its last words met a tracker that was just restarting
 * - late: receipts of its last 15 s, for a closing page says what it had signed before
 * - unexplained: it does not happen
 */
export type Silence = "crashed" | "unheard" | "late" | "unexplained";

/** What one viewer gave another, over all of their grants, and what became of it. Bytes. */
export interface PairBooks {
  readonly name: string;
  readonly served: number;
  /** Of these, while both sides had a grant for them. */
  readonly granted: number;
  /** By receipts that the downloader gave, whether they arrived or not. */
  readonly receipted: number;
  /** What at least one side stated to a tracker that stored it. */
  readonly stated: number;
  readonly paid: number;
  /** Null where at least one side's last statement arrived, so that the tracker has all that this side could say. */
  readonly silence: readonly [uploader: Silence, downloader: Silence] | null;
}

/** Signed every 15 s, at a tick each 250 ms, for one epoch after the other. */
const SIGNED_WITHIN_MS = 15_500;

export function booksOfPairs(run: AccountsRun): readonly PairBooks[] {
  const sums = sumsOf(run);
  const viewerOf = new Map<string, Viewer>(run.viewers.map((viewer) => [viewer.peer, viewer]));
  return [...run.served].map(([name, pieces]) => {
    const [up, down] = name.split(" ").map((peer) => viewerOf.get(peer)!) as [Viewer, Viewer];
    const { paid, stated, uploader, downloader } = sums.get(name) ?? NO_SUMS;
    const held = up.held.get(down.peer) ?? NOTHING;
    const given = down.given.get(up.peer) ?? NOTHING;
    const hasTold = uploader === held.bytes || downloader === given.bytes;
    return {
      name,
      served: pieces.reduce((sum, { bytes }) => sum + bytes, 0),
      granted: pieces.reduce((sum, { bytes, granted }) => sum + (granted ? bytes : 0), 0),
      receipted: given.bytes,
      stated,
      paid,
      silence: hasTold ? null : [silenceOf(up, held.atMs), silenceOf(down, given.atMs)],
    };
  });
}

const NOTHING = { bytes: 0, atMs: 0 };
const NO_SUMS = { paid: 0, stated: 0, uploader: 0, downloader: 0 };
type Sums = typeof NO_SUMS;

function silenceOf({ fate, endedAtMs, unheard }: Viewer, lastReceiptMs: number): Silence {
  if (fate === "crashed") return "crashed";
  if (unheard.size > 0) return "unheard";
  return lastReceiptMs > endedAtMs - SIGNED_WITHIN_MS ? "late" : "unexplained";
}

/** By "uploader downloader", over the grants of both; each side's furthest claims. */
function sumsOf(run: AccountsRun): Map<string, Sums> {
  const claimed = new Map<string, number>();
  for (const { statement } of run.durable)
    for (const { role, grantId, bytes } of statement.entries) {
      const key = `${role} ${encodeHex(grantId)}`;
      claimed.set(key, Math.max(claimed.get(key) ?? 0, bytes));
    }
  const sums = new Map<string, Sums>();
  const peerOf = (key: Uint8Array) => encodeHex(sha256(key).subarray(0, 16)) as PeerKey;
  for (const { grant, links, bytesMax } of settleAccounts(run)) {
    const name = `${peerOf(grant.uploaderKey)} ${peerOf(grant.downloaderKey)}`;
    const id = encodeHex(grant.grantId);
    const [uploader, downloader] = [claimed.get(`uploader ${id}`) ?? 0, claimed.get(`downloader ${id}`) ?? 0];
    const linked = links.reduce((sum, { bytes }) => sum + bytes, 0);
    const before = sums.get(name) ?? NO_SUMS;
    sums.set(name, {
      paid: before.paid + Math.min(bytesMax, linked),
      stated: before.stated + Math.max(uploader, downloader),
      uploader: before.uploader + uploader,
      downloader: before.downloader + downloader,
    });
  }
  return sums;
}
