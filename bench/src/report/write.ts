import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toMarkdown, type PlotFile } from "./markdown.ts";
import { offloadPlot } from "./offload-plot.ts";
import type { Report } from "./report.ts";
import { startupPlot } from "./startup-plot.ts";

const RESULTS = fileURLToPath(new URL("../../results/", import.meta.url));

/** Writes the table, the data and the plots; `stamp` tells one run of the bench from another. */
export function writeReport(report: Report, stamp: string): void {
  mkdirSync(RESULTS, { recursive: true });
  const name = `${report.smoke ? "smoke" : "bench"}-${stamp}`;
  const plots: PlotFile[] = [];
  const plot = (scene: string | null, title: string, suffix: string, drawn: string | null) => {
    if (drawn === null) return;
    const file = `${name}-${suffix}.svg`;
    writeFileSync(RESULTS + file, drawn);
    plots.push({ scene, title, file });
  };
  plot(null, "Startup of every kind in every scene", "startup", startupPlot(report.rows, report.cells));
  for (const { name: scene } of report.scenes)
    plot(scene, `Offload over time in ${scene}`, `offload-${scene}`, offloadPlot(scene, report.cells));
  writeFileSync(`${RESULTS}${name}.md`, toMarkdown(report, plots));
  writeFileSync(`${RESULTS}${name}.json`, `${JSON.stringify(report, rounded)}\n`);
}

/** Three digits behind the point are more than any of it is worth. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
}
