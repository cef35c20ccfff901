import {
  CHUNK_BYTES,
  type Grant,
  PIECE_BYTES,
  type PeerMessage,
  type PeerMessageOf,
  type SegmentKey,
  segmentKeyOf,
} from "@tributary/protocol";
import type { Identity } from "./identity.ts";
import type { Listed, Media, PieceList } from "./media.ts";
import type { Wire } from "./wire.ts";

export type Hello = PeerMessageOf<"hello">;
export type Request = PeerMessageOf<"request">;

/** What a lie works with: one link to one victim. */
export interface Stage {
  readonly wire: Wire;
  readonly media: Media;
  readonly identity: Identity;
  /** What the tracker has granted so far, for all links. */
  grants(): readonly Grant[];
  /** To what the victim says from now on. */
  listen(heard: (message: PeerMessage) => void): void;
  /** Counts one breach of the rules. */
  lied(): void;
  isCancelled(requestId: number): boolean;
  /** The sequence that the victim says it wants next. */
  wanted(): number;
  /** Answers one request after the other, however many are open: one uplink for all. */
  inTurn(work: () => Promise<void>): Promise<void>;
  /** How often the test has told it to go on: a lie that bides its time begins with the first. */
  turns(): number;
  /** What the tracker told of a segment's size with its root, null before. */
  rootSizeBytes(key: SegmentKey): number | null;
}

export interface Lie {
  /** The URL it names to the verifier, before anybody else does; without it the verifier is asked nothing. */
  urlToVerify?(media: Media, segment: Listed): string;
  /** What it says it has: every segment whole, the half of every segment, or nothing. */
  readonly claims: "everything" | "halves" | "nothing";
  hello?(honest: Hello, own: Uint8Array, other: Uint8Array, identity: Identity): Promise<Hello>;
  /** After the handshake and the claims. */
  begin?(stage: Stage): Promise<void>;
  /** Without it requests are met with silence. */
  answer?(stage: Stage, request: Request, segment: Listed): Promise<void>;
}

export interface Served {
  readonly list: PieceList | null;
  readonly body: Uint8Array;
}

/** Answers as an honest holder would, with whatever list and bytes. */
export async function serve(stage: Stage, request: Request, { list, body }: Served): Promise<void> {
  if (list !== null) stage.wire.send({ type: "piece-hashes", segment: request.segment, ...list });
  await sendChunks(stage, request, body, askedRange(request, body.length));
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export function askedRange({ firstPiece, pieceCount }: Request, sizeBytes: number): ByteRange {
  const start = firstPiece * PIECE_BYTES;
  return { start, end: pieceCount === 0 ? sizeBytes : Math.min(sizeBytes, start + pieceCount * PIECE_BYTES) };
}

export async function sendChunks(
  stage: Stage,
  { requestId }: Request,
  body: Uint8Array,
  { start, end }: ByteRange,
  pauseMs = () => 0,
): Promise<void> {
  for (let offset = start; offset < end; offset += CHUNK_BYTES) {
    if (!(await stage.wire.ready()) || stage.isCancelled(requestId)) return;
    if (pauseMs() > 0) await pause(pauseMs());
    const data = body.subarray(offset, Math.min(end, offset + CHUNK_BYTES));
    stage.wire.send({ type: "piece", requestId, offsetBytes: offset, data });
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Nothing of it is true, and yet it depends on nothing but the truth. */
export function falsified(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes, (byte) => byte ^ 0x5a);
}

export function keyOf({ segment }: Request): SegmentKey {
  return segmentKeyOf(segment);
}
