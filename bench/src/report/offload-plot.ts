import type { Cell } from "../cell.ts";
import { variantName } from "../kinds.ts";
import { colorOf } from "./colors.ts";
import { element, line, place, svg, text, ticks, type Scale } from "./svg.ts";

const WIDTH = 760;
const HEIGHT = 340;
const LEFT = 56;
const RIGHT = WIDTH - 220;
const TOP = 48;
const BOTTOM = HEIGHT - 44;
const GRID = { stroke: "#dfe3e8", "stroke-width": 1 };

/** Offload so far over time, a line for every run; null where no run of the scene shared anything. */
export function offloadPlot(scene: string, cells: readonly Cell[]): string | null {
  const runs = cells.filter((cell) => cell.scene === scene && cell.timeline.some(isSettled));
  if (runs.length === 0) return null;
  const seconds = Math.max(...runs.flatMap(({ timeline }) => timeline.map((point) => point.seconds)));
  const lowest = Math.min(
    0,
    ...runs.flatMap(({ timeline }) => timeline.filter(isSettled).map((point) => point.offloadRatio)),
  );
  const x: Scale = { from: 0, to: Math.max(seconds, 1), fromPx: LEFT, toPx: RIGHT };
  // Deep below zero a line says no more than that it is there.
  const y: Scale = { from: Math.max(-0.5, Math.floor(lowest * 10) / 10), to: 1, fromPx: BOTTOM, toPx: TOP };
  return svg(WIDTH, HEIGHT, `${scene}: offload so far, counted at the origin`, [
    ...axes(x, y),
    ...runs.map((run) => {
      const points = run.timeline
        .filter(isSettled)
        .map((point) => [place(x, point.seconds), place(y, Math.max(y.from, point.offloadRatio))] as const);
      return line(points, { stroke: colorOf(run), "stroke-width": 1.8, "stroke-opacity": 0.75 });
    }),
    ...legend(runs, y),
  ]);
}

/** Before the first deliveries offload is nothing but transfers under way. */
function isSettled({ neededBytes }: Cell["timeline"][number]): boolean {
  return neededBytes > 0;
}

function axes(x: Scale, y: Scale): string[] {
  return [
    ...ticks(y.from, y.to, 5).flatMap((value) => [
      element("line", { x1: LEFT, x2: RIGHT, y1: place(y, value), y2: place(y, value), ...GRID }),
      text(LEFT - 8, place(y, value) + 4, String(value), { "text-anchor": "end" }),
    ]),
    ...ticks(x.from, x.to, 6).map((value) =>
      text(place(x, value), BOTTOM + 18, String(value), { "text-anchor": "middle" }),
    ),
    text((LEFT + RIGHT) / 2, HEIGHT - 8, "seconds since the first join", { "text-anchor": "middle" }),
  ];
}

/** Every kind once, with a dashed line at the ceiling of its first run. */
function legend(runs: readonly Cell[], y: Scale): string[] {
  const firsts = new Map(runs.toReversed().map((run) => [variantName(run), run]));
  return [...firsts].toReversed().flatMap(([name, run], index) => {
    const at = TOP + 12 + index * 40;
    const last = run.timeline.at(-1);
    const ceiling = run.ceilingRatio ?? 0;
    return [
      element("rect", { x: RIGHT + 16, y: at - 9, width: 12, height: 12, fill: colorOf(run) }),
      text(RIGHT + 34, at + 1, name),
      text(RIGHT + 34, at + 17, `${last?.offloadRatio.toFixed(3)}, ceiling ${ceiling.toFixed(3)}`, {
        fill: "#52606d",
      }),
      element("line", {
        x1: LEFT,
        x2: RIGHT,
        y1: place(y, ceiling),
        y2: place(y, ceiling),
        stroke: colorOf(run),
        "stroke-width": 1,
        "stroke-dasharray": "5 4",
      }),
    ];
  });
}
