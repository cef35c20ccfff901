import { PIECE_BYTES, segmentKeyOf } from "@tributary/protocol";
import { expect, it } from "vitest";
import { createSender } from "./sender.ts";

const segment = segmentKeyOf({ track: 1, sequence: 1, part: -1, fingerprint: 1 });

/** A channel whose line takes so many bits per second; a real one does not let its speed be chosen. */
function scene(lineBps: number) {
  let nowMs = 0;
  const channel = Object.assign(new EventTarget(), {
    readyState: "open",
    bufferedAmount: 0,
    bufferedAmountLowThreshold: 0,
    sentBytes: 0,
    send: (bytes: Uint8Array) => {
      channel.bufferedAmount += bytes.length;
      channel.sentBytes += bytes.length;
    },
  });
  const sender = createSender(channel as unknown as RTCDataChannel, {
    nowMs: () => nowMs,
    maxMessageBytes: 262_144,
    read: (_segment, _offset, length) => new Uint8Array(length),
    buffered: () => {},
    failed: (reason) => expect.unreachable(reason),
  });
  const pass = (forMs: number) => {
    for (const untilMs = nowMs + forMs; nowMs < untilMs; nowMs++) {
      const before = channel.bufferedAmount;
      channel.bufferedAmount = Math.max(0, before - lineBps / 8000);
      const low = channel.bufferedAmountLowThreshold;
      if (before > low && channel.bufferedAmount <= low)
        channel.dispatchEvent(new Event("bufferedamountlow"));
    }
  };
  return { sender, channel, pass };
}

const ask = (requestId: number, pieces: number) => ({
  requestId,
  segment,
  offsetBytes: 0,
  lengthBytes: pieces * PIECE_BYTES,
});

it("pieces that were called off held a slow line for seconds, because the channel had them already", () => {
  const { sender, channel, pass } = scene(250_000);
  sender.media(ask(1, 1));
  pass(3000);
  sender.media(ask(2, 8));
  pass(1000);
  sender.drop(2);
  expect(channel.bufferedAmount).toBeGreaterThan(0);
  expect((channel.bufferedAmount * 8000) / 250_000).toBeLessThan(1100);
});

it("keeps a fast line full", () => {
  const { sender, channel, pass } = scene(80_000_000);
  sender.media(ask(1, 40));
  pass(200);
  expect(channel.sentBytes - channel.bufferedAmount).toBeGreaterThan(0.95 * 80_000_000 * 0.2 * 0.125);
});
