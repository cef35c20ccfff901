import { need, setText } from "./dom.ts";

export interface Log {
  say(text: string): void;
  /** Several viewers often meet the same trouble: it is said once, with all their numbers. */
  warn(viewer: number, text: string): void;
}

const LINES_MAX = 4;

/** The last few things that happened, newest first. */
export function createLog(): Log {
  const list = need<HTMLOListElement>(document, "#log");
  let warnings = new Map<string, { readonly line: HTMLElement; readonly viewers: Set<number> }>();

  function add(text: string): HTMLElement {
    const line = document.createElement("li");
    line.textContent = text;
    list.prepend(line);
    while (list.children.length > LINES_MAX) list.lastElementChild?.remove();
    return line;
  }

  return {
    say: (text) => void add(text),
    warn(viewer, text) {
      warnings = new Map([...warnings].filter(([, { line }]) => line.isConnected));
      const known = warnings.get(text) ?? { line: add(""), viewers: new Set<number>() };
      warnings.set(text, known);
      known.viewers.add(viewer);
      const numbers = [...known.viewers].sort((a, b) => a - b).join(", ");
      setText(known.line, `${known.viewers.size > 1 ? "Viewers" : "Viewer"} ${numbers}: ${text}`);
    },
  };
}
