import {
  hasPiece,
  MAX_PIECES,
  PIECE_BYTES,
  pieceCountOf,
  pieceSetOf,
  pieceSizeOf,
  setSizeOf,
} from "@tributary/protocol";
import type { PeerKey, SegmentKey } from "@tributary/protocol";
import type { SegmentInfo } from "../model.ts";

/**
 * missing: nothing usable. received: a peer's bytes, unverified. checking: its digest is being compared.
 * verified: matches a list that matches the trusted root. cdn: straight from the CDN.
 */
export type PieceState = "missing" | "received" | "checking" | "verified" | "cdn";

export interface Piece {
  state: PieceState;
  /** Who sent the bytes; null for the CDN. */
  author: PeerKey | null;
  /** The transfer that is writing it: one at a time, so that bytes of two peers never mix in a piece. */
  writer: number | null;
  /** The digest that was asked for last: an answer to an earlier one is about other bytes. */
  check: number;
}

/** What is held of one segment. The bytes themselves lie in the storage adapter. */
export interface Holding {
  readonly key: SegmentKey;
  info: SegmentInfo;
  /** Null until the CDN or the trusted root has told it: what peers say of sizes binds nobody but them. */
  sizeBytes: number | null;
  pieces: Piece[];
  /** Bytes the CDN has brought from the segment's start on. */
  cdnPrefixBytes: number;
  /** none: no list. checked: a peer's list that matched the root. own: computed here from the bytes. */
  list: "none" | "checked" | "own";
  /** The root of the CDN's own bytes, once it is computed. */
  ownRoot: string | null;
  /** All bytes are here and true. */
  complete: boolean;
  /** The CDN's bytes contradict the root: nothing of this segment is taken from or given to peers. */
  quarantined: boolean;
  /** How many pieces neighbours were last told of, -1 for not even a claim, and when. */
  toldPieces: number;
  toldAtMs: number;
  lastUsedMs: number;
}

/** Owns what this viewer holds. Others read holdings and change them only through these functions. */
export interface Inventory {
  get(key: SegmentKey): Holding | undefined;
  ensure(info: SegmentInfo, nowMs: number): Holding;
  /** From the root or the CDN. @returns false where it contradicts what is known */
  setSize(holding: Holding, sizeBytes: number): boolean;
  cdnArrived(holding: Holding, offsetBytes: number, receivedBytes: number): void;
  /** Forgets all pieces, for a refetch from nothing. */
  clear(holding: Holding): void;
  complete(holding: Holding): void;
  drop(key: SegmentKey): void;
  all(): IterableIterator<Holding>;
  storedBytes(): number;
  nextCheck(): number;
}

export function createInventory(): Inventory {
  const holdings = new Map<SegmentKey, Holding>();
  let check = 0;

  return {
    get: (key) => holdings.get(key),
    ensure(info, nowMs) {
      let holding = holdings.get(info.key);
      if (holding === undefined) {
        holding = {
          key: info.key,
          info,
          sizeBytes: null,
          pieces: [],
          cdnPrefixBytes: 0,
          list: "none",
          ownRoot: null,
          complete: false,
          quarantined: false,
          toldPieces: -1,
          toldAtMs: nowMs,
          lastUsedMs: nowMs,
        };
        holdings.set(info.key, holding);
      }
      holding.info = info;
      holding.lastUsedMs = nowMs;
      return holding;
    },
    setSize(holding, sizeBytes) {
      if (holding.sizeBytes !== null) return holding.sizeBytes === sizeBytes;
      holding.sizeBytes = sizeBytes;
      holding.pieces = Array.from({ length: pieceCountOf(sizeBytes) }, emptyPiece);
      cover(holding, 0, holding.cdnPrefixBytes);
      return true;
    },
    cdnArrived(holding, offsetBytes, receivedBytes) {
      const endBytes = offsetBytes + receivedBytes;
      if (offsetBytes <= holding.cdnPrefixBytes)
        holding.cdnPrefixBytes = Math.max(holding.cdnPrefixBytes, endBytes);
      if (holding.sizeBytes !== null) cover(holding, offsetBytes, endBytes);
    },
    clear(holding) {
      holding.sizeBytes = null;
      holding.pieces = [];
      holding.cdnPrefixBytes = 0;
      holding.list = "none";
      holding.ownRoot = null;
      holding.complete = false;
    },
    complete(holding) {
      holding.complete = true;
    },
    drop: (key) => void holdings.delete(key),
    all: () => holdings.values(),
    storedBytes() {
      let total = 0;
      for (const holding of holdings.values()) total += holding.sizeBytes ?? holding.cdnPrefixBytes;
      return total;
    },
    nextCheck: () => ++check,
  };
}

const emptyPiece = (): Piece => ({ state: "missing", author: null, writer: null, check: 0 });

/** Marks every piece that lies wholly in the range as the CDN's; what is verified or being so stays as it is. */
function cover(holding: Holding, fromBytes: number, toBytes: number): void {
  const size = holding.sizeBytes ?? 0;
  for (let index = Math.ceil(fromBytes / PIECE_BYTES); index < holding.pieces.length; index++) {
    if (index * PIECE_BYTES + pieceSizeOf(size, index) > toBytes) return;
    const piece = holding.pieces[index]!;
    if (piece.state === "verified" || (piece.state === "checking" && piece.author === null)) continue;
    piece.state = "cdn";
    piece.author = null;
    piece.writer = null;
  }
}

/** True once no piece is missing or unproved. */
export function isWhole(holding: Holding): boolean {
  return (
    holding.sizeBytes !== null &&
    holding.pieces.every((piece) => piece.state === "verified" || piece.state === "cdn")
  );
}

/** Nothing is missing; only answers about digests are still to come. */
export function awaitsProof(holding: Holding): boolean {
  return holding.sizeBytes !== null && holding.list === "checked" && holding.pieces.every(isHere);
}

const isHere = ({ state }: Piece): boolean => state === "verified" || state === "cdn" || state === "checking";

/** A segment put together from both sources: its CDN pieces must match the list as well. */
export function isMixed(holding: Holding): boolean {
  return (
    holding.pieces.some((piece) => piece.state === "cdn") &&
    holding.pieces.some((piece) => piece.author !== null)
  );
}

/** The CDN would have to bring this piece: nobody has, or there is no list to prove it with. */
export function isLacking({ list }: Holding, { state }: Piece): boolean {
  return state === "missing" || state === "received" || (state === "checking" && list !== "checked");
}

/** What the CDN would have to bring, and in how many runs; null bytes where the size is not known. */
export function lackOf(holding: Holding): { bytes: number | null; gapCount: number } {
  const { sizeBytes, pieces } = holding;
  if (sizeBytes === null) return { bytes: null, gapCount: 1 };
  let bytes = 0;
  let gapCount = 0;
  let inGap = false;
  pieces.forEach((piece, index) => {
    const lacking = isLacking(holding, piece);
    if (lacking) bytes += pieceSizeOf(sizeBytes, index);
    if (lacking && !inGap) gapCount += 1;
    inGap = lacking;
  });
  return { bytes, gapCount };
}

/**
 * Pieces that may be relayed, as PROGRESS carries them: a peer's once verified; the CDN's at once, unless it shares
 * the segment with peers, because then it is one version only once all of it is proved.
 */
export function servablePieces(holding: Holding): { set: Uint8Array; count: number } {
  const { pieces, quarantined } = holding;
  const cdnToo = !pieces.some(({ author }) => author !== null);
  // What is too large for a root is nothing to offer.
  const none = quarantined || pieces.length > MAX_PIECES;
  const set = pieceSetOf(pieces.length, (index) => {
    const { state } = pieces[index]!;
    return !none && (state === "verified" || (state === "cdn" && cdnToo));
  });
  return { set, count: setSizeOf(set) };
}

/** All the pieces that a range of bytes touches may be relayed. */
export function isServable(holding: Holding, fromBytes: number, toBytes: number): boolean {
  const { set } = servablePieces(holding);
  for (let index = Math.floor(fromBytes / PIECE_BYTES); index * PIECE_BYTES < toBytes; index++)
    if (!hasPiece(set, index)) return false;
  return true;
}

/** Bytes of peers that went into a segment, and who sent them. */
export function peerShare(holding: Holding): { bytes: number; from: PeerKey[] } {
  const from = new Set<PeerKey>();
  let bytes = 0;
  holding.pieces.forEach((piece, index) => {
    if (piece.author === null || holding.sizeBytes === null) return;
    bytes += pieceSizeOf(holding.sizeBytes, index);
    from.add(piece.author);
  });
  return { bytes, from: [...from] };
}
