import {
  CHUNK_BYTES,
  linkPreimage,
  MAX_SEGMENT_BYTES,
  pieceCountOf,
  type SegmentId,
} from "@tributary/protocol";
import type { LieName } from "../contract.ts";
import { createIdentity } from "./identity.ts";
import { askedRange, type Lie, pause, serve, type Stage } from "./lie.ts";
import { type Listed, listOf } from "./media.ts";

/** How often a size is repeated: it counts only between a victim's wish for a segment and the coming of its root. */
const REPEAT_MS = 100;

const falseList = (segment: SegmentId, sizeBytes: number) =>
  ({
    type: "piece-hashes",
    segment,
    sizeBytes,
    hashes: new Uint8Array(32 * pieceCountOf(sizeBytes)),
  }) as const;

/** Nothing here is about content: messages that do not decode, come out of turn, or never come. */
export const protocolLies = {
  silent: {
    claims: "everything",
    answer: async (stage) => stage.lied(),
  },
  "empty-progress": {
    claims: "halves",
    answer: async (stage) => stage.lied(),
  },
  "tiny-size": {
    claims: "nothing",
    begin: (stage) => claimSize(stage, 1_000),
  },
  "huge-size": {
    claims: "nothing",
    begin: (stage) => claimSize(stage, MAX_SEGMENT_BYTES),
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      const { start } = askedRange(request, truth.length);
      stage.wire.send(falseList(segment.id, MAX_SEGMENT_BYTES));
      const data = truth.subarray(start, start + CHUNK_BYTES);
      if (data.length > 0)
        stage.wire.send({ type: "piece", requestId: request.requestId, offsetBytes: start, data });
    },
  },
  undecodable: {
    claims: "everything",
    async begin(stage) {
      stage.lied();
      stage.wire.sendRaw(new Uint8Array([0xfe, 1, 2, 3, 4]));
    },
  },
  "huge-frame": {
    claims: "everything",
    async begin(stage) {
      stage.lied();
      stage.wire.sendRaw(new Uint8Array(200_000).fill(0x03));
    },
  },
  /** Every other chunk. */
  "torn-pieces": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      const { start, end } = askedRange(request, truth.length);
      stage.wire.send({ type: "piece-hashes", segment: segment.id, ...(await listOf(truth)) });
      stage.lied();
      for (let offset = start; offset < end; offset += CHUNK_BYTES) {
        if ((offset / CHUNK_BYTES) % 2 === 1) continue;
        const data = truth.subarray(offset, Math.min(end, offset + CHUNK_BYTES));
        stage.wire.send({ type: "piece", requestId: request.requestId, offsetBytes: offset, data });
      }
    },
  },
  /** The second chunk first. */
  "out-of-line": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      const { start } = askedRange(request, truth.length);
      stage.lied();
      for (const offset of [start + CHUNK_BYTES, start]) {
        const data = truth.subarray(offset, offset + CHUNK_BYTES);
        stage.wire.send({ type: "piece", requestId: request.requestId, offsetBytes: offset, data });
      }
    },
  },
  /** True bytes up to the last chunk, which is longer than what is left of the request. */
  "beyond-the-end": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      const { start, end } = askedRange(request, truth.length);
      const last = end - CHUNK_BYTES / 2;
      const body = new Uint8Array(end + CHUNK_BYTES);
      body.set(truth.subarray(0, end));
      stage.lied();
      await serve(
        stage,
        { ...request, pieceCount: 0 },
        { list: await listOf(truth), body: body.subarray(0, last) },
      );
      const data = body.subarray(Math.max(start, last), last + CHUNK_BYTES);
      stage.wire.send({ type: "piece", requestId: request.requestId, offsetBytes: last, data });
    },
  },
  "never-asked": {
    claims: "everything",
    async begin(stage) {
      stage.lied();
      const data = new Uint8Array(CHUNK_BYTES);
      for (let sent = 0; sent < 200 && (await stage.wire.ready()); sent += 1)
        stage.wire.send({ type: "piece", requestId: 0xffff_0000, offsetBytes: sent * CHUNK_BYTES, data });
    },
  },
  "wrong-signature": {
    claims: "nothing",
    // As if recorded from the other side.
    hello: async (honest, own, other, identity) => ({
      ...honest,
      signature: await identity.sign(linkPreimage(other, own)),
    }),
  },
  "foreign-key": {
    claims: "nothing",
    async hello(honest, own, other) {
      const { sessionKey, sign } = await createIdentity();
      return { ...honest, sessionKey, signature: await sign(linkPreimage(own, other)) };
    },
  },
} as const satisfies Partial<Record<LieName, Lie>>;

/** Of everything once, then only of what the victim wants, so that it is no flood. */
async function claimSize({ wire, media, lied, wanted }: Stage, sizeBytes: number): Promise<void> {
  const claim = ({ id }: Listed) => wire.send(falseList(id, sizeBytes));
  lied();
  media.listed.forEach(claim);
  while (await wire.ready()) {
    await pause(REPEAT_MS);
    media.listed.filter(({ id }) => id.sequence === wanted()).forEach(claim);
  }
}
