import { describe, expect, it } from "vitest";
import { createAccount } from "./account.ts";

describe("account", () => {
  it("counts the CDN at the origin, from the first answer on, waste included", () => {
    const account = createAccount();
    account.tick(5_000, true);
    account.used(1, { peerBytes: 0, cdnBytes: 100 });
    account.used(2, { peerBytes: 100, cdnBytes: 0 });
    account.tick(5_120, true);
    account.tick(null, true);
    expect(account.summary()).toEqual({
      used: { peerBytes: 100, cdnBytes: 100 },
      sentBytes: 120,
      offload: 0.4,
      offloadByPlayers: 0.5,
    });
  });

  it("starts the summary anew without losing the running sums", () => {
    const account = createAccount();
    account.tick(0, true);
    account.used(1, { peerBytes: 80, cdnBytes: 20 });
    account.tick(20, true);
    account.rebase();
    expect(account.summary().offload).toBeNull();
    account.departed(1);
    account.used(1, { peerBytes: 0, cdnBytes: 10 });
    account.tick(30, true);
    expect(account.summary()).toMatchObject({
      used: { peerBytes: 0, cdnBytes: 10 },
      sentBytes: 10,
      offload: 0,
    });
    expect(account.running()).toEqual({ peerBytes: 80, cdnBytes: 30 });
  });

  it("falls back to the players' own count for a server that cannot be asked", () => {
    const account = createAccount();
    account.tick(700, true);
    account.used(1, { peerBytes: 30, cdnBytes: 10 });
    account.tick(700, false);
    account.used(1, { peerBytes: 30, cdnBytes: 15 });
    account.tick(null, false);
    expect(account.summary()).toMatchObject({ sentBytes: 15 });
    account.tick(760, true);
    expect(account.running().cdnBytes).toBe(75);
  });
});
