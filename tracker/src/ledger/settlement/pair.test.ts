import { accumulate, EMPTY_ACC, type Link, type StatementEntry } from "@tributary/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, entryOf, grantOf, linksOf, SEGMENT_BYTES, sequence, sha256 } from "../testing/scene.ts";
import { isSameClaim, type RootsOf } from "./chain.ts";
import { comparePair } from "./pair.ts";

const MB = SEGMENT_BYTES;
const grant = grantOf("grant");
const ten = linksOf(sequence(0, 10));
const trueRoot: RootsOf = ({ segment }) =>
  segment.sequence < 1_000 ? [{ root: bytesOf(`root ${segment.sequence}`), sizeBytes: MB }] : [];

type Role = StatementEntry["role"];
const ROLES = ["uploader", "downloader"] as const;
const otherThan = (role: Role): Role => (role === "uploader" ? "downloader" : "uploader");
const stated = (role: Role, links: readonly Link[], seq?: number, told?: readonly Link[]) =>
  entryOf(grant, role, links, seq, told);

function compare(entries: readonly StatementEntry[], rootsOf = trueRoot) {
  const by = (role: Role) => entries.filter((entry) => entry.role === role);
  const sides = { uploader: by("uploader"), downloader: by("downloader"), putOff: true };
  const { verdict, links, bytesMax } = comparePair(sides, rootsOf, sha256);
  const linked = links.reduce((sum, link) => sum + link.bytes, 0);
  return { verdict, bytes: Math.min(linked, bytesMax), convicts: verdict === "lie" };
}

describe.each(ROLES)("where the %s's account goes on after the other's end", (role) => {
  const behind = stated(otherThan(role), ten.slice(0, 2));
  const paid = (verdict: string, segments: number) => ({ verdict, bytes: segments * MB, convicts: false });

  it("it is paid, however far it goes on", () => {
    expect(compare([behind, stated(role, ten)])).toEqual(paid("agreed", 10));
    expect(compare([behind, stated(role, ten.slice(0, 3))])).toEqual(paid("agreed", 3));
  });

  it("it is paid as much as had the other stated nothing", () => {
    expect(compare([stated(role, ten)])).toEqual(paid("one-sided", 10));
  });

  it("it is not paid beyond what its own links prove", () => {
    const lost = stated(role, ten, 10, ten.slice(5));
    expect(compare([behind, lost])).toEqual(paid("agreed", 2));
    const short = [stated(role, ten.slice(0, 4)), lost];
    expect(compare([behind, ...short])).toEqual(paid("agreed", 2));
    const unknown = [...ten.slice(0, 9), ...linksOf([1_000])];
    expect(compare([behind, stated(role, unknown)])).toEqual(paid("agreed", 2));
  });

  it("it is not paid for bytes that its links do not add up to", () => {
    expect(compare([behind, { ...stated(role, ten), bytes: 11 * MB }])).toEqual(paid("agreed", 2));
  });

  it("T4 the lower is paid where it begins otherwise, which brands nobody", () => {
    const elsewhere = stated(role, [...linksOf([50]), ...ten.slice(1)]);
    expect(compare([behind, elsewhere])).toEqual(paid("apart", 2));
  });

  it("the lower is paid where its counters went back", () => {
    expect(compare([behind, stated(role, ten.slice(0, 1), 9)])).toEqual(paid("apart", 1));
    const longer = stated(otherThan(role), linksOf([0, 1, 2, 3], MB / 2), 4);
    expect(compare([longer, stated(role, ten.slice(0, 2), 9)])).toEqual(paid("apart", 2));
  });

  it("the lower is paid where both count as many segments, of different content", () => {
    const elsewhere = stated(role, [...ten.slice(0, 1), ...linksOf([50])], 9);
    expect(compare([behind, elsewhere])).toEqual(paid("apart", 2));
    expect(compare([behind, { ...elsewhere, links: behind.links }])).toEqual(paid("apart", 2));
    expect(compare([behind, { ...elsewhere, links: [] }])).toEqual(paid("apart", 2));
  });

  it("nobody contradicts who states the same again under a later receipt", () => {
    expect(compare([behind, { ...stated(role, ten.slice(0, 2), 9), links: [] }])).toEqual(paid("agreed", 2));
  });

  it("it goes on only by the roots that the other's end was made of", () => {
    // Segment 0 is known under two roots, and the other side signed the second one.
    const rival = { root: bytesOf("root 70"), sizeBytes: MB };
    const either: RootsOf = (link) => [...trueRoot(link), ...(link.segment.sequence === 0 ? [rival] : [])];
    const acc = [bytesOf("root 70"), bytesOf("root 1")].reduce(
      (before, root, at) => accumulate(sha256, before, ten[at]!.segment, root, MB),
      EMPTY_ACC,
    );
    expect(compare([{ ...behind, acc }], either)).toEqual(paid("one-sided", 2));
    expect(compare([{ ...behind, acc }, stated(role, ten)], either).bytes).toBe(2 * MB);
    expect(compare([behind, stated(role, ten)], either)).toEqual(paid("agreed", 10));
  });
});

it("whatever two sides claim, two claims for one receipt convict, and nothing else does", () => {
  const claim = (role: Role) =>
    fc
      .record({
        seq: fc.integer({ min: 1, max: 3 }),
        segments: fc.integer({ min: 1, max: 3 }),
        from: fc.constantFrom(0, 50),
        told: fc.nat({ max: 3 }),
      })
      .map(({ seq, segments, from, told }) => {
        const links = linksOf(sequence(from, from + segments));
        return stated(role, links, seq, links.slice(-Math.min(told, segments) || segments));
      });
  fc.assert(
    fc.property(claim("uploader"), claim("downloader"), (up, down) => {
      const { verdict, bytes, convicts } = compare([up, down]);
      expect(convicts).toBe(up.seq === down.seq && !isSameClaim(up, down));
      expect(bytes).toBeLessThanOrEqual(Math.max(up.bytes, down.bytes));
      // Contradiction never pays more than either side claims.
      if (verdict !== "agreed") expect(bytes).toBeLessThanOrEqual(Math.min(up.bytes, down.bytes));
    }),
  );
});
