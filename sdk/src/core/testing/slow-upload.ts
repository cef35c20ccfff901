import { createWorld } from "./world.ts";

/** A viewer that is about to play, beside one that has all segments and an uplink too narrow to bring them in time. */
export function createSlowUpload() {
  const world = createWorld({ linkMs: 20, segmentBytes: 400_000 });
  const first = world.addViewer();
  first.play();
  world.run(5000);
  first.input({ type: "upload-policy", allowed: true, maxBps: 700_000, maxBytes: Infinity });
  return { world, slow: first, viewer: world.addViewer() };
}
