import { type Layout, refined, text } from "../codec/layout.ts";

export function matching(layout: Layout<string>, pattern: RegExp, rule: string): Layout<string> {
  return refined(layout, (value) => pattern.test(value), rule);
}

/** One line of SDP. A line break inside would let a peer write attributes of its own into our SDP. */
export const candidateLine = matching(text(512), /^[\x20-\x7e]*$/, "printable ASCII on one line");
