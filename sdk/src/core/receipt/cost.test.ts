import { expect, it } from "vitest";
import { PIECE_BYTES } from "@tributary/protocol";
import { createPair, SEGMENT_BYTES } from "../testing/accounts-rig.ts";

const MINUTES = 10;
/** A stream of 5 Mbit/s in segments of 1 MB, all of it from peers: the most that receipts can cost. */
const SEGMENTS_PER_MINUTE = (5_000_000 * 60) / 8 / SEGMENT_BYTES;
/** Its segments come piece by piece from so many partners, and each of them is owed a receipt. */
const PARTNERS = 3;

it("costs less than a hundredth of the traffic and of one core, on both sides together", () => {
  const startMs = process.cpuUsage();
  let [mediaBytes, receiptBytes, statementBytes, receipts, statements] = [0, 0, 0, 0, 0];
  for (let partner = 0; partner < PARTNERS; partner++) {
    const pair = createPair();
    pair.grant({ expiryMs: 2 ** 45 });
    pair.link(true);
    for (let segment = 1; segment <= MINUTES * SEGMENTS_PER_MINUTE; segment++) {
      const pieces = Math.ceil(SEGMENT_BYTES / PIECE_BYTES / PARTNERS);
      for (let piece = 1; piece <= pieces; piece++) pair.transfer(segment, PIECE_BYTES, piece === pieces);
      mediaBytes += pieces * PIECE_BYTES;
      pair.pass(60_000 / SEGMENTS_PER_MINUTE);
      receipts += pair.down.receipts.length;
      for (const bytes of pair.down.receipts) receiptBytes += bytes.length;
      pair.deliver();
      for (const viewer of [pair.up, pair.down]) {
        for (const sealed of viewer.sealed.splice(0)) statementBytes += sealed.length;
        for (const { seq } of viewer.statements.splice(0)) {
          statements += 1;
          viewer.feed({ type: "acked", seq });
        }
      }
    }
    expect(pair.up.accounts.counters).toMatchObject({ receiptsRefused: 0, chokes: 0 });
  }
  const { user, system } = process.cpuUsage(startMs);
  const cpuRatio = (user + system) / 1_000 / (MINUTES * 60_000);
  const bytesRatio = (receiptBytes + statementBytes) / mediaBytes;
  const perMinute = (value: number) => Math.round(value / MINUTES);
  console.info(
    `per minute: ${perMinute(receipts)} receipts (${perMinute(receiptBytes)} B), ` +
      `${perMinute(statements)} statements (${perMinute(statementBytes)} B); ` +
      `${(100 * bytesRatio).toFixed(3)} % of the traffic, ${(100 * cpuRatio).toFixed(3)} % of a core`,
  );
  expect(bytesRatio).toBeLessThan(0.01);
  expect(cpuRatio).toBeLessThan(0.01);
});
