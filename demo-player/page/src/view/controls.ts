import { VIEWERS_MAX, type TrackerProcessState } from "../../../src/status.ts";
import { plural } from "../logic/format.ts";
import { probePlaylist } from "../logic/probe-playlist.ts";
import { need, setText } from "./dom.ts";

export type StreamChoice =
  { readonly kind: "vod" } | { readonly kind: "live" } | { readonly kind: "other"; readonly url: string };

export interface ControlEvents {
  addViewer(): void;
  choose(choice: StreamChoice): void;
  setP2p(on: boolean): void;
  commandTracker(action: "kill" | "start"): Promise<void>;
}

export interface Controls {
  setViewerCount(count: number): void;
  setTracker(state: TrackerProcessState, sessions: number): void;
}

export function createControls(events: ControlEvents): Controls {
  const add = need<HTMLButtonElement>(document, "#add-viewer");
  add.addEventListener("click", () => events.addViewer());
  wireStreams(events);
  wireSwitch(events);
  const setTracker = wireTracker(events);
  return {
    setViewerCount(count) {
      // Not `disabled`: the button keeps the focus of who just pressed it.
      add.setAttribute("aria-disabled", String(count >= VIEWERS_MAX));
      setText(add, count >= VIEWERS_MAX ? `${VIEWERS_MAX} is the most here` : "Add a viewer");
    },
    setTracker,
  };
}

function wireStreams(events: ControlEvents): void {
  const form = need<HTMLFormElement>(document, "#other-form");
  const field = need<HTMLInputElement>(form, "#other-url");
  const button = need<HTMLButtonElement>(form, "#other-play");
  const problem = need(form, "#other-problem");

  const streams = need(document, "#streams");
  let playing: StreamChoice = { kind: "vod" };
  function choose(choice: StreamChoice): void {
    playing = choice;
    events.choose(choice);
  }

  streams.addEventListener("change", (event) => {
    const kind = (event.target as HTMLInputElement).value;
    form.hidden = kind !== "other";
    if (kind === "vod" || kind === "live") choose({ kind });
    else field.focus();
  });

  /** Back to what plays. */
  function cancel(event: KeyboardEvent): void {
    if (event.key !== "Escape" || form.hidden) return;
    form.hidden = playing.kind !== "other";
    field.value = playing.kind === "other" ? playing.url : "";
    field.removeAttribute("aria-invalid");
    setText(problem, "");
    const radio = need<HTMLInputElement>(streams, `[value="${playing.kind}"]`);
    radio.checked = true;
    radio.focus();
  }
  for (const part of [streams, form]) part.addEventListener("keydown", cancel);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    setText(button, "Looking…");
    setText(problem, "");
    const found = await probePlaylist(field.value, window.location.href, (url, init) => fetch(url, init));
    button.removeAttribute("aria-disabled");
    setText(button, "Play it");
    // Another stream may have been chosen while the probe was out.
    if (form.hidden) return;
    field.setAttribute("aria-invalid", String(found !== null));
    if (found === null) choose({ kind: "other", url: new URL(field.value.trim()).href });
    else setText(problem, found);
  });
}

function wireSwitch(events: ControlEvents): void {
  const p2p = need<HTMLButtonElement>(document, "#p2p");
  p2p.addEventListener("click", () => {
    const on = p2p.getAttribute("aria-checked") !== "true";
    p2p.setAttribute("aria-checked", String(on));
    events.setP2p(on);
  });
}

function wireTracker(events: ControlEvents): Controls["setTracker"] {
  const button = need<HTMLButtonElement>(document, "#tracker-button");
  const line = need(document, "#tracker-state");
  const words = need(document, "#tracker-words");
  let action: "kill" | "start" = "kill";
  let busy = false;
  const label = () => setText(button, action === "kill" ? "Kill the tracker" : "Restart the tracker");
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    setText(button, action === "kill" ? "Killing…" : "Restarting…");
    await events.commandTracker(action);
    busy = false;
    label();
  });
  return (state, sessions) => {
    line.dataset["state"] = state;
    button.disabled = false;
    setText(
      words,
      state === "running"
        ? `Tracker up, knows ${plural(sessions, "viewer")}`
        : state === "down"
          ? "Tracker down"
          : "Tracker starting…",
    );
    action = state === "down" ? "start" : "kill";
    if (!busy) label();
  };
}
