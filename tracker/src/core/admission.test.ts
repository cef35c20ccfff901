import { expect, it } from "vitest";
import {
  createCoreRig,
  helloMessage,
  joinMessage,
  peerOfSession,
  type CoreRig,
} from "../testing/core-rig.ts";
import type { Admission } from "./model.ts";

const contentHashOf = (contentId: string) => new Uint8Array(32).fill(contentId.charCodeAt(0));

function admissionOf(publisher: string, changes: Partial<Admission> = {}): Admission {
  return {
    publisher,
    publisherId: new Uint8Array(16),
    contentHash: contentHashOf("film"),
    origins: new Set(),
    resumeTicket: Uint8Array.of(7, 7),
    ...changes,
  };
}

const createClosedRig = () => createCoreRig({ open: false, contentHashOf, originAllowed: () => false });

function admit(rig: CoreRig, session: number, admission: Admission) {
  rig.open(session);
  rig.say(session, helloMessage);
  const verdict = { kind: "signed", peer: peerOfSession(session), admission } as const;
  return rig.feed({ type: "hello-checked", session, verdict });
}

it("hands the ticket for coming back to whom a publisher vouches for", () => {
  const rig = createClosedRig();
  admit(rig, 1, admissionOf("acme"));
  expect(rig.told(1, "welcome")).toMatchObject({ p2pAllowed: true, resumeTicket: Uint8Array.of(7, 7) });
});

it("holds a session to the title of its token", () => {
  const rig = createClosedRig();
  admit(rig, 1, admissionOf("acme"));
  rig.join(1, "film");
  expect(rig.told(1, "swarm").viewerCount).toBe(1);
  rig.join(1, "another film");
  expect(rig.told(1, "error")).toMatchObject({ code: "wrong-content", fatal: true });
  expect(rig.isClosed(1)).toBe(true);
  expect(rig.core.stats().swarms).toEqual([]);
});

it("lets a token for every title into every one", () => {
  const rig = createClosedRig();
  admit(rig, 1, admissionOf("acme", { contentHash: null }));
  for (const title of ["film", "another film"]) {
    rig.join(1, title);
    expect(rig.told(1, "swarm").viewerCount).toBe(1);
  }
});

it("keeps publishers apart who name a title alike", () => {
  const rig = createClosedRig();
  for (const [session, publisher] of [
    [1, "acme"],
    [2, "other"],
    [3, "acme"],
  ] as const) {
    admit(rig, session, admissionOf(publisher));
    rig.join(session, "film");
  }
  expect(rig.told(3, "swarm").viewerCount).toBe(2);
  expect(rig.told(3, "peers").peers).toMatchObject([{ peer: peerOfSession(1) }]);
});

it("has roots computed from origins of the session's own publisher only", () => {
  const rig = createClosedRig();
  const origin = "https://cdn.acme.example";
  const segment = { track: 1, sequence: 1, part: -1, fingerprint: 2 };
  const segments = [{ id: segment, url: `${origin}/1.ts`, rangeStart: 0, rangeLength: 0 }];
  const enter = (session: number, publisher: string, origins: string[]) => {
    admit(rig, session, admissionOf(publisher, { origins: new Set(origins) }));
    rig.say(session, joinMessage("film", { origins: [origin] }));
    rig.say(session, { type: "hashes", segments });
  };
  enter(1, "acme", [origin]);
  enter(2, "other", ["https://cdn.other.example"]);
  expect(rig.told(2, "error")).toMatchObject({ code: "not-admitted", fatal: false });
  enter(3, "acme", [origin]);
  expect(rig.out).toMatchObject([{ type: "verify-segment", source: { url: `${origin}/1.ts` } }]);
});
