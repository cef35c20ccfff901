import { decodeCandidate, decodeClientMessage, decodeDescription } from "@tributary/protocol";
import type { Page } from "playwright-core";

/** What a page tells other viewers through the tracker, read off its WebSocket. To be called before it plays. */
export interface SentSignals {
  /** Every candidate that has left the page, in descriptions or alone, without the "candidate:" prefix. */
  candidates(): readonly string[];
  /** Every frame to the tracker as it went out. */
  frames(): readonly Buffer[];
}

export function watchSignals(page: Page): SentSignals {
  const frames: Buffer[] = [];
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => void frames.push(Buffer.from(payload))),
  );
  return { frames: () => frames, candidates: () => frames.flatMap(candidatesIn) };
}

function candidatesIn(frame: Buffer): readonly string[] {
  const decoded = decodeClientMessage(new Uint8Array(frame));
  if (!decoded.ok) throw new Error(`a viewer sent ${decoded.reason}`);
  if (decoded.value.type !== "signal") return [];
  const { kind, body } = decoded.value;
  const content = kind === "candidate" ? decodeCandidate(body) : decodeDescription(body);
  if (!content.ok) throw new Error(`a viewer signalled ${content.reason}`);
  return "candidate" in content.value ? [content.value.candidate] : content.value.candidates;
}
