import { describe, expect, it } from "vitest";
import { createIdentities, type Identities } from "./identify.ts";

const named = (identities: Identities, ids: string) =>
  [...ids].map((id) => identities.viewerOf(id) ?? "?").join("");

describe("finding out who is who", () => {
  it("names two viewers as soon as both list the other, not before", () => {
    const identities = createIdentities();
    identities.lists(1, ["b"]);
    identities.lists(2, []);
    expect(named(identities, "ab")).toBe("??");
    identities.lists(2, ["a"]);
    expect(named(identities, "ab")).toBe("12");
  });

  it("names a full mesh whatever the order of the reports", () => {
    const everybody = ["a", "b", "c", "d"];
    for (const order of [
      [1, 2, 3, 4],
      [4, 2, 1, 3],
    ]) {
      const identities = createIdentities();
      for (const viewer of order) identities.lists(viewer, []);
      for (const viewer of order) {
        identities.lists(
          viewer,
          everybody.filter((_, index) => index !== viewer - 1),
        );
      }
      expect(named(identities, "abcd")).toBe("1234");
    }
  });

  it("leaves a peer in another tab unnamed", () => {
    const identities = createIdentities();
    identities.lists(1, ["b", "x"]);
    identities.lists(2, ["a", "x"]);
    identities.lists(3, []);
    expect(named(identities, "abx")).toBe("12?");
  });

  it("does not give the id of a dead viewer to its successor", () => {
    const identities = createIdentities();
    identities.lists(1, ["b", "c"]);
    identities.lists(2, ["a", "c"]);
    identities.lists(3, ["a", "b"]);
    identities.gone(3);
    identities.lists(3, ["a", "b"]);
    expect(named(identities, "abc")).toBe("12?");
    identities.lists(1, ["b", "c", "d"]);
    identities.lists(2, ["a", "c", "d"]);
    expect(named(identities, "abcd")).toBe("12?3");
  });
});
