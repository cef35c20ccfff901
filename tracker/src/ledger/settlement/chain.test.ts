import type { StatementEntry } from "@tributary/protocol";
import { describe, expect, it } from "vitest";
import { bytesOf, entryOf, grantOf, linksOf, SEGMENT_BYTES, sequence, sha256 } from "../testing/scene.ts";
import { provingLinks, type RootsOf, sideOf } from "./chain.ts";

const grant = grantOf("grant");
const trueRoot: RootsOf = ({ segment }) => [
  { root: bytesOf(`root ${segment.sequence}`), sizeBytes: SEGMENT_BYTES },
];
/** As if somebody had the root of another resource computed for every segment id, and these came first. */
const besideRivals =
  (count: number): RootsOf =>
  (link) => [
    ...Array.from({ length: count }, (_, rival) => ({
      root: bytesOf(`rival ${rival} of ${link.segment.sequence}`),
      sizeBytes: SEGMENT_BYTES + 1,
    })),
    ...trueRoot(link),
  ];

/** What a side stated of so many segments, a few more with each statement. */
function stated(segments: number, each: number): StatementEntry[] {
  const links = linksOf(sequence(0, segments));
  return Array.from({ length: Math.ceil(segments / each) }, (_, at) => {
    const end = Math.min(segments, (at + 1) * each);
    return entryOf(grant, "downloader", links.slice(0, end), end, links.slice(at * each, end));
  });
}

function prove(entries: readonly StatementEntry[], rootsOf: RootsOf) {
  const side = sideOf(entries)!;
  return provingLinks(side, side.claim, rootsOf, sha256);
}

describe("a chain under several roots for each segment id", () => {
  it.each([1, 2])("is proved by those that it was made of, beside %i rivals", (rivals) => {
    const links = prove(stated(100, 4), besideRivals(rivals))!;
    expect(links).toHaveLength(100);
    expect(new Set(links.map(({ sizeBytes }) => sizeBytes))).toEqual(new Set([SEGMENT_BYTES]));
  });

  it("is proved though an earlier claim of the same side lies", () => {
    const [first, ...rest] = stated(6, 2);
    const lying = [{ ...first!, acc: bytesOf("lie") }, ...rest];
    expect(prove(lying, besideRivals(1))).toHaveLength(6);
    expect(prove(lying, trueRoot)).toHaveLength(6);
  });

  it("is given up rather than searched for ever", () => {
    let hashes = 0;
    const side = sideOf(stated(60, 60))!;
    const counting = (bytes: Uint8Array) => {
      hashes++;
      return sha256(bytes);
    };
    expect(provingLinks(side, side.claim, besideRivals(1), counting)).toBeNull();
    expect(hashes).toBeLessThan(4_200);
  });

  it("is not proved by rivals alone, nor by a link larger than its segment", () => {
    const rivalsOnly: RootsOf = (link) => besideRivals(2)(link).slice(0, 2);
    expect(prove(stated(4, 2), rivalsOnly)).toBeNull();
    const small: RootsOf = (link) =>
      trueRoot(link).map((root) => ({ ...root, sizeBytes: SEGMENT_BYTES - 1 }));
    expect(prove(stated(4, 2), small)).toBeNull();
  });

  it("of no link is proved by the empty accumulator alone", () => {
    const [entry] = stated(1, 1);
    const nothing = { ...entry!, bytes: 0, segments: 0, links: [] };
    expect(prove([nothing], trueRoot)).toBeNull();
    expect(prove([{ ...nothing, acc: new Uint8Array(32) }], trueRoot)).toEqual([]);
  });
});
