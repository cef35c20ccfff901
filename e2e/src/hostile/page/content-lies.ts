import { CHUNK_BYTES, PIECE_BYTES } from "@tributary/protocol";
import type { LieName } from "../contract.ts";
import { askedRange, falsified, type Lie, sendChunks, serve } from "./lie.ts";
import { type Listed, listOf, type Media } from "./media.ts";

/** Frames and lengths are sound; the bytes, or what is said about them, are not. */
export const contentLies = {
  "bit-flip": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      const body = truth.slice();
      const { start } = askedRange(request, body.length);
      body[start + 1000]! ^= 0x10;
      stage.lied();
      await serve(stage, request, { list: await listOf(truth), body });
    },
  },
  "false-pieces": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      stage.lied();
      await serve(stage, request, { list: await listOf(truth), body: falsified(truth) });
    },
  },
  "false-list": {
    claims: "everything",
    async answer(stage, request, segment) {
      const body = await stage.media.bytesOf(segment.url);
      const list = await listOf(body);
      stage.lied();
      await serve(stage, request, { list: { ...list, hashes: falsified(list.hashes) }, body });
    },
  },
  /** A list that fits its bytes, which are those of a smaller picture. */
  "other-rendition": {
    claims: "everything",
    async answer(stage, request, { id }) {
      const body = await stage.media.bytesOf(`/vod-abr/180/seg-${id.sequence % 8}.ts`);
      stage.lied();
      await serve(stage, request, { list: await listOf(body), body });
    },
  },
  /**
   * A list that fits its bytes, which were true of an earlier number. The size is the one asked for: bytes beyond it
   * would give the liar away before its list does.
   */
  "old-segment": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      const body = new Uint8Array(truth.length);
      body.set((await stage.media.bytesOf(earlier(stage.media, segment).url)).subarray(0, truth.length));
      stage.lied();
      await serve(stage, request, { list: await listOf(body), body });
    },
  },
  /**
   * Has the verifier make the root of every segment from an earlier one, and serves that. Where the race is lost, or not
   * yet decided, bytes beyond the size that the victim knows would give the liar away before its list does.
   */
  "raced-root": {
    claims: "everything",
    urlToVerify: (media, segment) => earlier(media, segment).url,
    async answer(stage, request, segment) {
      const old = await stage.media.bytesOf(earlier(stage.media, segment).url);
      const truth = await stage.media.bytesOf(segment.url);
      const body = new Uint8Array(stage.rootSizeBytes(segment.key) ?? Math.min(old.length, truth.length));
      body.set(old.subarray(0, body.length));
      stage.lied();
      await serve(stage, request, { list: await listOf(body), body });
    },
  },
  /** The true beginning, passed off as the whole. */
  "cut-segment": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      const body = truth.subarray(0, Math.floor(truth.length * 0.6));
      stage.lied();
      await serve(stage, request, { list: await listOf(body), body });
    },
  },
  /** Serves slowly and truly until it is turned; then the last chunk of a segment is false. */
  "late-lie": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      const range = askedRange(request, truth.length);
      stage.wire.send({ type: "piece-hashes", segment: segment.id, ...(await listOf(truth)) });
      const body = truth.slice();
      await stage.inTurn(async () => {
        // Decided at the start: whoever follows the victim has the time of the whole answer to ask it for this one.
        const lies = stage.turns() > 0;
        if (lies) body.set(falsified(body.subarray(range.end - 1000, range.end)), range.end - 1000);
        // The true piece before the false one comes with it: what its proof sets going must not take the other along.
        const lastTwo = Math.max(range.start, (Math.floor((range.end - 1) / PIECE_BYTES) - 1) * PIECE_BYTES);
        await sendChunks(stage, request, body, { start: range.start, end: lastTwo }, () => DRIP_MS);
        if (lies) stage.lied();
        await sendChunks(stage, request, body, { start: lastTwo, end: range.end });
      });
    },
  },
  /**
   * Honest until it is turned; then bytes that begin with a false piece come slowly, and after them, when it is turned
   * again, the true list.
   */
  "list-last": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      const list = await listOf(truth);
      if (stage.turns() === 0) return serve(stage, request, { list, body: truth });
      const range = askedRange(request, truth.length);
      const body = truth.slice();
      body.set(falsified(body.subarray(range.start, range.start + PIECE_BYTES)), range.start);
      stage.lied();
      await sendChunks(stage, request, body, range, () => (stage.turns() > 1 ? 0 : LONG_DRIP_MS));
      stage.wire.send({ type: "piece-hashes", segment: segment.id, ...list });
    },
  },
  /** Bytes that nothing is said about, so that nobody can prove anything. */
  "no-list": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      stage.lied();
      await serve(stage, request, { list: null, body: falsified(truth) });
    },
  },
  "garbage-then-gone": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      const { start, end } = askedRange(request, truth.length);
      const chunks = Math.floor(((end - start) * 0.6) / CHUNK_BYTES);
      stage.lied();
      await sendChunks(stage, request, falsified(truth), { start, end: start + chunks * CHUNK_BYTES });
      await stage.wire.flushed();
      stage.wire.drop();
    },
  },
  /** The true list, then false pieces up to three fifths of the segment; gone in the middle of the piece after these. */
  "false-prefix": {
    claims: "everything",
    async answer(stage, request, segment) {
      const truth = await stage.media.bytesOf(segment.url);
      const { start, end } = askedRange(request, truth.length);
      const goneAt = Math.max(start + CHUNK_BYTES, Math.floor(truth.length * 0.6));
      stage.lied();
      stage.wire.send({ type: "piece-hashes", segment: segment.id, ...(await listOf(truth)) });
      await sendChunks(stage, request, falsified(truth), { start, end: Math.min(end, goneAt) });
      if (end <= goneAt) return;
      await stage.wire.flushed();
      stage.wire.drop();
    },
  },
} as const satisfies Partial<Record<LieName, Lie>>;

/** One chunk after the other takes this long: a segment of 240 kB takes more than a second. */
const DRIP_MS = 120;
/** Ten seconds for a segment of 240 kB: somebody who comes meanwhile finds the victim in the middle of it. */
const LONG_DRIP_MS = 700;

function earlier({ listed }: Media, segment: Listed): Listed {
  const at = listed.indexOf(segment);
  return listed.at(at - 1)!;
}
