import { expect, test } from "@playwright/test";
import { peerBytesOf, playOn, type SceneOptions, type Viewer, type ViewerReport } from "../src/index.ts";
import type { LieName } from "../src/hostile/contract.ts";
import { LINKED, takenFrom, verdicts } from "../src/hostile/judge.ts";
import { type HostileScene, type Liar, type LiarOptions, withHostileScene } from "../src/hostile/scene.ts";

/** A minute is the whole VOD: then nobody waits for the playhead. */
const EAGER = { maxBufferLength: 60 };

/** With a CDN this slow a newcomer knows others long before it has all it wants. */
function slowCdn(client: string): Pick<SceneOptions, "hls" | "faults"> {
  return { hls: EAGER, faults: [{ match: "seg-", client, bytesPerSecond: 300_000 }] };
}
const SLOW_FOR_ALL = slowCdn("^viewer-");
const SLOW_BUT_FIRST = slowCdn("^viewer-[2-9]$");

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

/** What must hold for every honest viewer whatever the lie; the reports in the order of the viewers. */
async function soundReports(scene: HostileScene): Promise<readonly ViewerReport[]> {
  const { reports, problems } = await scene.check();
  expect(problems).toEqual([]);
  return reports;
}

test("lists that lie, and bytes that fit them: all named, none played, nothing passed on", async () => {
  await withHostileScene({ stream: "roots/vod-audio", ...SLOW_FOR_ALL }, async (scene) => {
    const liars = await enterAll(scene, ["false-list", "other-rendition", "old-segment", "cut-segment"]);
    const victim = await joinVictim(scene, liars);
    const second = await scene.join();
    await judged(victim, liars);
    await second.until(({ bufferedEndS }) => bufferedEndS > 28, { what: "it has buffered 28 s" });
    const [ofVictim, ofSecond] = (await soundReports(scene)) as [ViewerReport, ViewerReport];
    await expectThrownOut(ofVictim, liars, "peer-lied");
    expect(ofSecond).toMatchObject({ warnings: [], stats: { hashFailures: 0 } });
    expect(takenFrom(ofSecond, ofVictim.stats!.peerId!)).toBeGreaterThan(500_000);
  });
});

test("true lists with false pieces: both named, also when one comes back, and the honest peer serves on", async () => {
  await withHostileScene({ stream: "roots/vod-ts", ...SLOW_BUT_FIRST }, async (scene) => {
    await joinHolder(scene);
    const liars = [await scene.enter("bit-flip", { comesBack: true }), await scene.enter("false-pieces")];
    const victim = await joinVictim(scene, liars);
    const second = await scene.join();
    await judged(victim, liars);
    await liars[0]!.until(({ endings }) => endings.length === 2, { what: "it has come back in vain" });
    for (const viewer of [victim, second])
      await viewer.until(({ bufferedEndS }) => bufferedEndS > 55, { what: "it has buffered 55 s" });
    const [ofHolder, ofVictim, ofSecond] = (await soundReports(scene)) as ViewerReport[];
    await expectThrownOut(ofVictim!, liars, "peer-lied");
    expect(takenFrom(ofVictim!, ofHolder!.stats!.peerId!)).toBeGreaterThan(2_000_000);
    for (const report of [ofHolder!, ofSecond!])
      expect(report).toMatchObject({ warnings: [], stats: { hashFailures: 0 } });
    for (const { peer } of liars) {
      const states = ofVictim!.peers.filter((event) => event.peer === peer).map(({ state }) => state);
      expect(states).toEqual(["connected", "closed"]);
    }
  });
});

test("live, roots from the verifier: false bytes and old segments under new numbers", async () => {
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

test("messages that cannot be read, come out of turn or are signed by another: each named once", async () => {
  await withHostileScene({ stream: "roots/vod-ts", ...SLOW_BUT_FIRST }, async (scene) => {
    await joinHolder(scene);
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
    await victim.until(({ bufferedEndS }) => bufferedEndS > 55, { what: "it has buffered 55 s" });
    const [ofHolder, ofVictim] = (await soundReports(scene)) as [ViewerReport, ViewerReport];
    await expectThrownOut(ofVictim, liars, "peer-garbage");
    expect(ofVictim.warnings).toHaveLength(liars.length);
    expect(ofHolder.warnings).toEqual([]);
    expect(takenFrom(ofVictim, ofHolder.stats!.peerId!)).toBeGreaterThan(2_000_000);
  });
});

test("garbage for the tracker: its sender is told why and cut, the viewers notice nothing", async () => {
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
