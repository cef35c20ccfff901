import { expect, test } from "@playwright/test";
import { encodeHex, type StatementEntry } from "@tributary/protocol";
import type { LiarReport } from "../src/hostile/contract.ts";
import { heldFrom, takenFrom } from "../src/hostile/judge.ts";
import { type Liar, withHostileScene } from "../src/hostile/scene.ts";
import { until } from "../src/index.ts";

/** Given on credit where two segments are less, as here; a receipt allows for a quarter more than it names. */
const CREDIT_BYTES = 1024 * 1024;
/** What a channel may hold is in it before it is weighed. */
const CHANNEL_BYTES = 256 * 1024;
/** By another key, of more bytes than came, of other content, over the grant for the other direction, over none. */
const FALSE_RECEIPTS = 5;
const REPLAYS = 3;

const isChoked = ({ chokes }: LiarReport): boolean => chokes.at(-1) === true;
const countRefused = ({ refusals }: LiarReport): number => refusals.choked ?? 0;

/** Its receipts have all been looked at by then: what comes over a channel is taken in order. */
async function stillRefused(liar: Liar, lies: number): Promise<LiarReport> {
  const { refusals } = await liar.until(({ liesTold }) => liesTold === lies, { what: "it has forged" });
  return liar.until((report) => countRefused(report) > (refusals.choked ?? 0) + 10, {
    what: "it is refused as before",
  });
}

test("T4 forged receipts: by another key, inflated, of other content or grants, shown again: none counts or is stated", async () => {
  const faults = [{ match: "seg-", client: "^viewer-[2-9]$", bytesPerSecond: 300_000 }];
  const tracker = { flags: ["--allow-same-network"] };
  const options = { stream: "roots/vod-ts", engine: { earn: {} }, hls: { maxBufferLength: 60 } } as const;
  await withHostileScene({ ...options, tracker, faults }, async (scene) => {
    const earner = await scene.join();
    await earner.until(({ bufferedEndS }) => bufferedEndS > 55, { what: "it holds the whole VOD" });
    const { peerId } = (await earner.report()).stats!;
    const liar = await scene.enter("forger", { offers: true, victim: peerId! });
    const forged = await stillRefused(liar, FALSE_RECEIPTS);
    expect(heldFrom(await earner.report(), liar.peer)).toBe(0);
    expect(forged.takenBytes).toBeLessThanOrEqual(CREDIT_BYTES + CHANNEL_BYTES);
    expect(isChoked(forged)).toBe(true);

    const payer = await scene.join();
    await payer.until((report) => takenFrom(report, peerId!) > 0.8 * CREDIT_BYTES, {
      what: "the earner serves who pays",
    });
    await liar.turn();
    const replayed = await stillRefused(liar, FALSE_RECEIPTS + REPLAYS);
    const ofEarner = await earner.report();
    const paidBytes = heldFrom(ofEarner, liar.peer);
    expect(paidBytes).toBe(forged.takenBytes);
    expect(replayed.takenBytes).toBeLessThanOrEqual(CREDIT_BYTES + 1.25 * paidBytes + CHANNEL_BYTES);
    expect(heldFrom(ofEarner, (await payer.report()).stats!.peerId!)).toBeGreaterThan(CREDIT_BYTES / 2);

    const { grants } = await liar.report();
    const isFromLiar = ({ grantId }: StatementEntry) => grants.includes(encodeHex(grantId));
    const stated = () =>
      scene
        .sentBy(earner)
        .statements()
        .flatMap(({ entries }) => entries);
    await until(() => stated().some((entry) => !isFromLiar(entry) && entry.role === "uploader"), {
      what: "the earner has stated what the payer got",
    });
    for (const { bytes } of stated().filter(isFromLiar)) expect(bytes).toBe(paidBytes);
    const { reports, problems } = await scene.check();
    expect(problems).toEqual([]);
    for (const { warnings } of reports) expect(warnings).toEqual([]);
    expect((await scene.tracker.stats()).accounting.statementsRefused).toBe(0);
  });
});
