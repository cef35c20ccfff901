import type { Cell } from "../cell.ts";
import { variantName } from "../kinds.ts";
import type { Row } from "../rows.ts";
import { colorOf } from "./colors.ts";
import { element, place, svg, text, type Scale } from "./svg.ts";

const WIDTH = 860;
const LEFT = 290;
const RIGHT = WIDTH - 150;
const TOP = 56;
const ROW_HEIGHT = 22;
const SCENE_GAP = 26;
const MARKS_MS = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000];
const DOT = { r: 3, "fill-opacity": 0.35 };

/** Every start of every kind as a dot, its median as a bar; null where nothing started. */
export function startupPlot(rows: readonly Row[], cells: readonly Cell[]): string | null {
  const shown = rows.filter(({ startup }) => Number.isFinite(startup.maxMs));
  if (shown.length === 0) return null;
  const scenes = [...new Set(shown.map(({ scene }) => scene))];
  const height = TOP + shown.length * ROW_HEIGHT + scenes.length * SCENE_GAP + 40;
  const started = cells.flatMap(({ startupsMs }) => startupsMs.filter((ms) => ms !== null));
  const x = axisOf(Math.min(...started), Math.max(...started));
  const parts: string[] = MARKS_MS.filter((ms) => Math.log10(ms) >= x.from && Math.log10(ms) <= x.to).flatMap(
    (ms) => {
      const at = placeMs(x, ms);
      return [
        element("line", { x1: at, x2: at, y1: TOP - 8, y2: height - 36, stroke: "#dfe3e8" }),
        text(at, height - 20, `${ms} ms`, { "text-anchor": "middle" }),
      ];
    },
  );
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

/** Logarithmic: a slow origin's starts must not press all others into one spot, and ratios show as distances. */
function axisOf(fastestMs: number, slowestMs: number): Scale {
  return { from: Math.log10(fastestMs * 0.9), to: Math.log10(slowestMs * 1.1), fromPx: LEFT, toPx: RIGHT };
}

const placeMs = (x: Scale, ms: number): number => place(x, Math.log10(ms));

function rowMarks(row: Row, cells: readonly Cell[], x: Scale, y: number): string[] {
  const { medianMs, ratio } = row.startup;
  const fill = colorOf(row);
  const starts = cells
    .filter((cell) => cell.scene === row.scene && cell.kind === row.kind && cell.roots === row.roots)
    .flatMap(({ startupsMs }) => startupsMs.filter((ms) => ms !== null));
  const over = ratio === null ? "" : `, ${ratio.ratio.toFixed(2)} x plain`;
  return [
    text(LEFT - 12, y + 4, variantName(row), { "text-anchor": "end" }),
    ...starts.map((ms) => element("circle", { cx: placeMs(x, ms), cy: y, ...DOT, fill })),
    element("rect", { x: placeMs(x, medianMs) - 1.5, y: y - 8, width: 3, height: 16, fill }),
    text(RIGHT + 10, y + 4, `${Math.round(medianMs)} ms${over}`),
  ];
}
