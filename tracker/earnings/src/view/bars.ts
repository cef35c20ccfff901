import type { Earning } from "../ledger-api.ts";
import { formatBytes, formatWhen } from "../logic/format.ts";
import { byId, need, setText, svg } from "./dom.ts";

/** As many as a phone can tell apart. */
const BARS_MAX = 60;
const GAP_RATIO = 0.25;
const WIDTH_MAX = 34;

/** Bytes served, one bar for each epoch in which something was; those without stand empty between them. */
export function drawBars(earnings: readonly Earning[], epochMs: number): void {
  const chart = byId<SVGSVGElement>("epochs-chart");
  const { width, height } = chart.getBoundingClientRect();
  const newest = Math.max(...earnings.map(({ epoch }) => epoch));
  const oldest = Math.max(Math.min(...earnings.map(({ epoch }) => epoch)), newest - BARS_MAX + 1);
  const shown = earnings.filter(({ epoch }) => epoch >= oldest);
  const served = new Map<number, { bytes: bigint; state: Earning["state"] }>();
  for (const { epoch, bytes, state } of shown) {
    const before = served.get(epoch);
    served.set(epoch, {
      bytes: bytes + (before?.bytes ?? 0n),
      state: before?.state === "pending" ? "pending" : state,
    });
  }
  const most = Math.max(1, ...[...served.values()].map(({ bytes }) => Number(bytes)));
  const step = Math.min(WIDTH_MAX, width / (newest - oldest + 1));
  chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
  chart.replaceChildren(
    need(document, "#hatch").cloneNode(true),
    ...[...served].map(([epoch, { bytes, state }]) => {
      const tall = Math.max(2, (Number(bytes) / most) * (height - 4));
      const bar = svg("rect", {
        x: (epoch - oldest) * step + (step * GAP_RATIO) / 2,
        y: height - tall,
        width: step * (1 - GAP_RATIO),
        height: tall,
        rx: Math.min(3, step / 6),
        "data-state": state ?? "posted",
      });
      const title = svg("title", {});
      title.textContent = `${formatWhen(epoch * epochMs, epochMs)}: ${formatBytes(bytes)}`;
      bar.append(title);
      return bar;
    }),
  );
  chart.setAttribute("aria-label", `Bytes served by epoch, at most ${formatBytes(BigInt(most))} in one`);
  setText(byId("chart-from"), formatWhen(oldest * epochMs, epochMs));
  setText(byId("chart-to"), newest === oldest ? "" : formatWhen(newest * epochMs, epochMs));
}
