import { describe, expect, it } from "vitest";
import { seededRandom } from "./figures/statistics.ts";
import { rowsOf } from "./rows.ts";
import { cell, plainCell } from "./testing/cells.ts";

const rows = (...cells: Parameters<typeof rowsOf>[0]) => rowsOf(cells, seededRandom(1));

describe("rows", () => {
  it("join the runs of one kind in one scene, whatever ran between them", () => {
    const [tributary, plain] = rows(
      cell({ offloadRatio: 0.7, stalls: 1 }),
      plainCell(),
      cell({ run: 2, offloadRatio: 0.76, stalls: 0 }),
      cell({ run: 3, offloadRatio: 0.74, stalls: 4 }),
    );
    expect(tributary).toMatchObject({
      kind: "tributary",
      runs: 3,
      offloadRatio: { median: 0.74, min: 0.7, max: 0.76 },
      stalls: [1, 0, 4],
      baseline: "plain",
      cpuRatio: 1.25,
    });
    expect(plain).toMatchObject({
      kind: "plain",
      runs: 1,
      baseline: null,
      cpuRatio: null,
      offloadRatio: null,
    });
  });

  it("keep scenes and sources of roots apart", () => {
    const all = rows(cell(), cell({ roots: "verifier" }), cell({ scene: "churn" }));
    expect(all.map(({ scene, roots }) => `${scene} ${roots}`)).toEqual([
      "live-4s playlist",
      "live-4s verifier",
      "churn playlist",
    ]);
  });

  it("compare P2P Media Loader with its own hls.js, or with the other where that did not run", () => {
    const p2pml = cell({ kind: "p2pml", roots: null });
    expect(rows(p2pml, plainCell(), plainCell({ kind: "plain-1.6" }))[0]?.baseline).toBe("plain-1.6");
    expect(rows(p2pml, plainCell())[0]?.baseline).toBe("plain");
    expect(rows(p2pml, plainCell({ scene: "churn" }))[0]?.baseline).toBeNull();
  });

  it("pool the starts of all runs, and say how many never came", () => {
    const [row] = rows(
      cell({ startupsMs: [400, 400, null, 420] }),
      cell({ run: 2, startupsMs: [400, 400, 400, 900] }),
      plainCell({ startupsMs: [200, 200, 200, 200] }),
    );
    expect(row?.startup).toMatchObject({
      count: 8,
      medianMs: 400,
      maxMs: 900,
      neverStarted: 1,
      withPeers: null,
    });
    expect(row?.startup.ratio).toMatchObject({ ratio: 2, low: 2 });
  });

  it("compare each viewer's latency with that of the plain one which joined at the same phase", () => {
    const [row] = rows(
      cell({ latenciesSeconds: [12.2, 13.2, 14.2, null] }),
      plainCell({ latenciesSeconds: [12, 13, 14, 19] }),
      plainCell({ run: 2, latenciesSeconds: [12, 13, 14, 19] }),
    );
    expect(row?.latencySeconds?.median).toBe(13.2);
    expect(row?.latencyOverPlainSeconds?.median).toBeCloseTo(0.2, 10);
  });
});
