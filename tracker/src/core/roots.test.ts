import { expect, it } from "vitest";
import { encodeHex, segmentKeyOf, type ClientMessageOf } from "@tributary/protocol";
import { createCoreRig, nameDigestOf, segmentOf, type CoreRig } from "../testing/core-rig.ts";
import { rootsPerSwarmMax } from "./limits.ts";

const ORIGIN = "https://cdn.example";
const root = new Uint8Array(32).fill(5);

function ask(sequences: readonly number[], url = `${ORIGIN}/seg.ts`): ClientMessageOf<"hashes"> {
  const segments = sequences.map((sequence) => ({
    id: segmentOf(sequence),
    url,
    rangeStart: 0,
    rangeLength: 0,
  }));
  return { type: "hashes", segments };
}

function withViewers(count: number, config: Parameters<typeof createCoreRig>[0] = {}): CoreRig {
  const rig = createCoreRig(config);
  for (let session = 1; session <= count; session++) rig.enter(session, undefined, { origins: [ORIGIN] });
  return rig;
}

const sourceAt = (url: string) => ({ url, rangeStart: 0, rangeLength: 0 });
const nameAt = (url = `${ORIGIN}/seg.ts`) => nameDigestOf(sourceAt(url));
const conflict = (sequence: number) =>
  ({ type: "root-conflict", segment: segmentOf(sequence), name: nameAt() }) as const;

function verified(rig: CoreRig, sequence: number, ok = true, name = nameAt(), hash = root) {
  const swarm = encodeHex(new Uint8Array(32).fill("film".length + "film".charCodeAt(0)));
  const segment = segmentKeyOf(segmentOf(sequence));
  const result = ok
    ? ({ ok: true, sizeBytes: 1000, root: hash } as const)
    : ({ ok: false, reason: "status 404" } as const);
  return rig.feed({ type: "segment-verified", swarm, segment, name, result });
}

const fetches = (rig: CoreRig) => rig.out.filter((output) => output.type === "verify-segment");
const pushes = (rig: CoreRig) => rig.out.filter((output) => output.type === "send-roots");

it("fetches nothing for a lone viewer, however often it asks", () => {
  const rig = withViewers(1);
  for (let round = 0; round < 3; round++) {
    rig.say(1, ask([1, 2]));
    expect(fetches(rig)).toEqual([]);
  }
});

it("fetches once when a second viewer asks, tells both, and later ones from memory", () => {
  const rig = withViewers(4);
  rig.say(1, ask([1]));
  rig.say(2, ask([1]));
  expect(fetches(rig)).toMatchObject([{ segment: segmentOf(1), source: { url: `${ORIGIN}/seg.ts` } }]);
  rig.say(3, ask([1]));
  expect(fetches(rig)).toEqual([]);
  verified(rig, 1);
  expect(pushes(rig)).toMatchObject([{ sessions: [1, 2, 3], roots: [{ sizeBytes: 1000, root }] }]);
  rig.say(4, ask([1]));
  expect(pushes(rig)).toMatchObject([{ sessions: [4] }]);
  expect(fetches(rig)).toEqual([]);
});

it("does not count a viewer who left: a reload is not a second viewer", () => {
  const rig = withViewers(1);
  rig.say(1, ask([1]));
  rig.enter(2, undefined, { origins: [ORIGIN] });
  rig.feed({ type: "closed", session: 1 });
  rig.say(2, ask([1]));
  expect(fetches(rig)).toEqual([]);
});

it("does not tell a viewer who moved to another title", () => {
  const rig = withViewers(3);
  for (const session of [1, 2, 3]) rig.say(session, ask([1]));
  rig.join(3, "another film");
  verified(rig, 1);
  expect(pushes(rig)).toMatchObject([{ sessions: [1, 2] }]);
});

it("refuses origins that JOIN did not name or the operator does not allow, once each", () => {
  const rig = withViewers(2, { originAllowed: (origin) => origin === ORIGIN });
  rig.join(1, "film", { origins: [ORIGIN, "https://other.example"] });
  rig.say(1, ask([1], "https://evil.example/seg.ts"));
  expect(rig.told(1, "error")).toMatchObject({ code: "not-admitted", fatal: false });
  expect(rig.told(1, "error").message).toContain("JOIN did not name it");
  rig.say(1, ask([1], "https://other.example/seg.ts"));
  expect(rig.told(1, "error").message).toContain("--origin");
  rig.say(1, ask([2], "https://other.example/seg.ts"));
  expect(rig.out).toEqual([]);
  rig.say(1, ask([3], "file:///etc/passwd"));
  expect(fetches(rig)).toEqual([]);
});

it("tries another viewer's URL after a failure, then waits until somebody asks again", () => {
  const rig = withViewers(3);
  rig.say(1, ask([1], `${ORIGIN}/seg.ts?viewer=1`));
  rig.say(2, ask([1], `${ORIGIN}/seg.ts?viewer=2`));
  expect(fetches(rig)).toMatchObject([{ source: { url: `${ORIGIN}/seg.ts?viewer=1` } }]);
  verified(rig, 1, false);
  expect(fetches(rig)).toMatchObject([{ source: { url: `${ORIGIN}/seg.ts?viewer=2` } }]);
  verified(rig, 1, false);
  expect(fetches(rig)).toEqual([]);
  rig.say(3, ask([1]));
  expect(fetches(rig)).toEqual([]);
  rig.advance(10_000);
  rig.say(3, ask([1]));
  expect(fetches(rig)).toHaveLength(1);
  verified(rig, 1);
  expect(pushes(rig)).toMatchObject([{ sessions: [1, 2, 3] }]);
});

it("a contradicted root stayed with those who had been given it: they are told that it counts no more", () => {
  const rig = withViewers(4);
  rig.join(4, "another film");
  for (const session of [1, 2, 3]) rig.say(session, ask([1]));
  verified(rig, 1);
  rig.say(2, conflict(1));
  const told = rig.out.map((output) => output.type === "send" && [output.session, output.message]);
  const { segment, name } = conflict(1);
  const message = { type: "root-conflict", segment, name };
  expect(told).toEqual([
    [1, message],
    [3, message],
  ]);
  rig.say(1, conflict(1));
  expect(rig.out).toEqual([]);
});

it("gives a contradicted root to nobody any more and counts it once", () => {
  const rig = withViewers(3);
  rig.say(1, ask([1]));
  rig.say(2, ask([1]));
  verified(rig, 1);
  for (const session of [1, 2]) rig.say(session, conflict(1));
  rig.say(3, ask([1]));
  expect(rig.out).toEqual([]);
  const { quarantined, lastConflicts } = rig.core.stats().roots;
  expect(quarantined).toBe(1);
  expect(lastConflicts).toMatchObject([{ segment: segmentKeyOf(segmentOf(1)) }]);
});

it("takes no report about a root that was never given", () => {
  const rig = withViewers(2);
  rig.say(1, conflict(1));
  rig.say(1, ask([1]));
  rig.say(2, ask([1]));
  expect(fetches(rig)).toHaveLength(1);
});

it("says that there is no verifier", () => {
  const rig = withViewers(1, { verifier: false });
  rig.say(1, ask([1]));
  expect(rig.told(1, "error")).toMatchObject({ code: "not-admitted", fatal: false });
});

it("limits how many segments one session asks for", () => {
  const rig = withViewers(1);
  const many = ask(Array.from({ length: 64 }, (_, sequence) => sequence));
  let refused = 0;
  for (let round = 0; round < 20; round++)
    if (rig.say(1, many).some((output) => output.type === "send")) refused++;
  expect(refused).toBeGreaterThan(0);
});

it("keeps roots for the next viewers of a title, under that day's swarm, and quarantined ones out of use", () => {
  let day = 0;
  const swarmIdOf = (title: string) => new Uint8Array(32).fill(title.length - 1 + title.charCodeAt(1) + day);
  const rig = withViewers(2, { swarmIdOf });
  for (const session of [1, 2]) rig.say(session, ask([1, 2, 3]));
  verified(rig, 1);
  verified(rig, 2);
  rig.say(1, conflict(2));
  for (const session of [1, 2]) rig.feed({ type: "closed", session });
  expect(rig.core.stats()).toMatchObject({ swarms: [], roots: { resting: 2 } });
  // What was still being fetched comes to nobody.
  verified(rig, 3);
  expect(rig.out).toEqual([]);

  day = 1;
  rig.advance(9 * 60_000);
  for (const session of [3, 4]) rig.enter(session, undefined, { origins: [ORIGIN] });
  rig.say(3, ask([1, 2, 3]));
  expect(pushes(rig)).toMatchObject([
    { sessions: [3], swarm: swarmIdOf("\0film"), roots: [{ segment: segmentOf(1) }] },
  ]);
  rig.say(4, ask([2, 3]));
  expect(fetches(rig)).toMatchObject([{ segment: segmentOf(3) }]);
  expect(rig.core.stats().roots.resting).toBe(0);
});

it("forgets the roots of a title that nobody watched for ten minutes", () => {
  const rig = withViewers(2);
  for (const session of [1, 2]) rig.say(session, ask([1]));
  verified(rig, 1);
  for (const session of [1, 2]) rig.feed({ type: "closed", session });
  rig.advance(11 * 60_000);
  for (const session of [3, 4]) rig.enter(session, undefined, { origins: [ORIGIN] });
  for (const session of [3, 4]) rig.say(session, ask([1]));
  expect(fetches(rig)).toHaveLength(1);
});

it("lets the viewers of one address put only so many roots out of use, on one word each", () => {
  const rig = withViewers(2);
  const sequences = Array.from({ length: 40 }, (_, sequence) => sequence);
  for (const session of [1, 2]) rig.say(session, ask(sequences));
  for (const sequence of sequences) verified(rig, sequence);
  const contradict = (session: number) => {
    for (const sequence of sequences) rig.say(session, conflict(sequence));
    return rig.core.stats().roots.quarantined;
  };
  expect(contradict(1)).toBe(16);
  rig.enter(3, "203.0.1.9", { origins: [ORIGIN] });
  expect(contradict(3)).toBe(16);
  expect(contradict(2)).toBe(32);
  for (let round = 0; round < 2; round++) {
    rig.advance(35_000);
    rig.say(1, { type: "ping", nonce: round });
  }
  expect(contradict(1)).toBe(33);
});

it("another resource named for a segment first changes nothing for those who name the true one", () => {
  const rig = withViewers(4);
  const lie = `${ORIGIN}/lie/hx5a9o7.ts`;
  const lieRoot = new Uint8Array(32).fill(6);
  rig.say(1, ask([1], lie));
  rig.say(2, ask([1], lie));
  expect(fetches(rig)).toMatchObject([{ name: nameAt(lie), source: { url: lie } }]);
  verified(rig, 1, true, nameAt(lie), lieRoot);
  expect(pushes(rig)).toMatchObject([{ sessions: [1, 2], roots: [{ name: nameAt(lie), root: lieRoot }] }]);

  rig.say(3, ask([1]));
  expect(rig.out).toEqual([]);
  rig.say(4, ask([1]));
  expect(fetches(rig)).toMatchObject([{ name: nameAt(), source: { url: `${ORIGIN}/seg.ts` } }]);
  verified(rig, 1);
  expect(pushes(rig)).toMatchObject([{ sessions: [3, 4], roots: [{ name: nameAt(), root }] }]);

  // Nor can one who was told the lie's root put the true one out of use with a word against the lie's.
  rig.say(1, { ...conflict(1), name: nameAt(lie) });
  rig.say(2, ask([1]));
  expect(pushes(rig)).toMatchObject([{ sessions: [2], roots: [{ root }] }]);
});

it("names made up for one segment fill no more of the memory than made-up segments", () => {
  const rig = withViewers(2);
  rig.say(1, ask([1]));
  rig.say(2, ask([1]));
  verified(rig, 1);
  for (let first = 0; first < rootsPerSwarmMax; first += 32) {
    const segments = Array.from(
      { length: 32 },
      (_, at) => ask([1], `${ORIGIN}/${first + at}.ts`).segments[0]!,
    );
    rig.advance(1_000);
    rig.say(1, { type: "hashes", segments });
    rig.say(2, { type: "ping", nonce: first });
  }
  rig.say(2, ask([1]));
  expect(fetches(rig)).toEqual([]);
  expect(pushes(rig)).toEqual([]);
  rig.say(1, ask([1]));
  expect(fetches(rig)).toHaveLength(1);
});
