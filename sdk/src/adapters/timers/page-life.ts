export interface PageLifeHandlers {
  /** The page is left or put into the back/forward cache. */
  hidden(): void;
  /** It came back out of that cache. */
  shown(): void;
  /** The browser found a network again. */
  online(): void;
}

/** Watches the page come and go; returns how to stop. Does nothing outside of a page. */
export function watchPageLife(
  handlers: PageLifeHandlers,
  target: EventTarget | null = pageOrNull(),
): () => void {
  const shown = (event: Event) => {
    if ((event as PageTransitionEvent).persisted) handlers.shown();
  };
  const listeners: [string, (event: Event) => void][] = [
    ["pagehide", () => handlers.hidden()],
    ["pageshow", shown],
    ["online", () => handlers.online()],
  ];
  for (const [type, listener] of listeners) target?.addEventListener(type, listener);
  return () => {
    for (const [type, listener] of listeners) target?.removeEventListener(type, listener);
  };
}

function pageOrNull(): EventTarget | null {
  return typeof window === "undefined" ? null : window;
}
