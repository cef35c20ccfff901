import type { Plugin } from "vite";

interface Cut {
  /** The text where it begins, and the first that stays. Each stands once in the library, whose version is fixed. */
  readonly from: string;
  readonly to: string;
  readonly with?: string;
}

/** What a link never uses of simple-peer: it writes to the raw channel, and asks for no addresses. */
const CUTS: readonly Cut[] = [
  // Getters and address().
  { from: "get bufferSize () {", to: "signal (data) {" },
  // Writing through the stream, and what then waits for the channel to drain.
  { from: "_write (chunk, cb) {", to: "// When stream finishes writing" },
  { from: "if (this._chunk) {", to: "this._debug('connect')" },
  { from: "_onInterval () {", to: "_onSignalingStateChange () {" },
  { from: "this._channel.onbufferedamountlow = () => {", to: "this._channel.onopen = () => {" },
  { from: "_onChannelBufferedAmountLow () {", to: "_onChannelOpen () {" },
  // getStats() with callbacks, as it was before it gave a promise.
  { from: "if (this._pc.getStats.length === 0", to: "this._pc.getStats()\n", with: "{" },
  { from: "// Single-parameter callback-based", to: "_maybeReady () {", with: "} }\n" },
  // The addresses of the selected pair. That there is one still counts.
  { from: "let local = localCandidates[", to: "items.forEach(item => {\n          // Spec", with: "}\n" },
];

export function trimSimplePeer(): Plugin {
  return {
    name: "trim-simple-peer",
    transform(code, id) {
      return id.endsWith("/simple-peer/lite.js") ? { code: trimmed(code), map: null } : undefined;
    },
  };
}

export function trimmed(code: string): string {
  let rest = code.replaceAll("\r\n", "\n");
  for (const { from, to, with: replacement = "" } of CUTS) {
    const [before, inside, ...more] = rest.split(from);
    const end = inside?.indexOf(to) ?? -1;
    if (more.length > 0 || end < 0) throw new Error(`simple-peer has changed: "${from}" to "${to}"`);
    rest = before + replacement + inside!.slice(end);
  }
  return rest;
}
