import type { Summary } from "../logic/account.ts";
import { formatBytes, formatPercent } from "../logic/format.ts";
import { chartPaths, createRateHistory } from "../logic/rate-history.ts";
import type { SourceBytes } from "../logic/totals.ts";
import { need, setText } from "./dom.ts";

export interface HeadlineView {
  show(summary: Summary, countedAtOrigin: boolean): void;
  chart(running: SourceBytes, nowMs: number): void;
}

export function createHeadlineView(): HeadlineView {
  const offload = need(document, "#offload");
  const [peerBar, cdnBar] = [need(document, "#headline-peer"), need(document, "#headline-cdn")];
  const saving = need(document, "#saving");
  const counted = need(document, "#counted");
  const chart = need<SVGSVGElement>(document, "#chart");
  const [cdnArea, peerArea] = [
    need<SVGPathElement>(chart, "#chart-cdn"),
    need<SVGPathElement>(chart, "#chart-peers"),
  ];
  const chartTop = need(document, "#chart-top");
  const history = createRateHistory();

  return {
    show(summary, countedAtOrigin) {
      setText(offload, formatPercent(summary.offload));
      offload.dataset["known"] = String(summary.offload !== null);
      const known = summary.offload ?? 0;
      peerBar.style.flexGrow = String(known);
      cdnBar.style.flexGrow = String(summary.offload === null ? 0 : 1 - known);
      showSaving(saving, summary);
      setText(
        counted,
        countedAtOrigin
          ? `Counted at the origin server, with waste and integrity checks. The players’ own count: ${formatPercent(summary.offloadByPlayers)}.`
          : "Counted by the players: this server is not ours, so we cannot ask it.",
      );
    },
    chart(running, nowMs) {
      history.record(running, nowMs);
      const { width, height } = chart.getBoundingClientRect();
      chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
      const paths = chartPaths(history.rates(), nowMs, width, height);
      cdnArea.setAttribute("d", paths.cdn);
      peerArea.setAttribute("d", paths.peers);
      setText(chartTop, `0 to ${paths.topBps / 1_000_000}\u00a0Mbit/s`);
    },
  };
}

function showSaving(target: HTMLElement, summary: Summary): void {
  const usedBytes = summary.used.peerBytes + summary.used.cdnBytes;
  if (usedBytes === 0) {
    setText(target, "Waiting for the first segments…");
    return;
  }
  const sent = document.createElement("b");
  sent.className = "word-cdn";
  sent.textContent = formatBytes(summary.sentBytes);
  const alone = document.createElement("b");
  alone.textContent = formatBytes(usedBytes);
  // Before peers give anything, integrity checks and segments under way make it more than what was delivered.
  if (summary.sentBytes > usedBytes)
    target.replaceChildren("The CDN sent ", sent, " for ", alone, " of video, integrity checks included.");
  else target.replaceChildren("The CDN sent ", sent, " instead of ", alone, ".");
}
