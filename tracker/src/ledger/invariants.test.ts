import { expect, it } from "vitest";
import { brokenInvariants, type AccountBalance } from "./invariants.ts";
import { ZERO_BALANCE } from "./transfers.ts";

const balance = (
  id: string,
  kind: AccountBalance["kind"],
  fields: Partial<AccountBalance>,
): AccountBalance => ({
  ...ZERO_BALANCE,
  id,
  kind,
  ...fields,
});
const sound = [
  balance("treasury", "treasury", { debitsPosted: 100n, creditsPosted: 5n }),
  balance("publisher:1", "publisher", { creditsPosted: 100n, debitsPosted: 40n, debitsPending: 60n }),
  balance("escrow", "escrow", {
    creditsPosted: 40n,
    creditsPending: 60n,
    debitsPosted: 5n,
    debitsPending: 35n,
  }),
  balance("peer:1", "peer", { creditsPending: 35n }),
];
const changed = (id: string, fields: Partial<AccountBalance>) =>
  brokenInvariants(sound.map((account) => (account.id === id ? { ...account, ...fields } : account)));

it("holds for a sound ledger", () => {
  expect(brokenInvariants(sound)).toEqual([]);
});

it("names each law that is broken", () => {
  expect(changed("treasury", { debitsPosted: 99n })).toEqual(["debits of 144 are not credits of 145"]);
  expect(changed("peer:1", { creditsPending: 34n })).toEqual([
    "pending debits of 95 are not pending credits of 94",
  ]);
  expect(changed("publisher:1", { debitsPending: 61n })).toContain("publisher:1 is overdrawn by 1");
  expect(changed("escrow", { creditsPosted: 34n })).toContain(
    "35 paid to peers of 34 collected from publishers",
  );
  expect(changed("peer:1", { creditsPending: -1n })).toContain("peer:1 has less than nothing pending");
});
