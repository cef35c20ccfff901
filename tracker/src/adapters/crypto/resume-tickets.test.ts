import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createResumeTickets, resumeTicketLifetimeMs } from "./resume-tickets.ts";
import { loadTrackerKey } from "./tracker-key.ts";

const nowMs = 1_700_000_000_000;
const sessionKey = new Uint8Array(32).fill(3);
const holder = {
  sessionKey,
  publisherId: new Uint8Array(16).fill(4),
  contentHash: new Uint8Array(32).fill(5),
};
const tickets = createResumeTickets(loadTrackerKey(null));

it("gives back what it was made of until it expires", async () => {
  for (const made of [holder, { ...holder, contentHash: null }]) {
    const ticket = tickets.issue(made, nowMs);
    expect(ticket.length).toBe(201);
    const lastMs = nowMs + resumeTicketLifetimeMs - 1;
    expect(await tickets.check(ticket, sessionKey, lastMs)).toEqual({ ok: true, holder: made });
    expect(await tickets.check(ticket, sessionKey, lastMs + 1)).toMatchObject({
      ok: false,
      code: "token-expired",
    });
  }
});

it("is good at another tracker with the same key, and at no other", async () => {
  const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), "tributary-tickets-")));
  const here = createResumeTickets(loadTrackerKey(folders[0]!));
  cpSync(join(folders[0]!, "tracker-key.pem"), join(folders[1]!, "tracker-key.pem"));
  const there = createResumeTickets(loadTrackerKey(folders[1]!));
  const ticket = here.issue(holder, nowMs);
  expect(await there.check(ticket, sessionKey, nowMs)).toEqual({ ok: true, holder });
  expect(await tickets.check(ticket, sessionKey, nowMs)).toMatchObject({ ok: false, code: "token-invalid" });
  for (const folder of folders) rmSync(folder, { recursive: true });
});

it("is worth nothing after any bit of it has changed", async () => {
  const ticket = tickets.issue(holder, nowMs);
  for (let at = 0; at < ticket.length; at++) {
    const changed = ticket.slice();
    changed[at]! ^= 1 << (at % 8);
    expect(await tickets.check(changed, sessionKey, nowMs)).toMatchObject({ ok: false });
  }
});
