import { describe, expect, it } from "vitest";
import { createSlowUpload } from "../testing/slow-upload.ts";
import { createWorld, type Viewer, type WorldOptions } from "../testing/world.ts";

/** Two live viewers that have the first segment: what else is listed they may bring ahead of their players. */
function scene(options: WorldOptions = {}) {
  const world = createWorld({ live: true, segmentCount: 1, segmentBytes: 200_000, ...options });
  const viewers = [world.addViewer({}, { named: false }), world.addViewer({}, { named: false })];
  for (const viewer of viewers) viewer.want(0);
  world.run(5000);
  world.connect(viewers[0]!, viewers[1]!);
  world.run(5000);
  const publish = () => world.publish(viewers.map(() => 0));
  const fetchesOf = (viewer: Viewer, sequence: number) =>
    viewer.sent.filter(
      (output) => output.type === "http-fetch" && output.segment === world.segment(sequence).key,
    ).length;
  const seeds = () =>
    viewers
      .flatMap(({ sent }) => sent)
      .filter((output) => output.type === "http-fetch" && output.request === null).length;
  return { world, viewers, publish, fetchesOf, seeds };
}

it("was asked for ahead again and again, a segment that the CDN had answered with 404: 150 requests a second", () => {
  const { world, viewers, publish, fetchesOf } = scene();
  world.failCdn(404, 1);
  publish();
  world.run(120_000);
  expect(viewers.map((viewer) => fetchesOf(viewer, 1))).toEqual([1, 1]);
});

it("was asked for ahead after every try of the player: one request more for each of its own", () => {
  const { world, viewers, publish, fetchesOf } = scene();
  const [viewer] = viewers as [Viewer, Viewer];
  world.failCdn(404, 1);
  publish();
  for (const tries of [1, 2, 3]) {
    viewer.want(1);
    world.run(6000);
    expect(viewer.failures).toHaveLength(tries);
    expect(fetchesOf(viewer, 1)).toBeLessThanOrEqual(tries + 1);
  }
});

it("asked a CDN that was down for each new segment; it rests after failures in a row, and longer each time", () => {
  const { world, viewers, publish, seeds } = scene();
  world.failCdn(503);
  const counts = [];
  for (let minute = 0; minute < 4; minute++) {
    const before = seeds();
    for (let each = 1; each <= 30; each++) {
      publish();
      for (const viewer of viewers) viewer.want(minute * 30 + each - 1);
      world.run(2000);
    }
    counts.push(seeds() - before);
  }
  // Two viewers: after 2, 4, 8, 16 and 32 s, and then once a minute.
  expect(counts[0]).toBeGreaterThan(4);
  expect(counts[0]).toBeLessThanOrEqual(12);
  expect(counts[3]).toBeLessThanOrEqual(4);
});

it("brings segments ahead again once the CDN is well", () => {
  const { world, viewers, publish } = scene();
  world.failCdn(503);
  publish();
  world.run(4000);
  world.failCdn(null);
  for (const sequence of [2, 3, 4]) {
    publish();
    world.run(10_000);
    expect(viewers.map(({ core }) => core.holds(world.segment(sequence).key))).toEqual([true, true]);
  }
});

it("takes from a neighbour what the CDN refused here", () => {
  const { world, viewers, publish, fetchesOf } = scene();
  const [failing, fetching] = viewers as [Viewer, Viewer];
  world.failCdn(404, 1);
  publish();
  world.run(10_000);
  expect(fetchesOf(failing, 1)).toBe(1);
  world.failCdn(null);
  fetching.want(1);
  world.run(5000);
  expect(failing.core.holds(world.segment(1).key)).toBe(true);
  expect(fetchesOf(failing, 1)).toBe(1);
});

it("fetched again ahead what the player had just given up", () => {
  const { world, viewers, publish, fetchesOf } = scene();
  const [viewer, other] = viewers as [Viewer, Viewer];
  other.input({ type: "upload-policy", allowed: false, maxBps: Infinity, maxBytes: Infinity });
  world.run(100);
  publish();
  viewer.want(1);
  while (fetchesOf(viewer, 1) === 0) world.run(10);
  viewer.input({ type: "segment-cancelled", request: 2 });
  viewer.input({ type: "tick" });
  world.run(60_000);
  expect(fetchesOf(viewer, 1)).toBe(1);
});

it("let a load wait with the limits of the fetch ahead that it had joined, not with the page's", () => {
  const { world, viewers, publish, fetchesOf } = scene();
  world.muteCdn();
  publish();
  world.run(2000);
  const seeding = viewers.find((viewer) => fetchesOf(viewer, 1) === 1)!;
  seeding.want(1, { firstByteMs: 1500, loadMs: 4000 });
  world.run(1400);
  expect(seeding.failures).toEqual([]);
  world.run(200);
  expect(seeding.failures).toEqual([{ kind: "timeout", text: "timeout" }]);
  expect(fetchesOf(seeding, 1)).toBe(1);
  world.run(60_000);
  expect(fetchesOf(seeding, 1)).toBe(1);
});

it("gives a load that joined a fetch ahead the page's time for the whole segment once its first byte is there", () => {
  const { world, viewers, publish, fetchesOf } = scene({ segmentBytes: 2_000_000, cdnBps: 30_000_000 });
  publish();
  const seeding = () => viewers.find((viewer) => fetchesOf(viewer, 1) === 1);
  while (seeding() === undefined) world.run(10);
  world.run(40);
  const viewer = seeding()!;
  viewer.want(1, { firstByteMs: 100, loadMs: 300 });
  world.run(290);
  expect(viewer.failures).toEqual([]);
  world.run(20);
  expect(viewer.failures).toEqual([{ kind: "timeout", text: "timeout" }]);
});

describe("where the page made the loader", () => {
  function pageMade(options: WorldOptions = {}) {
    const made = scene(options);
    for (const viewer of made.viewers) viewer.input({ type: "cdn-through-player" });
    return made;
  }

  it("the CDN was asked ahead of the player, by nobody's loader, and neighbours were told that it comes", () => {
    const { world, viewers, publish, seeds } = pageMade();
    const saidBefore = viewers.map(({ sent }) => sent.length);
    publish();
    world.run(60_000);
    expect(seeds()).toBe(0);
    expect(viewers.map(({ sent }) => sent.length)).toEqual(saidBefore);
  });

  it("a neighbour brings ahead what one player has loaded", () => {
    const { world, viewers, publish, fetchesOf } = pageMade();
    const [wanting, waiting] = viewers as [Viewer, Viewer];
    publish();
    wanting.want(1);
    world.run(5000);
    expect(wanting.delivered.map(({ sequence }) => sequence)).toEqual([0, 1]);
    expect(waiting.core.holds(world.segment(1).key)).toBe(true);
    waiting.want(1);
    world.run(10);
    expect(waiting.delivered.map(({ sequence }) => sequence)).toEqual([0, 1]);
    expect(viewers.map((viewer) => fetchesOf(viewer, 1))).toEqual([1, 0]);
  });

  it("a late transfer is not completed by a range that its loader would not fetch", () => {
    const { world, viewer: second } = createSlowUpload();
    second.input({ type: "cdn-through-player" });
    second.play();
    world.run(60_000);
    expect(second.delivered).toHaveLength(15);
    expect(second.stalls).toBe(0);
    expect(second.core.stats().peerBytes).toBeGreaterThan(0);
    const fetches = second.sent.filter((output) => output.type === "http-fetch");
    expect(fetches.length).toBeGreaterThan(1);
    for (const fetch of fetches) {
      expect(fetch).toMatchObject({ offsetBytes: 0, endBytes: null });
      expect(fetch.request).not.toBeNull();
    }
    expect(second.events.filter(({ type }) => type === "warning")).toEqual([]);
  });
});
