import { expect, it } from "vitest";
import { variantName, variantsOf, type KindName } from "./kinds.ts";

const names = (runsOf: readonly (readonly [KindName, number])[], run: number) =>
  variantsOf(new Map(runsOf), ["playlist", "verifier"], run).map(variantName);

it("runs Tributary once for each source of roots, and begins each repetition with another variant", () => {
  const runsOf = [
    ["plain", 2],
    ["tributary", 2],
  ] as const;
  expect(names(runsOf, 1)).toEqual(["plain", "tributary (roots: playlist)", "tributary (roots: verifier)"]);
  expect(names(runsOf, 2)).toEqual(["tributary (roots: playlist)", "tributary (roots: verifier)", "plain"]);
});

it("leaves out the kinds that have had their runs", () => {
  const runsOf = [
    ["plain", 1],
    ["p2pml", 2],
  ] as const;
  expect(names(runsOf, 2)).toEqual(["p2pml"]);
  expect(names(runsOf, 3)).toEqual([]);
});
