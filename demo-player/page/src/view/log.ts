import { need, setText } from "./dom.ts";

export interface Log {
  say(text: string): void;
  /** Several viewers often go through the same: it is said once, with all their numbers. */
  sayOf(viewer: number, text: string): void;
}

const LINES_MAX = 4;

/** The last few things that happened, newest first. */
export function createLog(): Log {
  const list = need<HTMLOListElement>(document, "#log");
  /** Lines about viewers that are still shown, by their words. */
  let shared = new Map<string, { readonly line: HTMLElement; readonly viewers: Set<number> }>();

  function add(text: string): HTMLElement {
    const line = document.createElement("li");
    line.textContent = text;
    list.prepend(line);
    while (list.children.length > LINES_MAX) list.lastElementChild?.remove();
    return line;
  }

  return {
    say: (text) => void add(text),
    sayOf(viewer, text) {
      shared = new Map([...shared].filter(([, { line }]) => line.isConnected));
      const known = shared.get(text) ?? { line: add(""), viewers: new Set<number>() };
      shared.set(text, known);
      known.viewers.add(viewer);
      const numbers = [...known.viewers].sort((a, b) => a - b).join(", ");
      setText(known.line, `${known.viewers.size > 1 ? "Viewers" : "Viewer"} ${numbers}: ${text}`);
    },
  };
}
