import { expect, test } from "vitest";
import { createStream } from "../stream/stream.ts";
import { measureCauses, type Neighbour } from "./causes.ts";

const stream = createStream(
  { live: true, segmentMs: 4000, bitrateBps: 1e6, segmentCount: 10, windowCount: 6, rootsInPlaylist: true },
  1,
);

/** Viewers 0 and 1 are connected, 2 has no connection. */
function scene(uplinkIdle: boolean) {
  const neighbours: Neighbour[][] = [[{ index: 1, uplinkIdle }], [{ index: 0, uplinkIdle }], []];
  const measure = measureCauses(stream, 3, (viewer) => neighbours[viewer]!);
  const fetch = (viewer: number, sequence: number, bytes: number) => {
    measure.cdnRequest!(viewer, sequence, 0, false);
    measure.cdnBytes!(viewer, sequence, bytes);
    measure.delivered!(viewer, sequence, bytes, 0, 0);
  };
  return { measure, fetch };
}

test("each CDN byte is put down to why it was asked for", () => {
  const { measure, fetch } = scene(true);
  for (const viewer of [0, 1, 2]) fetch(viewer, 0, 100);
  fetch(0, 1, 200);
  fetch(1, 1, 300);
  fetch(2, 1, 100);
  fetch(2, 2, 50);
  fetch(0, 2, 150);
  expect(measure.figures()).toEqual({
    startup: 0.2727,
    unlinked: 0.1364,
    first: 0.1818,
    noHolder: 0.1364,
    holdersBusy: 0,
    holderIdle: 0.2727,
  });
});

test("a holder whose uplink is in use is told from an idle one", () => {
  const { measure, fetch } = scene(false);
  for (const viewer of [0, 1]) fetch(viewer, 0, 100);
  fetch(0, 1, 100);
  fetch(1, 1, 100);
  expect(measure.figures()).toMatchObject({ startup: 0.5, first: 0.25, holdersBusy: 0.25, holderIdle: 0 });
});
