import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import {
  nameHash,
  PIECE_BYTES,
  pieceCountOf,
  rootPreimage,
  rootsPreimage,
  type SegmentId,
  type TrackerMessageOf,
} from "@tributary/protocol";
import { verifyEd25519 } from "./adapters/crypto/ed25519.ts";
import { startTracker, type Tracker, type TrackerOptions } from "./index.ts";
import { mediaBytes, startMediaOrigin, type MediaOrigin } from "./testing/media-origin.ts";
import { SOCKET_KINDS } from "./testing/socket-kinds.ts";
import { connectTracker, type TrackerClient } from "./testing/tracker-client.ts";

const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest();

describe.each(SOCKET_KINDS)("roots of the verifier over %s", (sockets) => {
  const cleanUps: (() => unknown)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function start(options: Partial<TrackerOptions> = {}): Promise<Tracker> {
    const tracker = await startTracker({ dataDir: null, open: true, sockets, ...options });
    cleanUps.push(() => tracker.close());
    return tracker;
  }

  async function serveMedia(): Promise<MediaOrigin> {
    const origin = await startMediaOrigin((path, response) => {
      const sequence = Number(/^\/film\/(\d+)\.ts/.exec(path)?.[1]);
      response.end(mediaBytes(150_000, sequence));
    });
    cleanUps.push(() => origin.close());
    return origin;
  }

  async function view(tracker: Tracker, origin: MediaOrigin) {
    const client = await connectTracker(tracker.url);
    cleanUps.push(() => client.socket.terminate());
    const { trackerId } = await client.next("nonce").then((nonce) => {
      client.inbox.push(nonce);
      return nonce;
    });
    const { swarm } = await client.enter("film", { origins: [origin.origin] });
    return { client, trackerId, swarm: swarm.swarm };
  }

  const pathOf = (sequence: number) => `/film/${sequence}.ts`;
  const nameOf = (path: string) => new Uint8Array(sha256(Buffer.from(`0+0@${path}`)));

  function segment(sequence: number): SegmentId {
    return { track: 3, sequence, part: -1, fingerprint: nameHash(pathOf(sequence)) };
  }

  function ask({ client }: { client: TrackerClient }, origin: MediaOrigin, ...sequences: number[]) {
    const segments = sequences.map((sequence) => ({
      id: segment(sequence),
      url: `${origin.origin}/film/${sequence}.ts?token=abc`,
      rangeStart: 0,
      rangeLength: 0,
    }));
    client.send({ type: "hashes", segments });
  }

  function rootOf(sequence: number): Uint8Array {
    const bytes = mediaBytes(150_000, sequence);
    const hashes = Array.from({ length: pieceCountOf(bytes.length) }, (_, piece) =>
      sha256(bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES)),
    );
    return new Uint8Array(sha256(rootPreimage(bytes.length, Buffer.concat(hashes))));
  }

  async function expectSigned(
    viewer: { trackerId: Uint8Array; swarm: Uint8Array },
    { roots, signature }: TrackerMessageOf<"hashes">,
  ) {
    expect(await verifyEd25519(viewer.trackerId, rootsPreimage(viewer.swarm, roots), signature)).toBe(true);
  }

  it("cost a lone viewer nothing, two viewers one fetch, and later ones none", async () => {
    const [tracker, origin] = [await start(), await serveMedia()];
    const first = await view(tracker, origin);
    ask(first, origin, 1);
    await first.client.roundTrip();
    expect(origin.requests).toEqual([]);

    const second = await view(tracker, origin);
    ask(second, origin, 1);
    for (const viewer of [first, second]) {
      const hashes = await viewer.client.next("hashes");
      expect(hashes.roots).toEqual([
        { segment: segment(1), name: nameOf(pathOf(1)), sizeBytes: 150_000, root: rootOf(1) },
      ]);
      await expectSigned(viewer, hashes);
    }

    const third = await view(tracker, origin);
    ask(third, origin, 1);
    const late = await third.client.next("hashes");
    expect(late.roots).toHaveLength(1);
    await expectSigned(third, late);
    expect(origin.requests.map(({ path }) => path)).toEqual(["/film/1.ts?token=abc"]);
    expect(tracker.stats().verifier).toMatchObject({ copies: 1, bytes: 150_000 });
    expect(tracker.stats().swarms).toMatchObject([{ rootsKnown: 1 }]);
  });

  it("of a path that collides with a segment's go to none but those who named that path", async () => {
    const lie = "/lie/hx5a9o7.ts";
    expect(nameHash(lie)).toBe(segment(1).fingerprint);
    const [tracker, origin] = [await start(), await serveMedia()];
    const liars = [await view(tracker, origin), await view(tracker, origin)];
    const asked = { id: segment(1), url: origin.origin + lie, rangeStart: 0, rangeLength: 0 };
    for (const { client } of liars) client.send({ type: "hashes", segments: [asked] });
    for (const liar of liars) {
      const hashes = await liar.client.next("hashes");
      expect(hashes.roots).toMatchObject([{ segment: segment(1), name: nameOf(lie) }]);
      expect(hashes.roots[0]?.root).not.toEqual(rootOf(1));
    }

    const honest = [await view(tracker, origin), await view(tracker, origin)];
    for (const viewer of honest) ask(viewer, origin, 1);
    for (const viewer of honest) {
      const hashes = await viewer.client.next("hashes");
      expect(hashes.roots).toMatchObject([{ name: nameOf(pathOf(1)), root: rootOf(1) }]);
      await expectSigned(viewer, hashes);
    }
    expect(origin.requests.map(({ path }) => path)).toEqual([lie, "/film/1.ts?token=abc"]);
  });

  it("answer many known segments in one message", async () => {
    const [tracker, origin] = [await start(), await serveMedia()];
    const viewers = [await view(tracker, origin), await view(tracker, origin)];
    for (const viewer of viewers) ask(viewer, origin, 1, 2, 3);
    for (const viewer of viewers) {
      const sequences = [];
      for (let at = 0; at < 3; at++)
        sequences.push((await viewer.client.next("hashes")).roots[0]?.segment.sequence);
      expect(sequences.sort()).toEqual([1, 2, 3]);
    }
    ask(viewers[0]!, origin, 1, 2, 3);
    const again = await viewers[0]!.client.next("hashes");
    expect(again.roots.map(({ root }) => root)).toEqual([rootOf(1), rootOf(2), rootOf(3)]);
  });

  it("are given out no more once a viewer's own bytes contradict them", async () => {
    const [tracker, origin] = [await start(), await serveMedia()];
    const viewers = [await view(tracker, origin), await view(tracker, origin)];
    for (const viewer of viewers) ask(viewer, origin, 1);
    for (const { client } of viewers) await client.next("hashes");
    viewers[0]!.client.send({ type: "root-conflict", segment: segment(1), name: nameOf(pathOf(1)) });
    await viewers[0]!.client.roundTrip();
    ask(viewers[1]!, origin, 1);
    await viewers[1]!.client.roundTrip();
    expect(viewers[1]!.client.inbox.filter(({ type }) => type === "hashes")).toEqual([]);
    expect(tracker.stats().roots.quarantined).toBe(1);
  });

  it("are not made from origins that the operator did not allow", async () => {
    const [tracker, origin] = [await start({ origins: [], trustProxy: true }), await serveMedia()];
    const viewers = [await view(tracker, origin), await view(tracker, origin)];
    for (const viewer of viewers) {
      ask(viewer, origin, 1);
      const error = await viewer.client.next("error");
      expect(error).toMatchObject({ code: "not-admitted", fatal: false });
      expect(error.message).toContain("--origin");
    }
    expect(origin.requests).toEqual([]);
  });

  it("come from an origin that the operator listed", async () => {
    const origin = await serveMedia();
    const tracker = await start({ origins: [origin.origin], trustProxy: true });
    const viewers = [await view(tracker, origin), await view(tracker, origin)];
    for (const viewer of viewers) ask(viewer, origin, 4);
    for (const viewer of viewers)
      expect((await viewer.client.next("hashes")).roots[0]?.root).toEqual(rootOf(4));
  });

  it("are refused by a tracker without a verifier, which says so in WELCOME", async () => {
    const [tracker, origin] = [await start({ verifier: false }), await serveMedia()];
    const viewer = await view(tracker, origin);
    ask(viewer, origin, 1);
    expect((await viewer.client.next("error")).message).toContain("--no-verifier");
    expect(tracker.stats().verifier).toBeNull();
  });
});
