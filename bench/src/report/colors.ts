import type { Variant } from "../kinds.ts";

/** Told apart also by people who see few colours (Okabe and Ito, 2008). */
const COLORS = {
  plain: "#666666",
  "plain-1.6": "#a0a0a0",
  p2pml: "#d55e00",
  "p2pml-shipped": "#e69f00",
  tributary: "#0072b2",
} as const;

export function colorOf({ kind, roots }: Variant): string {
  return roots === "verifier" ? "#009e73" : COLORS[kind];
}
