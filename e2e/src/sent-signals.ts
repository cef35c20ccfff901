import {
  type ClientMessage,
  type ClientMessageOf,
  decodeCandidate,
  decodeClientMessage,
  decodeDescription,
  type Statement,
  statementMessage,
} from "@tributary/protocol";
import type { Page } from "playwright-core";

/** What a page tells the tracker and other viewers through it, read off its WebSocket. */
export interface SentSignals {
  /** Every candidate that has left the page, in descriptions or alone, without the "candidate:" prefix. */
  candidates(): readonly string[];
  /** What it stated that it served and got, in order. */
  statements(): readonly Statement[];
  /** With which it came to the tracker last. */
  hello(): ClientMessageOf<"hello">;
  /** Every frame to the tracker as it went out. */
  frames(): readonly Buffer[];
}

/** To be called before the page plays. */
export function watchSignals(page: Page): SentSignals {
  const frames: Buffer[] = [];
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => void frames.push(Buffer.from(payload))),
  );
  return {
    frames: () => frames,
    candidates: () => frames.flatMap(candidatesIn),
    hello() {
      const hello = frames.map(messageIn).findLast(({ type }) => type === "hello");
      if (hello?.type !== "hello") throw new Error("the page has not come to the tracker yet");
      return hello;
    },
    statements: () => frames.flatMap(statementsIn),
  };
}

function candidatesIn(frame: Buffer): readonly string[] {
  const message = messageIn(frame);
  if (message.type !== "signal") return [];
  const { kind, body } = message;
  const content = kind === "candidate" ? decodeCandidate(body) : decodeDescription(body);
  if (!content.ok) throw new Error(`a viewer signalled ${content.reason}`);
  return "candidate" in content.value ? [content.value.candidate] : content.value.candidates;
}

function statementsIn(frame: Buffer): readonly Statement[] {
  const message = messageIn(frame);
  if (message.type !== "statement") return [];
  const parsed = statementMessage.parse(message.bytes);
  if (!parsed.ok) throw new Error(`a viewer stated ${parsed.reason}`);
  return [parsed.value];
}

function messageIn(frame: Buffer): ClientMessage {
  const decoded = decodeClientMessage(new Uint8Array(frame));
  if (!decoded.ok) throw new Error(`a viewer sent ${decoded.reason}`);
  return decoded.value;
}
