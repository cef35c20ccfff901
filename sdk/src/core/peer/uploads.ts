import type { PeerKey, SegmentKey } from "@tributary/protocol";

/** Pieces that a neighbour asked for and has not been sent yet. */
export interface Upload {
  readonly peer: PeerKey;
  readonly requestId: number;
  readonly segment: SegmentKey;
  nextBytes: number;
  readonly endBytes: number;
  /** When it is due, less the lead of a neighbour with a strong uplink. */
  readonly deadlineMs: number;
}

/** Owns what is to be sent. The earliest deadline goes first. */
export interface Uploads {
  add(upload: Upload): void;
  countOf(peer: PeerKey): number;
  byDeadline(): readonly Upload[];
  /** The next so many bytes of it were given to a channel. */
  sent(upload: Upload, bytes: number): void;
  queuedBytes(): number;
  of(segment: SegmentKey): Upload[];
  remove(upload: Upload): void;
  cancel(peer: PeerKey, requestId: number): void;
  removePeer(peer: PeerKey): void;
  /** Neighbours that are owed the piece list of a segment once it is known. */
  listOwed: Map<SegmentKey, Set<PeerKey>>;
  /** Neighbours that were refused for want of time, with the deadline of what they wanted: told when there is room. */
  refused: Map<PeerKey, number>;
  /** Neighbours that were told and have not asked since, and when. */
  called: Map<PeerKey, number>;
  /** Caps all sending together, in bits per second. The same cap again changes nothing. */
  limit(maxBps: number, nowMs: number): void;
  /** Takes that many bytes out of the allowance. @returns false where it is used up for now */
  spend(bytes: number, nowMs: number): boolean;
  /** Bits per second that may be sent, Infinity for as many as the line takes. */
  capBps(): number;
  /** Channels are full: look again then, whatever they report. */
  hold(untilMs: number): void;
  /** When sending may go on that was held up, Infinity where nothing is. */
  resumesAtMs(): number;
}

/** A second's worth may go out at once: enough for bursts, too little to exceed the cap noticeably. */
const burstMs = 1000;

export function createUploads(): Uploads {
  let queue: Upload[] = [];
  let queuedBytes = 0;
  let cap = { maxBps: Infinity, allowanceBytes: Infinity, atMs: 0 };
  let heldUntilMs = Infinity;
  const listOwed = new Map<SegmentKey, Set<PeerKey>>();
  const refused = new Map<PeerKey, number>();
  const called = new Map<PeerKey, number>();
  const keep = (wanted: (upload: Upload) => boolean) => {
    if (queue.every(wanted)) return;
    queue = queue.filter(wanted);
    queuedBytes = queue.reduce((sum, { nextBytes, endBytes }) => sum + endBytes - nextBytes, 0);
  };

  return {
    add(upload) {
      const at = queue.findIndex(({ deadlineMs }) => deadlineMs > upload.deadlineMs);
      queue.splice(at < 0 ? queue.length : at, 0, upload);
      queuedBytes += upload.endBytes - upload.nextBytes;
    },
    countOf: (peer) => queue.reduce((count, upload) => count + (upload.peer === peer ? 1 : 0), 0),
    byDeadline: () => queue,
    sent(upload, bytes) {
      upload.nextBytes += bytes;
      queuedBytes -= bytes;
    },
    queuedBytes: () => queuedBytes,
    of: (segment) => queue.filter((upload) => upload.segment === segment),
    remove: (upload) => keep((other) => other !== upload),
    cancel: (peer, requestId) => keep((upload) => upload.peer !== peer || upload.requestId !== requestId),
    removePeer(peer) {
      keep((upload) => upload.peer !== peer);
      for (const owed of listOwed.values()) owed.delete(peer);
      refused.delete(peer);
      called.delete(peer);
    },
    listOwed,
    refused,
    called,
    limit(maxBps, nowMs) {
      if (maxBps === cap.maxBps) return;
      cap = { maxBps, allowanceBytes: (maxBps * burstMs) / 8000, atMs: nowMs };
    },
    spend(bytes, nowMs) {
      if (!Number.isFinite(cap.maxBps)) return true;
      const earned = cap.allowanceBytes + ((nowMs - cap.atMs) * cap.maxBps) / 8000;
      cap.allowanceBytes = Math.min(earned, (cap.maxBps * burstMs) / 8000);
      cap.atMs = nowMs;
      // A piece may overdraw what is left: a cap below one piece a second must still let pieces through.
      if (cap.allowanceBytes <= 0) {
        heldUntilMs = nowMs + Math.max(1, Math.ceil((-cap.allowanceBytes * 8000) / cap.maxBps));
        return false;
      }
      cap.allowanceBytes -= bytes;
      return true;
    },
    capBps: () => cap.maxBps,
    hold(untilMs) {
      heldUntilMs = untilMs;
    },
    resumesAtMs: () => (queue.length === 0 ? Infinity : heldUntilMs),
  };
}
