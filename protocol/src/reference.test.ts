import { readFileSync } from "node:fs";
import fc, { type Arbitrary } from "fast-check";
import { expect, test } from "vitest";
import { encodeClientMessage, encodePeerMessage, encodeTrackerMessage } from "./index.ts";
import { clientMessages, peerMessages, trackerMessages } from "./testing/arbitraries.ts";

const reference = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");

/** The rows of one section of docs/PROTOCOL.md that begin with a type byte, as [byte, name]. */
function rowsUnder(heading: string): string[][] {
  const from = reference.indexOf(`\n${heading}\n`);
  const section = reference.slice(from, reference.indexOf("\n#", from + 1));
  return [...section.matchAll(/^\| (0x[0-9a-f]{2}) \| ([a-z-]+) \|/gm)].map((row) => row.slice(1));
}

function messagesOf<T>(kinds: Record<string, Arbitrary<T>>, encode: (message: T) => Uint8Array): string[][] {
  return Object.entries(kinds).map(([type, arbitrary]) => {
    const [message] = fc.sample(arbitrary, { seed: 1, numRuns: 1 });
    return [`0x${encode(message!)[0]!.toString(16).padStart(2, "0")}`, type];
  });
}

test.each([
  ["## 5. Peer and peer", messagesOf(peerMessages as never, encodePeerMessage)],
  ["### From the viewer", messagesOf(clientMessages as never, encodeClientMessage)],
  ["### From the tracker", messagesOf(trackerMessages as never, encodeTrackerMessage)],
])("docs/PROTOCOL.md lists the messages as they are: %s", (heading, messages) => {
  expect(rowsUnder(heading)).toEqual(messages);
});
