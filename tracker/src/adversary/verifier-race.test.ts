import { createHash } from "node:crypto";
import { afterEach, expect, it } from "vitest";
import { PIECE_BYTES, pieceCountOf, rootPreimage, type SegmentId } from "@tributary/protocol";
import { fingerprintOf } from "../adapters/verifier/fingerprint.ts";
import { nameDigestOf } from "../adapters/verifier/named-resource.ts";
import { startTracker } from "../index.ts";
import { mediaBytes, startMediaOrigin } from "../testing/media-origin.ts";
import { connectTracker, type TrackerClient } from "../testing/tracker-client.ts";

const SIZE_BYTES = 150_000;
const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest();
const pathOf = (sequence: number) => `/film/${sequence}.ts`;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Every path holds other bytes, and other bytes again at another origin. */
async function serve(seed: number) {
  const origin = await startMediaOrigin((path, response) =>
    response.end(mediaBytes(SIZE_BYTES, seed + Number(/\d+/.exec(path)?.[0]))),
  );
  cleanUps.push(() => origin.close());
  return origin;
}

async function start(origin: string) {
  const tracker = await startTracker({ dataDir: null, open: true, trustProxy: true, origins: [origin] });
  cleanUps.push(() => tracker.close());
  const enter = async (address: string, ...origins: string[]): Promise<TrackerClient> => {
    const client = await connectTracker(tracker.url, { "x-forwarded-for": address });
    cleanUps.push(() => client.socket.terminate());
    await client.enter("film", { origins });
    return client;
  };
  return { tracker, enter };
}

/** As viewers compute its id from its URL. */
function segmentOf(sequence: number): SegmentId {
  const url = `https://cdn.example${pathOf(sequence)}`;
  return { track: 1, sequence, part: -1, fingerprint: fingerprintOf({ url, rangeStart: 0, rangeLength: 0 }) };
}
const segment = segmentOf(5);

function rootOf(bytes: Uint8Array): Uint8Array {
  const hashes = Array.from({ length: pieceCountOf(bytes.length) }, (_, piece) =>
    sha256(bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES)),
  );
  return new Uint8Array(sha256(rootPreimage(bytes.length, Buffer.concat(hashes))));
}

const ask = (client: TrackerClient, url: string, rangeStart = 0, rangeLength = 0) =>
  client.send({ type: "hashes", segments: [{ id: segment, url, rangeStart, rangeLength }] });

it("T2 evil-verifier-race: who asks first, with URLs of other bytes, neither makes a false root nor delays the true one", async () => {
  const [cdn, evil] = [await serve(0), await serve(100)];
  const { tracker, enter } = await start(cdn.origin);
  const liars = [
    await enter("66.1.1.1", cdn.origin, evil.origin),
    await enter("66.2.2.2", cdn.origin, evil.origin),
  ];
  for (const liar of liars) {
    // Another segment, a part of the true one, and the true path where somebody else serves it.
    ask(liar, cdn.origin + pathOf(6));
    ask(liar, cdn.origin + pathOf(5), 0, 1_000);
    ask(liar, evil.origin + pathOf(5));
    await liar.roundTrip();
    const told = liar.inbox.flatMap((message) => (message.type === "error" ? [message.code] : []));
    expect(told).toEqual(["bad-message", "bad-message", "not-admitted"]);
  }
  const honest = [await enter("8.1.1.1", cdn.origin), await enter("8.2.2.2", cdn.origin)];
  for (const viewer of honest) ask(viewer, cdn.origin + pathOf(5));
  for (const viewer of honest) {
    const { roots } = await viewer.next("hashes");
    const name = nameDigestOf({ url: cdn.origin + pathOf(5), rangeStart: 0, rangeLength: 0 });
    expect(roots).toEqual([
      { segment, name, sizeBytes: SIZE_BYTES, root: rootOf(mediaBytes(SIZE_BYTES, 5)) },
    ]);
  }
  expect(cdn.requests.map(({ path }) => path)).toEqual([pathOf(5)]);
  expect(evil.requests).toEqual([]);
  expect(tracker.stats().roots).toMatchObject({ verified: 1, failed: 0 });
});

it("T2 evil-verifier-race: a liar that contradicts every root at once takes sixteen from the others, and no more", async () => {
  const cdn = await serve(0);
  const { tracker, enter } = await start(cdn.origin);
  const viewers = [
    await enter("66.1.1.1", cdn.origin),
    await enter("8.1.1.1", cdn.origin),
    await enter("8.2.2.2", cdn.origin),
  ];
  const [liar, ...honest] = viewers as [TrackerClient, TrackerClient, TrackerClient];
  const segments = Array.from({ length: 24 }, (_, sequence) => ({
    id: segmentOf(sequence),
    url: cdn.origin + pathOf(sequence),
    rangeStart: 0,
    rangeLength: 0,
  }));
  for (const client of viewers) client.send({ type: "hashes", segments });
  for (const client of viewers)
    for (let told = 0; told < segments.length;) told += (await client.next("hashes")).roots.length;
  for (const asked of segments)
    liar.send({ type: "root-conflict", segment: asked.id, name: nameDigestOf(asked) });
  await liar.roundTrip();
  expect(tracker.stats().roots.quarantined).toBe(16);
  honest[0]!.send({ type: "hashes", segments });
  expect((await honest[0]!.next("hashes")).roots).toHaveLength(segments.length - 16);
  // Nobody is blamed for what one said.
  expect(tracker.stats()).toMatchObject({ bans: 0, sessions: { joined: 3 } });
});
