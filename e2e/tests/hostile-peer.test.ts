import { expect, test } from "@playwright/test";
import { peerBytesOf, playOn, type SceneOptions, type Viewer, type ViewerReport } from "../src/index.ts";
import type { LieName } from "../src/hostile/contract.ts";
import { LINKED, namings, takenFrom, verdicts } from "../src/hostile/judge.ts";
import { type HostileScene, type Liar, type LiarOptions, withHostileScene } from "../src/hostile/scene.ts";

/** A minute is the whole VOD: then nobody waits for the playhead. */
const EAGER = { maxBufferLength: 60 };

const MIB = 1024 * 1024;
/** All segments but the first few. */
const LATER = "seg-([3-9]|1\\d)\\.ts";

/** With a CDN this slow a newcomer knows others long before it has all it wants. */
function slowCdn(client: string, bytesPerSecond = 300_000): Pick<SceneOptions, "hls" | "faults"> {
  return { hls: EAGER, faults: [{ match: "seg-", client, bytesPerSecond }] };
}
const SLOW_FOR_ALL = slowCdn("^viewer-");
const SLOW_BUT_FIRST = slowCdn("^viewer-[2-9]$");
/** After its start the second viewer's CDN is so slow that it follows the first one, and never overtakes it. */
const SLOW_FOLLOWER: Pick<SceneOptions, "hls" | "faults"> = {
  hls: EAGER,
  faults: [{ match: LATER, client: "^viewer-2$", bytesPerSecond: 120_000 }, ...SLOW_FOR_ALL.faults!],
};

async function enterAll(
  scene: HostileScene,
  lies: readonly LieName[],
  options?: LiarOptions,
): Promise<Liar[]> {
  const liars: Liar[] = [];
  for (const lie of lies) liars.push(await scene.enter(lie, options));
  return liars;
}

/** An honest viewer that has buffered the whole VOD. */
async function joinHolder(scene: HostileScene): Promise<Viewer> {
  const holder = await scene.join();
  await holder.until(({ bufferedEndS }) => bufferedEndS > 55, { what: "it holds the whole VOD" });
  return holder;
}

/** A victim that all the liars are linked with, or were. */
async function joinVictim(scene: HostileScene, liars: readonly Liar[]): Promise<Viewer> {
  const victim = await scene.join();
  for (const liar of liars)
    await liar.until(({ linked, endings }) => linked.length + endings.length > 0, {
      what: "it has had its link to the victim",
    });
  return victim;
}

/** Waits until the victim has named all of them and closed their links. What it made of whom shows afterwards. */
async function judged(victim: Viewer, liars: readonly Liar[]): Promise<void> {
  const isJudged = (report: ViewerReport): boolean =>
    Object.values(verdicts(report, liars)).every((verdict) => verdict.length === 1 && verdict[0] !== LINKED);
  // The verdicts themselves tell more than a wait in vain.
  await victim.until(isJudged, { what: "it has judged", timeoutMs: 12_000 }).catch(() => undefined);
}

/** One clear warning for each, and its link is closed: the victim says so, and the liar has lost it. */
async function expectThrownOut(
  ofVictim: ViewerReport,
  liars: readonly Liar[],
  code: "peer-lied" | "peer-garbage",
): Promise<void> {
  expect(verdicts(ofVictim, liars)).toEqual(Object.fromEntries(liars.map(({ lie }) => [lie, [code]])));
  for (const liar of liars)
    await liar.until(({ linked }) => linked.length === 0, {
      what: "its link to the victim has ended",
      timeoutMs: 5_000,
    });
}

async function promiseBroken(liar: Liar): Promise<void> {
  await liar.until(({ liesTold }) => liesTold > 0, { what: "the victim has asked it for something" });
}

/** Waits until everybody has got beyond what the victim was getting just now. */
async function bufferedOn({ viewers }: HostileScene, victim: Viewer): Promise<void> {
  const { bufferedEndS: lieAtS } = await victim.report();
  for (const viewer of viewers)
    await viewer.until(
      ({ bufferedEndS, durationS }) => bufferedEndS > Math.min(lieAtS + 0.5, durationS - 1),
      {
        what: "it has buffered on",
      },
    );
}

/** What must hold for every honest viewer whatever the lie; the reports in the order of the viewers. */
async function soundReports(scene: HostileScene): Promise<readonly ViewerReport[]> {
  const { reports, problems } = await scene.check();
  expect(problems).toEqual([]);
  return reports;
}

test("T2 lists that lie, and bytes that fit them: all named, none played, nothing passed on", async () => {
  await withHostileScene({ stream: "roots/vod-audio", ...SLOW_FOR_ALL }, async (scene) => {
    const liars = await enterAll(scene, ["false-list", "other-rendition", "old-segment", "cut-segment"]);
    const victim = await joinVictim(scene, liars);
    const second = await scene.join();
    await judged(victim, liars);
    await second.until(({ bufferedEndS }) => bufferedEndS > 28, { what: "it has buffered 28 s" });
    const [ofVictim, ofSecond] = (await soundReports(scene)) as [ViewerReport, ViewerReport];
    await expectThrownOut(ofVictim, liars, "peer-lied");
    expect(ofSecond).toMatchObject({ warnings: [], stats: { hashFailures: 0 } });
    expect(takenFrom(ofSecond, ofVictim.stats!.peerId!)).toBeGreaterThan(200_000);
  });
});

test("T2 true lists with false pieces: both named, also when one comes back, and their victim serves on", async () => {
  await withHostileScene({ stream: "roots/vod-ts", ...SLOW_FOR_ALL }, async (scene) => {
    // Nobody honest is there at first: a fast one would leave the liars without a question.
    const liars = [await scene.enter("bit-flip", { comesBack: true }), await scene.enter("false-pieces")];
    const victim = await joinVictim(scene, liars);
    await judged(victim, liars);
    await liars[0]!.until(({ endings }) => endings.length === 2, { what: "it has come back in vain" });
    const second = await scene.join();
    const { peerId } = (await victim.report()).stats!;
    await second.until((report) => takenFrom(report, peerId!) > 200_000, {
      what: "it is served by the victim",
    });
    const [ofVictim, ofSecond] = (await soundReports(scene)) as [ViewerReport, ViewerReport];
    await expectThrownOut(ofVictim, liars, "peer-lied");
    expect(ofSecond).toMatchObject({ warnings: [], stats: { hashFailures: 0 } });
    for (const { peer } of liars) {
      const states = ofVictim.peers.filter((event) => event.peer === peer).map(({ state }) => state);
      expect(states).toEqual(["connected", "closed"]);
    }
  });
});

test("T2 a lie at the end of a segment that is being passed on: the false piece goes nowhere", async () => {
  // A short buffer: there must be something left to take when the liar turns.
  const hls = { maxBufferLength: 12, maxMaxBufferLength: 12 };
  await withHostileScene({ stream: "roots/vod-ts", ...SLOW_FOLLOWER, hls }, async (scene) => {
    const liar = await scene.enter("late-lie");
    const victim = await joinVictim(scene, [liar]);
    const second = await scene.join();
    const { peerId } = (await victim.report()).stats!;
    // It follows close behind: whatever the victim takes from the liar it takes from the victim.
    await second.until((report) => takenFrom(report, peerId!) > 300_000, {
      what: "it takes from the victim",
    });
    const takenBefore = takenFrom(await second.report(), peerId!);
    await liar.turn();
    await judged(victim, [liar]);
    await second.until((report) => takenFrom(report, peerId!) > takenBefore + 100_000, {
      what: "the victim serves it on",
    });
    const [ofVictim, ofSecond] = (await soundReports(scene)) as [ViewerReport, ViewerReport];
    await expectThrownOut(ofVictim, [liar], "peer-lied");
    expect(ofSecond).toMatchObject({ warnings: [], stats: { hashFailures: 0 } });
  });
});

test("T2 bytes whose list is still to come: a newcomer is not given any", async () => {
  await withHostileScene({ stream: "roots/vod-ts", ...SLOW_FOLLOWER }, async (scene) => {
    const liar = await scene.enter("list-last");
    const victim = await joinVictim(scene, [liar]);
    await victim.until((report) => takenFrom(report, liar.peer) > 500_000, {
      what: "it takes from the liar while that is honest",
    });
    await liar.turn();
    await liar.until(({ liesTold }) => liesTold > 0, { what: "it has begun with its lie" });
    const second = await scene.join();
    const { peerId } = (await victim.report()).stats!;
    await second.until((report) => takenFrom(report, peerId!) > 0, { what: "it takes from the victim" });
    await liar.turn();
    await judged(victim, [liar]);
    await bufferedOn(scene, victim);
    const [ofVictim, ofSecond] = (await soundReports(scene)) as [ViewerReport, ViewerReport];
    await expectThrownOut(ofVictim, [liar], "peer-lied");
    expect(peerBytesOf(ofVictim)).toBeGreaterThan(400_000);
    expect(ofSecond).toMatchObject({ warnings: [], stats: { hashFailures: 0 } });
    expect(takenFrom(ofSecond, peerId!)).toBeGreaterThan(400_000);
  });
});

test("T2 live, roots from the verifier: false bytes and old segments under new numbers", async () => {
  await withHostileScene({ stream: "live-ts" }, async (scene) => {
    const liars = await enterAll(scene, ["old-segment", "false-pieces"]);
    const victim = await joinVictim(scene, liars);
    await scene.join();
    await judged(victim, liars);
    await playOn(scene, 6);
    const [ofVictim, ofSecond] = (await soundReports(scene)) as [ViewerReport, ViewerReport];
    await expectThrownOut(ofVictim, liars, "peer-lied");
    expect(ofSecond).toMatchObject({ warnings: [], stats: { hashFailures: 0 } });
    expect(peerBytesOf(ofVictim) + peerBytesOf(ofSecond)).toBeGreaterThan(200_000);
  });
});

test("T2 evil-verifier-race: roots asked for first, with URLs of other segments: none played, no honest one blamed", async () => {
  await withHostileScene({ stream: "vod-ts", ...SLOW_FOR_ALL }, async (scene) => {
    // Two, because the verifier fetches nothing for one.
    const liars = await enterAll(scene, ["raced-root", "raced-root"]);
    const victim = await joinVictim(scene, liars);
    const second = await scene.join();
    const { peerId } = (await victim.report()).stats!;
    await victim.until(({ bufferedEndS }) => bufferedEndS > 28, { what: "it has buffered 28 s" });
    await second.until((report) => takenFrom(report, peerId!) > 200_000, {
      what: "it is served by the victim",
    });
    const [ofVictim, ofSecond] = (await soundReports(scene)) as [ViewerReport, ViewerReport];
    expect(ofVictim.warnings.map(({ code }) => code)).toEqual(["peer-lied", "peer-lied"]);
    for (const liar of liars) expect(namings(ofVictim, liar.peer)).toHaveLength(1);
    expect(ofSecond).toMatchObject({ warnings: [], stats: { hashFailures: 0 } });
  });
});

test("T12 peers that promise and do not deliver: each is passed over, and nobody starves", async () => {
  const faults = [{ match: "seg-", client: "^viewer-", bytesPerSecond: 150_000 }];
  // Two minutes: a victim that has all it will ever want asks nobody, however long the last liar takes to come.
  await withHostileScene({ stream: "roots/vod-long", hls: EAGER, faults }, async (scene) => {
    // Halves are asked for only while nobody claims the whole: this one comes before the others.
    const liars = [await scene.enter("empty-progress")];
    const victim = await joinVictim(scene, liars);
    const { peerId } = (await victim.report()).stats!;
    await promiseBroken(liars[0]!);
    for (const lie of ["garbage-then-gone", "no-list", "silent"] as const) {
      const liar = await scene.enter(lie, { offers: true, victim: peerId });
      liars.push(liar);
      await promiseBroken(liar);
    }
    const second = await scene.join();
    await second.until((report) => takenFrom(report, peerId!) > 200_000, {
      what: "it is served by the victim",
    });
    const [ofVictim, ofSecond] = (await soundReports(scene)) as [ViewerReport, ViewerReport];
    expect(ofVictim).toMatchObject({ warnings: [], stats: { hashFailures: 0 } });
    expect(ofSecond).toMatchObject({ warnings: [], stats: { hashFailures: 0 } });
    // Three broken promises end a link; where the CDN was faster than the silence was long, none was broken.
    for (const liar of liars) expect((await liar.report()).segmentsAsked).toBeLessThanOrEqual(6);
    expect(ofVictim.stats!.peerList.map(({ id }) => id)).toContain(ofSecond.stats!.peerId);
  });
});

test("T13 messages that cannot be read, come out of turn or are signed by another: each named once", async () => {
  await withHostileScene({ stream: "roots/vod-ts", ...SLOW_FOR_ALL }, async (scene) => {
    // Nobody honest is there: a fast one would leave the liars without a question.
    const liars = await enterAll(scene, [
      "undecodable",
      "huge-frame",
      "torn-pieces",
      "out-of-line",
      "beyond-the-end",
      "never-asked",
      "wrong-signature",
      "foreign-key",
    ]);
    const victim = await joinVictim(scene, liars);
    await judged(victim, liars);
    const [ofVictim] = (await soundReports(scene)) as [ViewerReport];
    await expectThrownOut(ofVictim, liars, "peer-garbage");
    expect(ofVictim.warnings).toHaveLength(liars.length);
  });
});

const WRONG_SIZES = [
  ["tiny-size", "T3 too small a size before the root is known: no blame on the honest who say otherwise"],
  ["huge-size", "T13 too large a size before the root is known: no memory for it, and the honest serve on"],
] as const;
for (const [lie, title] of WRONG_SIZES)
  test(title, async () => {
    const slowVerifier = { match: "seg-", client: "^verifier$", delayMs: 1_500 };
    const faults = [slowVerifier, ...SLOW_BUT_FIRST.faults!];
    await withHostileScene({ stream: "vod-ts", hls: EAGER, faults }, async (scene) => {
      const { peerId } = (await (await joinHolder(scene)).report()).stats!;
      const victim = await joinVictim(scene, [await scene.enter(lie)]);
      const isServed = (report: ViewerReport): boolean =>
        takenFrom(report, peerId!) > 500_000 && report.bufferedEndS > 30;
      // Blame shows below; here it would only be a wait in vain.
      await victim.until((report) => isServed(report) || namings(report, peerId!).length > 0, {
        what: "the honest peer serves it",
      });
      const [ofHolder, ofVictim] = (await soundReports(scene)) as [ViewerReport, ViewerReport];
      expect(ofHolder.warnings).toEqual([]);
      expect(namings(ofVictim, peerId!)).toEqual([]);
      expect(ofVictim.peers.filter(({ peer }) => peer === peerId).map(({ state }) => state)).toEqual([
        "connected",
      ]);
      expect(await scene.pulseOf(victim).heldBytes()).toBeLessThan(48 * MIB);
    });
  });

test("T13 floods: the page stays awake, the flooders are thrown out, the others are served", async () => {
  // Its CDN alone would take the second viewer half a minute: it is still in need when the last flooder comes.
  await withHostileScene({ stream: "roots/vod-ts", ...slowCdn("^viewer-2$", 100_000) }, async (scene) => {
    const victim = await joinHolder(scene);
    const pulse = scene.pulseOf(victim);
    const heldBefore = await pulse.heldBytes();
    const { peerId } = (await victim.report()).stats!;
    const second = await scene.join();
    const liars: Liar[] = [];
    for (const lie of [
      "request-flood",
      "cancel-flood",
      "have-flood",
      "subscribe-flood",
      "ping-flood",
    ] as const) {
      const busyBeforeS = await pulse.busyS();
      liars.push(await scene.enter(lie, { offers: true, victim: peerId }));
      await judged(victim, liars);
      expect((await pulse.busyS()) - busyBeforeS).toBeLessThan(2);
    }
    await second.until((report) => takenFrom(report, peerId!) > 1_000_000, {
      what: "it is served by the victim",
    });
    await second.until(({ bufferedEndS }) => bufferedEndS > 55, { what: "it has buffered 55 s" });
    const [ofVictim, ofSecond] = (await soundReports(scene)) as [ViewerReport, ViewerReport];
    await expectThrownOut(ofVictim, liars, "peer-garbage");
    expect((await pulse.heldBytes()) - heldBefore).toBeLessThan(8 * MIB);
    expect(ofSecond.warnings).toEqual([]);
  });
});

test("T13 garbage for the tracker: its sender is told why and cut, the viewers notice nothing", async () => {
  await withHostileScene({ stream: "roots/live-ts" }, async (scene) => {
    await scene.join();
    await scene.join();
    for (const viewer of scene.viewers)
      await viewer.until(({ stats }) => stats!.peers === 1, { what: "it knows the other" });
    for (const greeted of [false, true]) {
      const { errors, cut, sent } = await scene.pester(greeted, 20_000);
      expect(sent).toBeLessThan(20_000);
      expect(cut).toBe(true);
      expect(errors.at(-1)).toMatchObject({ fatal: true, code: "bad-message" });
      expect(errors.at(-1)!.message).toMatch(/do not decode/);
      expect(errors.filter(({ fatal }) => fatal)).toHaveLength(1);
    }
    await playOn(scene, 6);
    const reports = await soundReports(scene);
    for (const report of reports) {
      expect(report.warnings).toEqual([]);
      expect(report.stats).toMatchObject({ tracker: "ready", peers: 1 });
      expect(report.peers.map(({ state }) => state)).toEqual(["connected"]);
    }
    expect((await scene.tracker.stats()).sessions.joined).toBe(2);
  });
});
