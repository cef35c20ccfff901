import { expect, test } from "@playwright/test";
import type { LiarReport } from "../src/hostile/contract.ts";
import { heldFrom, takenFrom } from "../src/hostile/judge.ts";
import { withHostileScene } from "../src/hostile/scene.ts";
import type { ViewerReport } from "../src/index.ts";

/** Given on credit: two segments, and as much where two are less, as here. */
const CREDIT_BYTES = 1024 * 1024;
/** What a channel may hold is in it before it is weighed. */
const CHANNEL_BYTES = 256 * 1024;

const sentTo = ({ stats }: ViewerReport, peer: string): number =>
  stats!.peerList.find(({ id }) => id === peer)?.uploadedBytes ?? 0;
const isChoked = ({ chokes }: LiarReport): boolean => chokes.at(-1) === true;
/** Told that it may ask again, as others are when there is room, does not count. */
const countChokes = ({ chokes }: LiarReport): number => chokes.filter((choked) => choked).length;
const countRefused = ({ refusals }: LiarReport): number => refusals.choked ?? 0;

test("T14 withheld receipts: who gives none gets two segments and no more, who pays is served on", async () => {
  // The CDN is slow for those who come later: they take from the first, which earns.
  const faults = [{ match: "seg-", client: "^viewer-[2-9]$", bytesPerSecond: 300_000 }];
  const hls = { maxBufferLength: 60 };
  const engine = { earn: {} };
  const tracker = { flags: ["--allow-same-network"] };
  await withHostileScene({ stream: "roots/vod-ts", tracker, engine, hls, faults }, async (scene) => {
    const earner = await scene.join();
    await earner.until(({ bufferedEndS }) => bufferedEndS > 55, { what: "it holds the whole VOD" });
    const { peerId } = (await earner.report()).stats!;
    const liar = await scene.enter("freeloader", {
      offers: true,
      victim: peerId!,
      victimsMax: 2,
      comesBack: true,
    });
    await liar.until(isChoked, { what: "it is choked" });

    const knocked = countRefused(await liar.report());
    const payer = await scene.join();
    await payer.until((report) => takenFrom(report, peerId!) > 1.6 * CREDIT_BYTES, {
      what: "the earner serves who pays",
    });
    const refused = await liar.report();
    expect(countRefused(refused)).toBeGreaterThan(knocked);
    expect(countChokes(refused)).toBe(1);
    expect(isChoked(refused)).toBe(true);
    const ofEarner = await earner.report();
    const sentBytes = sentTo(ofEarner, liar.peer);
    expect(sentBytes).toBeGreaterThan(CREDIT_BYTES);
    expect(sentBytes).toBeLessThanOrEqual(CREDIT_BYTES + CHANNEL_BYTES);
    expect(refused.takenBytes).toBeLessThanOrEqual(sentBytes);
    expect(heldFrom(ofEarner, liar.peer)).toBe(0);
    expect(heldFrom(ofEarner, (await payer.report()).stats!.peerId!)).toBeGreaterThan(CREDIT_BYTES / 2);

    await liar.turn();
    await liar.until(({ endings, linked }) => endings.length === 1 && linked.length === 1, {
      what: "it has come back",
    });
    const before = countRefused(await liar.report());
    await liar.until((report) => countRefused(report) > before + 3, {
      what: "it is refused on its new link",
    });
    expect((await liar.report()).takenBytes).toBe(refused.takenBytes);

    await liar.turn();
    await liar.until(({ takenBytes }) => takenBytes > refused.takenBytes + CREDIT_BYTES / 2, {
      what: "it is served again for the receipt it owed",
    });
    await liar.until(isChoked, { what: "it is choked again" });
    const paidBytes = heldFrom(await earner.report(), liar.peer);
    expect(paidBytes).toBe(refused.takenBytes);
    const knockedAgain = countRefused(await liar.report());
    const last = await liar.until((report) => countRefused(report) > knockedAgain + 3, {
      what: "it is refused again",
    });
    expect(countChokes(last)).toBe(2);
    // A receipt allows for a quarter more than it names.
    expect(last.takenBytes).toBeLessThanOrEqual(CREDIT_BYTES + 1.25 * paidBytes + CHANNEL_BYTES);

    const { reports, problems } = await scene.check();
    expect(problems).toEqual([]);
    for (const { warnings } of reports) expect(warnings).toEqual([]);
  });
});
