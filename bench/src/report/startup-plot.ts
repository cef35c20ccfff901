import type { Cell } from "../cell.ts";
import { variantName } from "../kinds.ts";
import type { Row } from "../rows.ts";
import { colorOf } from "./colors.ts";
import { element, place, svg, text, ticks, type Scale } from "./svg.ts";

const WIDTH = 860;
const LEFT = 290;
const RIGHT = WIDTH - 150;
const TOP = 56;
const ROW_HEIGHT = 22;
const SCENE_GAP = 26;
const DOT = { r: 3, "fill-opacity": 0.35 };

/** Every start of every kind as a dot, its median as a bar; null where nothing started. */
export function startupPlot(rows: readonly Row[], cells: readonly Cell[]): string | null {
  const shown = rows.filter(({ startup }) => Number.isFinite(startup.maxMs));
  if (shown.length === 0) return null;
  const scenes = [...new Set(shown.map(({ scene }) => scene))];
  const height = TOP + shown.length * ROW_HEIGHT + scenes.length * SCENE_GAP + 40;
  const x: Scale = {
    from: 0,
    to: Math.max(...shown.map(({ startup }) => startup.maxMs)) * 1.03,
    fromPx: LEFT,
    toPx: RIGHT,
  };
  const parts: string[] = ticks(x.from, x.to, 6).flatMap((value) => [
    element("line", {
      x1: place(x, value),
      x2: place(x, value),
      y1: TOP - 8,
      y2: height - 36,
      stroke: "#dfe3e8",
    }),
    text(place(x, value), height - 20, `${value} ms`, { "text-anchor": "middle" }),
  ]);
  let y = TOP;
  for (const scene of scenes) {
    parts.push(text(16, y + 8, scene, { "font-weight": "bold" }));
    y += SCENE_GAP;
    for (const row of shown.filter((each) => each.scene === scene)) {
      parts.push(...rowMarks(row, cells, x, y));
      y += ROW_HEIGHT;
    }
  }
  return svg(WIDTH, height, "Startup: from the page's player code to the first frame", parts);
}

function rowMarks(row: Row, cells: readonly Cell[], x: Scale, y: number): string[] {
  const { medianMs, ratio } = row.startup;
  const fill = colorOf(row);
  const starts = cells
    .filter((cell) => cell.scene === row.scene && cell.kind === row.kind && cell.roots === row.roots)
    .flatMap(({ startupsMs }) => startupsMs.filter((ms) => ms !== null));
  const over = ratio === null ? "" : `, ${ratio.ratio.toFixed(2)} x plain`;
  return [
    text(LEFT - 12, y + 4, variantName(row), { "text-anchor": "end" }),
    ...starts.map((ms) => element("circle", { cx: place(x, ms), cy: y, ...DOT, fill })),
    element("rect", { x: place(x, medianMs) - 1.5, y: y - 8, width: 3, height: 16, fill }),
    text(RIGHT + 10, y + 4, `${Math.round(medianMs)} ms${over}`),
  ];
}
