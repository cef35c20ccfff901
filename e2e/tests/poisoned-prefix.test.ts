import { expect, test } from "@playwright/test";
import { namings, takenFrom } from "../src/hostile/judge.ts";
import { type Liar, withHostileScene } from "../src/hostile/scene.ts";

/** More than the victim meets before the first of them is judged. */
const LIARS = 3;

test("T3 poisoned prefix: false pieces, then gone: nothing is kept, and whoever brings the rest keeps its standing", async () => {
  // The honest holder is no faster than a line at home, and leaves something to ask the liars for.
  const engine = { upload: { maxBps: 2_000_000 } };
  const faults = [{ match: "seg-", client: "^viewer-2$", bytesPerSecond: 200_000 }];
  const options = { stream: "roots/vod-ts", engine, faults, hls: { maxBufferLength: 60 } } as const;
  await withHostileScene(options, async (scene) => {
    const holder = await scene.join();
    await holder.until(({ bufferedEndS }) => bufferedEndS > 55, { what: "it holds the whole VOD" });
    const { peerId } = (await holder.report()).stats!;
    const liars: Liar[] = [];
    for (let i = 0; i < LIARS; i += 1) liars.push(await scene.enter("false-prefix", { victimsMax: 2 }));
    const victim = await scene.join();
    for (const liar of liars)
      await liar.until(({ liesTold, endings }) => liesTold > 0 && endings.length > 0, {
        what: "it has lied to the victim and is gone",
      });
    const before = takenFrom(await victim.report(), peerId!);
    await victim.until((report) => takenFrom(report, peerId!) > before + 200_000, {
      what: "the honest one serves on",
    });
    const { reports, problems } = await scene.check();
    expect(problems).toEqual([]);
    const [ofHolder, report] = reports;
    expect(ofHolder!.warnings).toEqual([]);
    expect(namings(report!, peerId!)).toEqual([]);
    expect(report!.peers.filter(({ peer }) => peer === peerId).map(({ state }) => state)).toEqual([
      "connected",
    ]);
    // A lie that was not proved before its teller left names nobody.
    const named = liars.flatMap(({ peer }) => namings(report!, peer).map(({ code }) => code));
    expect(new Set(named)).toEqual(new Set(["peer-lied"]));
    expect(report!.warnings).toHaveLength(named.length);
    expect(named.length).toBeLessThanOrEqual(LIARS);
  });
});
