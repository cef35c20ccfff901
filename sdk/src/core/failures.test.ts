import { describe, expect, it } from "vitest";
import { createSlowUpload } from "./testing/slow-upload.ts";
import { createWorld } from "./testing/world.ts";

describe("a slow upload", () => {
  it("is completed by a Range request for what is missing, and no byte that was verified is thrown away", () => {
    const { world, viewer: second } = createSlowUpload();
    second.play();
    world.run(60_000);
    expect(second.delivered).toHaveLength(15);
    expect(second.stalls).toBe(0);
    const tails = second.sent.filter((output) => output.type === "http-fetch" && output.offsetBytes > 0);
    expect(tails.length).toBeGreaterThan(0);
    expect(second.core.stats().peerBytes).toBeGreaterThan(0);
  });

  it("is completed by the whole segment that a host without Range support sends, and no range is asked of it again", () => {
    const { world, viewer: second } = createSlowUpload();
    world.breakRanges();
    second.play();
    world.run(60_000);
    expect(second.delivered).toHaveLength(15);
    expect(second.stalls).toBe(0);
    const warnings = second.events.filter((event) => event.type === "warning").map(({ code }) => code);
    expect(warnings).toEqual(["range-unsupported"]);
    const fetches = second.sent.filter((output) => output.type === "http-fetch");
    const ranges = fetches.filter(({ offsetBytes, endBytes }) => offsetBytes > 0 || endBytes !== null);
    expect(ranges).toHaveLength(1);
    const ofThatSegment = fetches.filter(({ segment }) => segment === ranges[0]!.segment);
    expect(ofThatSegment).toHaveLength(1);
  });
});

describe("a range that the CDN refused once", () => {
  it("was taken for one that it never sends: the whole segment came after it, too late for a slow line", () => {
    const { world, viewer: second } = createSlowUpload();
    second.play();
    const ranges = () =>
      second.sent.filter(
        (output) => output.type === "http-fetch" && (output.offsetBytes > 0 || output.endBytes !== null),
      );
    for (let turns = 0; ranges().length === 0 && turns < 6000; turns++) world.run(10);
    const firstBytesAndMore = 40;
    world.failCdn(503);
    world.run(firstBytesAndMore);
    world.failCdn(null);
    expect(ranges()).toHaveLength(2);
    world.run(60_000);
    expect(second.delivered).toHaveLength(15);
    expect(second.stalls).toBe(0);
    expect(second.failures).toEqual([]);
    expect(second.events.filter((event) => event.type === "warning")).toEqual([]);
  });
});

describe("a segment of a size that no peer can bring", () => {
  for (const [name, segmentBytes] of [
    ["above 64 MiB", 70 * 1024 * 1024],
    ["empty", 0],
  ] as const) {
    it(`(${name}) comes from the CDN, once, and is delivered`, () => {
      const world = createWorld({ segmentBytes, segmentCount: 3, cdnBps: 2_000_000_000 });
      for (const viewer of [world.addViewer(), world.addViewer()]) {
        viewer.play();
        world.run(10_000);
        expect(viewer.delivered.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
        expect(viewer.fetches).toBe(3);
        expect(viewer.failures).toEqual([]);
      }
    });
  }
});

describe("uploading switched off", () => {
  it("means not one byte goes up, and the neighbour loses no time", () => {
    const world = createWorld();
    const first = world.addViewer();
    first.input({ type: "upload-policy", allowed: false, maxBps: Infinity, maxBytes: Infinity });
    first.play();
    world.run(5000);
    const second = world.addViewer();
    second.play();
    world.run(60_000);
    expect(first.core.stats().uploadedBytes).toBe(0);
    expect(second.delivered).toHaveLength(15);
    expect(second.stalls).toBe(0);
    expect(second.core.explain().join(" ")).toMatch(/Connected to 1 viewer/);
  });
});

describe("uploading switched on again", () => {
  it("was not heard of by neighbours that had been refused: they took nothing more over that link", () => {
    const world = createWorld({ cdnBps: 2_000_000 });
    const [first, second] = [world.addViewer(), world.addViewer()];
    first.play();
    world.run(25_000);
    expect(first.delivered).toHaveLength(15);
    const policy = { type: "upload-policy", maxBps: Infinity } as const;
    first.input({ ...policy, allowed: true, maxBytes: 0 });
    second.play();
    world.run(7_000);
    expect(second.delivered.length).toBeGreaterThan(2);
    expect(first.core.explain().join(" ")).toContain("Nothing is uploaded from here");
    expect(first.core.stats().uploadedBytes).toBe(0);
    first.input({ ...policy, allowed: true, maxBytes: Infinity });
    world.run(25_000);
    expect(second.delivered).toHaveLength(15);
    expect(first.core.stats().uploadedBytes).toBeGreaterThan(0);
  });
});

describe("a load that the player cancels", () => {
  it("stops its fetch and frees whoever waited for it here", () => {
    const world = createWorld({ cdnBps: 500_000 });
    const viewer = world.addViewer();
    viewer.want(0);
    world.run(200);
    viewer.input({ type: "segment-cancelled", request: 1 });
    const outputs = viewer.sent.map(({ type }) => type);
    expect(outputs).toContain("http-abort");
    world.run(5000);
    expect(viewer.delivered).toEqual([]);
    expect(viewer.core.nextDeadlineMs()).toBeNull();
  });
});

describe("a stall during a wait for peers", () => {
  it("makes the rest of the session ask the CDN first", () => {
    const world = createWorld();
    const first = world.addViewer();
    first.play();
    world.run(5000);
    const second = world.addViewer();
    second.want(0);
    world.run(500);
    first.deaf = true;
    second.want(1);
    world.run(50);
    second.input({ type: "stalled" });
    world.run(1000);
    expect(second.delivered.map(({ sequence }) => sequence)).toEqual([0, 1]);
    const fetchesBefore = second.fetches;
    second.want(2);
    world.run(200);
    expect(second.fetches).toBe(fetchesBefore + 1);
    expect(second.core.explain()[0]).toMatch(/stalled once while waiting/);
  });
});

describe("pausing", () => {
  it("closes every link, leaves the CDN working, and resuming finds partners again", () => {
    const world = createWorld();
    const first = world.addViewer();
    first.play();
    world.run(5000);
    const second = world.addViewer();
    second.play();
    world.run(2000);
    second.input({ type: "pause" });
    world.run(100);
    expect(second.core.stats().peers).toBe(0);
    expect(first.core.stats().peers).toBe(0);
    world.run(60_000);
    expect(second.delivered).toHaveLength(15);
    second.input({ type: "resume" });
    second.input({ type: "peers-named", peers: [{ peer: first.peer, ticket: 7919 }] });
    world.run(1000);
    expect(second.core.stats().peers).toBe(1);
  });
});

describe("a CDN whose bytes contradict the root", () => {
  it("is played as plain hls.js would play it, quarantined, reported, and blamed on nobody", () => {
    const world = createWorld();
    const viewer = world.addViewer();
    viewer.want(0);
    world.run(500);
    viewer.input({
      type: "segment-hashed",
      segment: world.segment(0).key,
      sizeBytes: 250_000,
      root: "another",
    });
    expect(viewer.delivered.map(({ sequence }) => sequence)).toEqual([0]);
    expect(viewer.sent.map(({ type }) => type)).toContain("report-root-conflict");
    const second = world.addViewer();
    second.play(1);
    world.run(1000);
    second.want(0);
    world.run(3000);
    expect(
      viewer.sent.some((output) => output.type === "send-piece" && output.segment === world.segment(0).key),
    ).toBe(false);
  });
});

describe("a full store", () => {
  it("drops the oldest segments and tells the neighbours", () => {
    const world = createWorld();
    const viewer = world.addViewer({ storageMaxBytes: 1_000_000 });
    viewer.play();
    world.run(60_000);
    expect(viewer.delivered).toHaveLength(15);
    const evicted = viewer.sent.filter(({ type }) => type === "evict");
    expect(evicted).toHaveLength(11);
    expect(viewer.core.holds(world.segment(14).key)).toBe(true);
    expect(viewer.core.holds(world.segment(0).key)).toBe(false);
  });
});

describe("the tracker's answer", () => {
  const second = (answered: boolean, roots: boolean) => {
    const world = createWorld({ roots });
    world.addViewer().play();
    world.run(5000);
    const joiner = world.addViewer({}, { named: false });
    joiner.input({ type: "tracker-joining" });
    joiner.want(0);
    world.run(150);
    joiner.want(1);
    world.run(100);
    if (answered) world.name(joiner);
    return { world, joiner };
  };

  for (const roots of [true, false]) {
    const whose = roots ? "playlist" : "verifier";

    it(`is worth a short wait: a joiner wants its second segment before it (${whose} roots)`, () => {
      const { world, joiner } = second(true, roots);
      world.run(1500);
      expect(joiner.delivered.map(({ sequence }) => sequence)).toEqual([0, 1]);
      expect(joiner.fetches).toBe(1);
    });

    it(`is not waited for when it takes long (${whose} roots)`, () => {
      const { world, joiner } = second(false, roots);
      world.run(2000);
      expect(joiner.delivered.map(({ sequence }) => sequence)).toEqual([0, 1]);
      expect(joiner.fetches).toBe(2);
    });
  }

  it("that there is no verifier ends the wait where the playlist has no roots", () => {
    const { world, joiner } = second(false, false);
    expect(joiner.fetches).toBe(1);
    joiner.input({ type: "tracker-ready", p2pAllowed: true, verifier: false });
    expect(joiner.fetches).toBe(2);
    world.run(200);
    expect(joiner.delivered.map(({ sequence }) => sequence)).toEqual([0, 1]);
  });
});

describe("a segment relayed while it arrives", () => {
  it("is sent in runs that never cross the border of a piece", () => {
    const world = createWorld({ cdnBps: 1_500_000, segmentBytes: 400_000 });
    const viewers = Array.from({ length: 3 }, () => world.addViewer());
    for (const viewer of viewers) viewer.play();
    world.run(40_000);
    const sent = viewers.flatMap((viewer) => viewer.sent.filter((output) => output.type === "send-piece"));
    expect(sent.length).toBeGreaterThan(0);
    for (const { offsetBytes, lengthBytes } of sent) {
      expect(Math.floor(offsetBytes / 65_536)).toBe(Math.floor((offsetBytes + lengthBytes - 1) / 65_536));
    }
  });
});

describe("a partner whose three transfers fall silent together", () => {
  it("is passed over once, not disconnected", () => {
    const world = createWorld({ segmentBytes: 400_000 });
    const first = world.addViewer();
    first.play();
    world.run(5000);
    const second = world.addViewer();
    second.play();
    world.run(250);
    for (const sequence of [5, 6, 7]) second.want(sequence);
    first.deaf = true;
    world.run(3000);
    const closed = second.sent.filter((output) => output.type === "close-peer");
    expect(second.core.stats().silences).toBeGreaterThan(1);
    expect(closed).toEqual([]);
  });
});

describe("a false piece found after the missing rest came from the CDN", () => {
  it("is fetched as well, instead of leaving the player without the segment", () => {
    const { world, slow, viewer: second } = createSlowUpload();
    second.play();
    world.at(150, () => void (slow.taintsPieces = true));
    world.run(60_000);
    expect(second.delivered).toHaveLength(15);
    expect(second.delivered.some(({ tainted }) => tainted)).toBe(false);
    expect(second.stalls).toBe(0);
  });

  it("is fetched even where the answer about its digest is the last thing to arrive", () => {
    const world = createWorld({ linkMs: 20, segmentBytes: 200_000 });
    const viewer = world.addViewer();
    viewer.want(0);
    world.run(500);
    const peer = world.addViewer();
    peer.play();
    world.run(3000);
    viewer.holdChecks = true;
    viewer.want(1);
    world.run(3500);
    expect(viewer.delivered.map(({ sequence }) => sequence)).toEqual([0]);
    viewer.releaseChecks(false);
    world.run(3000);
    expect(viewer.delivered.map(({ sequence }) => sequence)).toEqual([0, 1]);
  });
});

describe("bytes that nobody asked for", () => {
  it("end the link with one warning and one closed event, while late bytes of a cancelled request do not", () => {
    const world = createWorld();
    const first = world.addViewer();
    first.play();
    world.run(5000);
    const second = world.addViewer();
    second.play();
    world.run(2000);
    const chunk = (requestId: number) =>
      second.input({
        type: "chunk-received",
        peer: first.peer,
        requestId,
        offsetBytes: 0,
        lengthBytes: 100,
        data: new Uint8Array(1),
      });
    chunk(1);
    expect(second.core.stats().peers).toBe(1);
    chunk(987_654);
    world.run(1000);
    expect(second.core.stats().peers).toBe(0);
    const told = second.events.flatMap((event) =>
      event.type === "warning" ? [event.code] : event.type === "peer" ? [event.state] : [],
    );
    expect(told).toEqual(["connected", "closed", "peer-garbage"]);
  });
});
