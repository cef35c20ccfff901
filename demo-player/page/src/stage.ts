import { VIEWERS_MAX } from "../../src/status.ts";
import { withMark } from "./logic/segment-strip.ts";
import {
  VANISH_EVENT,
  type FromViewer,
  type SegmentMark,
  type ToViewer,
  type ViewerReport,
} from "./protocol.ts";
import { createCard, type Card } from "./view/card.ts";

/** What a viewer is told to play. */
export interface Programme {
  readonly urlOf: (viewer: number) => string;
  readonly contentId: string | null;
  readonly tracker: string;
}

export interface StageEvents {
  viewersChanged(numbers: readonly number[]): void;
  report(viewer: number, report: ViewerReport): void;
  /** Its engine is gone: left, killed, or about to be replaced by a new one. */
  departed(viewer: number): void;
  happenedTo(viewer: number, text: string): void;
}

/** The viewers on the page. Owns their frames and cards; every frame is a viewer of its own. */
export interface Stage {
  readonly numbers: readonly number[];
  add(): void;
  /** Ends every viewer properly and lets as many new ones in, one after the other. */
  play(programme: Programme, between: () => Promise<void>): Promise<void>;
  setP2p(on: boolean): void;
}

/** Viewers come one by one, as an audience does; together they would all be first. */
const JOIN_GAP_MS = 1_500;
/** An engine that says goodbye for longer than this is taken down without. */
const LEAVE_TIMEOUT_MS = 1_000;

interface Viewer {
  readonly number: number;
  readonly card: Card;
  frame: HTMLIFrameElement | null;
  strip: readonly SegmentMark[];
  /** Runs while it waits for its turn to join. */
  joinTimer: number;
  leaving: boolean;
}

export function createStage(grid: HTMLElement, events: StageEvents): Stage {
  const viewers = new Map<number, Viewer>();
  let programme: Programme | null = null;
  let p2p = true;
  let lastJoinMs = Number.NEGATIVE_INFINITY;
  /** Guards against a second switch while the first is still waiting for goodbyes. */
  let switches = 0;

  const numbers = () => [...viewers.keys()].sort((a, b) => a - b);

  function send(viewer: Viewer, message: ToViewer): void {
    viewer.frame?.contentWindow?.postMessage(message, window.location.origin);
  }

  function joinInTurn(viewer: Viewer): void {
    const nowMs = performance.now();
    const atMs = Math.max(nowMs, lastJoinMs + JOIN_GAP_MS);
    lastJoinMs = atMs;
    viewer.card.reset(atMs > nowMs ? "Joins in a moment…" : "Joining…");
    viewer.joinTimer = window.setTimeout(() => join(viewer), atMs - nowMs);
  }

  function join(viewer: Viewer): void {
    viewer.card.reset("Joining…");
    viewer.strip = [];
    viewer.leaving = false;
    const frame = document.createElement("iframe");
    frame.src = "/viewer.html";
    frame.title = `Video of viewer ${viewer.number}`;
    frame.tabIndex = -1;
    frame.allow = "autoplay";
    viewer.frame = frame;
    viewer.card.screen.prepend(frame);
  }

  window.addEventListener("message", (event: MessageEvent<FromViewer>) => {
    if (event.origin !== window.location.origin) return;
    const viewer = [...viewers.values()].find(({ frame }) => frame?.contentWindow === event.source);
    if (viewer) heard(viewer, event.data);
  });

  function heard(viewer: Viewer, message: FromViewer): void {
    switch (message.type) {
      case "ready":
        if (!programme) return;
        send(viewer, {
          type: "start",
          url: programme.urlOf(viewer.number),
          tracker: programme.tracker,
          contentId: programme.contentId,
          p2p,
        });
        return;
      case "report":
        viewer.card.update(message.report);
        events.report(viewer.number, message.report);
        if (message.report.state === "ended" && !viewer.leaving) void startOver(viewer);
        return;
      case "segment":
        viewer.strip = withMark(viewer.strip, message.mark);
        viewer.card.setStrip(viewer.strip);
        return;
      case "warning":
        events.happenedTo(viewer.number, message.message);
        return;
      case "unsupported":
        viewer.card.fail(message.message);
        return;
      case "left":
        return;
    }
  }

  /** Takes the viewer's frame away after a proper goodbye. */
  async function leave(viewer: Viewer): Promise<void> {
    window.clearTimeout(viewer.joinTimer);
    const frame = viewer.frame;
    if (!frame) return;
    viewer.leaving = true;
    send(viewer, { type: "leave" });
    await goodbye(frame);
    frame.remove();
    // It may have been killed meanwhile, and its number may be somebody else's by now.
    if (viewer.frame !== frame || viewers.get(viewer.number) !== viewer) return;
    viewer.frame = null;
    events.departed(viewer.number);
  }

  async function startOver(viewer: Viewer): Promise<void> {
    events.happenedTo(viewer.number, "at the end; joins again as a new viewer.");
    await leave(viewer);
    if (programme && viewers.get(viewer.number) === viewer && !viewer.frame) joinInTurn(viewer);
  }

  function kill(viewer: Viewer): void {
    window.clearTimeout(viewer.joinTimer);
    viewer.frame?.contentWindow?.dispatchEvent(new Event(VANISH_EVENT));
    const next = viewer.card.element.nextElementSibling ?? viewer.card.element.previousElementSibling;
    viewer.card.element.remove();
    viewers.delete(viewer.number);
    events.departed(viewer.number);
    events.viewersChanged(numbers());
    events.happenedTo(viewer.number, "killed without a goodbye.");
    const focus =
      next?.querySelector<HTMLElement>(".kill") ?? document.querySelector<HTMLElement>("#add-viewer");
    focus?.focus({ preventScroll: true });
  }

  return {
    get numbers() {
      return numbers();
    },
    add() {
      const number = firstFree(viewers);
      if (number === null) return;
      const card = createCard(number);
      const viewer: Viewer = { number, card, frame: null, strip: [], joinTimer: 0, leaving: false };
      viewers.set(number, viewer);
      card.killButton.addEventListener("click", () => kill(viewer));
      const after = numbers().find((other) => other > number);
      grid.insertBefore(
        card.element,
        after === undefined ? null : (viewers.get(after)?.card.element ?? null),
      );
      events.viewersChanged(numbers());
      if (programme) joinInTurn(viewer);
    },
    async play(next, between) {
      const turn = ++switches;
      programme = null;
      for (const viewer of viewers.values()) viewer.card.element.dataset["state"] = "leaving";
      await Promise.all([...viewers.values()].map(leave));
      await between();
      if (turn !== switches) return;
      programme = next;
      lastJoinMs = Number.NEGATIVE_INFINITY;
      for (const number of numbers()) {
        const viewer = viewers.get(number);
        if (viewer) joinInTurn(viewer);
      }
    },
    setP2p(on) {
      p2p = on;
      for (const viewer of viewers.values()) send(viewer, { type: "p2p", on });
    },
  };
}

function firstFree(viewers: ReadonlyMap<number, unknown>): number | null {
  for (let number = 1; number <= VIEWERS_MAX; number++) if (!viewers.has(number)) return number;
  return null;
}

/** Resolves when the frame says that it left, and soon in any case. */
function goodbye(frame: HTMLIFrameElement): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      window.clearTimeout(timer);
      window.removeEventListener("message", listen);
      resolve();
    };
    const listen = (event: MessageEvent<FromViewer>) => {
      if (event.source === frame.contentWindow && event.data.type === "left") done();
    };
    const timer = window.setTimeout(done, LEAVE_TIMEOUT_MS);
    window.addEventListener("message", listen);
  });
}
