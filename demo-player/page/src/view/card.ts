import { formatBytes, formatClock, formatPercent, formatSeconds, plural } from "../logic/format.ts";
import { describeStrip, peerShare, STRIP_LENGTH } from "../logic/segment-strip.ts";
import type { SegmentMark, ViewerReport } from "../protocol.ts";
import { need, setText } from "./dom.ts";

/** One viewer as the page shows it; the picture itself plays in a frame that the card holds. */
export interface Card {
  readonly element: HTMLElement;
  readonly screen: HTMLElement;
  readonly killButton: HTMLButtonElement;
  /** Back to the state before the first report, with words for the empty screen. */
  reset(words: string): void;
  update(report: ViewerReport): void;
  fail(message: string): void;
  setStrip(strip: readonly SegmentMark[]): void;
}

/** Everybody is alone for a moment after joining; that needs no words. */
const ALONE_MS = 3_000;

export function createCard(number: number): Card {
  const template = need<HTMLTemplateElement>(document, "#viewer-card");
  const element = need(template.content.cloneNode(true) as DocumentFragment, "article");
  const part = <T extends HTMLElement = HTMLElement>(selector: string) => need<T>(element, selector);
  const heading = part("h2");
  const state = part(".card-state");
  const words = part(".screen-words");
  const killButton = part<HTMLButtonElement>(".kill");
  const [peerBar, cdnBar] = [part(".bar-peer"), part(".bar-cdn")];
  const strip = part(".strip");
  const facts = part(".facts");
  const explain = part(".explain");

  setText(part(".badge"), String(number));
  setText(heading, `Viewer ${number}`);
  heading.id = `viewer-${number}`;
  element.setAttribute("aria-labelledby", heading.id);
  killButton.setAttribute("aria-label", `Kill viewer ${number}`);
  const blocks = Array.from({ length: STRIP_LENGTH }, () => document.createElement("span"));
  strip.append(...blocks);

  function showShare(peerBytes: number, cdnBytes: number): void {
    const all = peerBytes + cdnBytes;
    setText(part(".share-figure"), formatPercent(all > 0 ? peerBytes / all : null));
    setText(part(".peer-bytes"), formatBytes(peerBytes));
    setText(part(".cdn-bytes"), formatBytes(cdnBytes));
    peerBar.style.flexGrow = String(all > 0 ? peerBytes / all : 0);
    cdnBar.style.flexGrow = String(all > 0 ? cdnBytes / all : 0);
  }

  let aloneSinceMs: number | null = null;
  function showExplain(alone: boolean, text: string): void {
    aloneSinceMs = alone ? (aloneSinceMs ?? performance.now()) : null;
    explain.hidden = aloneSinceMs === null || performance.now() - aloneSinceMs < ALONE_MS;
    setText(explain, text);
  }

  function setStrip(marks: readonly SegmentMark[]): void {
    strip.setAttribute("aria-label", describeStrip(marks));
    blocks.forEach((block, index) => {
      const mark = marks[index];
      block.className = mark ? "filled" : "";
      block.title = mark ? describeMark(mark) : "";
      block.style.setProperty("--from-peers", mark ? `${Math.round(peerShare(mark) * 100)}%` : "0%");
    });
  }

  return {
    element,
    screen: part(".screen"),
    killButton,
    reset(text) {
      element.dataset["state"] = "loading";
      setText(words, text);
      setText(state, "");
      setText(facts, "");
      showShare(0, 0);
      showExplain(false, "");
      setStrip([]);
    },
    update(report) {
      const { stats } = report;
      element.dataset["state"] = report.state;
      setText(
        words,
        report.state === "failed" ? report.problem : report.state === "loading" ? "Loading…" : "",
      );
      setText(state, describeState(report));
      showShare(stats.peerBytes, stats.cdnBytes);
      setText(facts, describeFacts(report));
      showExplain(stats.peers === 0 && report.state !== "failed", report.explain);
    },
    fail(message) {
      element.dataset["state"] = "failed";
      setText(words, message);
    },
    setStrip,
  };
}

function describeState(report: ViewerReport): string {
  switch (report.state) {
    case "loading":
      return "joining";
    case "stalled":
      return "waiting for data";
    case "failed":
      return "stopped";
    case "ended":
      return "finished";
    case "playing":
      if (!report.live) return `${formatClock(report.positionS)} / ${formatClock(report.durationS)}`;
      return report.latencyS === null ? "live" : `live −${formatSeconds(report.latencyS)}`;
  }
}

function describeFacts({ stats, bufferS }: ViewerReport): string {
  const network = [
    plural(stats.peers, "peer"),
    `gave ${formatBytes(stats.uploadedBytes)}`,
    `${Math.round(bufferS)}\u00a0s buffered`,
  ];
  const playback = [stats.rebufferCount === 0 ? "no stalls" : plural(stats.rebufferCount, "stall")];
  if (stats.startupMs !== null) playback.unshift(`started in ${formatSeconds(stats.startupMs / 1_000)}`);
  return `${network.join(" · ")}\n${playback.join(" · ")}`;
}

function describeMark(mark: SegmentMark): string {
  const from = [];
  if (mark.peerBytes > 0) from.push(`${formatBytes(mark.peerBytes)} from peers`);
  if (mark.cdnBytes > 0) from.push(`${formatBytes(mark.cdnBytes)} from the CDN`);
  return `Segment ${mark.sequence}: ${from.join(", ")}`;
}
