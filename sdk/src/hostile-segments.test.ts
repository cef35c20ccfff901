import { expect, it } from "vitest";
import { KINDS } from "./testing/hostile-lies.ts";
import { offerHostileSegments } from "./testing/hostile-segments.ts";

/** `npm run hostile` offers ten thousand of each. */
const SEGMENTS_MIN = 30;

for (const kind of KINDS) {
  it(`T2 ${kind}: not one false byte is delivered or relayed, and some are where nothing is checked`, async () => {
    const run = { kind, seed: 1, segmentsMin: SEGMENTS_MIN };
    const defended = await offerHostileSegments({ ...run, defended: true });
    expect(defended.hostileSegments).toBeGreaterThanOrEqual(SEGMENTS_MIN);
    expect(defended.delivered.falseBytes).toBe(0);
    expect(defended.relayed.falseBytes).toBe(0);
    expect(defended.delivered.bytes).toBeGreaterThan(0);
    expect(defended.relayed.bytes).toBeGreaterThan(0);
    const undefended = await offerHostileSegments({ ...run, defended: false });
    expect(undefended.delivered.falseBytes).toBeGreaterThan(0);
    expect(undefended.relayed.falseBytes).toBeGreaterThan(0);
  });
}
