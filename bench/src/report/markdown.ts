import { KINDS } from "../kinds.ts";
import type { Row, Spread } from "../rows.ts";
import type { Report, SceneNote } from "./report.ts";
import { transportTable } from "./transport-table.ts";

/** A plot beside the report, by the scene that it belongs to. */
export interface PlotFile {
  readonly scene: string | null;
  readonly title: string;
  readonly file: string;
}

export function toMarkdown(report: Report, plots: readonly PlotFile[]): string {
  const { machine } = report;
  return [
    `# Bench of ${report.date}${report.smoke ? " (smoke run: cut short, no figures)" : ""}`,
    `Commit ${report.commit}, \`${report.command}\`, seed ${report.seed}, ${report.minutes.toFixed(0)} minutes.`,
    `Machine: ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, ${machine.browser}, headless; load average before the start ${machine.loadBefore.toFixed(2)}.`,
    "How to read it: [bench/README.md](../README.md). Medians of the runs, their extremes in brackets.",
    ...report.failures.map((failure) => `**Failed**: ${failure}`),
    ...plots.filter(({ scene }) => scene === null).map(image),
    ...report.scenes.flatMap((scene) => sceneSection(scene, report, plots)),
    "",
  ].join("\n\n");
}

function sceneSection(scene: SceneNote, report: Report, plots: readonly PlotFile[]): string[] {
  const head = [`## ${scene.name}`, `${capital(scene.title)}.`];
  if (scene.skipped !== null) return [...head, `**Skipped**: ${scene.skipped}.`];
  if (scene.name === "transport") return [...head, ...transportTable(report.transport)];
  const rows = report.rows.filter((row) => row.scene === scene.name);
  if (rows.length === 0) return [...head, "No run finished."];
  return [
    ...head,
    ...(scene.ceiling === null
      ? []
      : [`Ceiling: ${scene.ceiling}; with roots from the verifier one copy more of each.`]),
    table(
      COLUMNS.filter(({ cell }) => rows.some((row) => cell(row) !== null)),
      rows,
    ),
    ...plots.filter((plot) => plot.scene === scene.name).map(image),
  ];
}

interface Column {
  readonly head: string;
  /** Null where a row has nothing to say; a column of nulls is left out. */
  readonly cell: (row: Row) => string | null;
}

const COLUMNS: readonly Column[] = [
  { head: "player", cell: (row) => KINDS[row.kind].title },
  { head: "roots", cell: (row) => row.roots },
  { head: "runs", cell: (row) => String(row.runs) },
  { head: "offload", cell: (row) => spread(row.offloadRatio, fixed(3), "**") },
  { head: "ceiling", cell: (row) => spread(row.ceilingRatio, fixed(3)) },
  { head: "from peers", cell: (row) => spread(row.peerShareRatio, fixed(3)) },
  { head: "waste", cell: (row) => spread(row.wasteRatio, fixed(3)) },
  { head: "stalls, each run", cell: (row) => (row.stalls.length === 0 ? null : row.stalls.join(", ")) },
  { head: "rebuffering, s", cell: (row) => spread(row.rebufferSeconds, fixed(2)) },
  { head: "fatal", cell: (row) => String(row.fatalErrors) },
  { head: "start median / max, ms", cell: startCell },
  { head: "start over plain (95 %)", cell: startRatioCell },
  {
    head: "starts with peer bytes",
    cell: peersCell,
  },
  { head: "latency, s", cell: (row) => spread(row.latencySeconds, fixed(2)) },
  { head: "latency over plain, s", cell: (row) => spread(row.latencyOverPlainSeconds, signed(2)) },
  { head: "seek, ms", cell: (row) => spread(row.seekMs, fixed(0)) },
  { head: "level switches", cell: switchesCell },
  {
    head: "played, kbit/s",
    cell: (row) => (switchesCell(row) === null ? null : spread(row.playedBps, kilo)),
  },
  {
    head: "CPU s per viewer",
    cell: (row) => withRatio(spread(row.cpuSecondsPerViewer, fixed(2)), row.cpuRatio),
  },
  {
    head: "MiB per viewer",
    cell: (row) => withRatio(spread(row.memoryBytesPerViewer, mebi), row.memoryRatio),
  },
];

function startCell({ startup }: Row): string {
  const { medianMs, maxMs, neverStarted, count } = startup;
  const never = neverStarted > 0 ? `; ${neverStarted} of ${count} never` : "";
  return `${Math.round(medianMs)} / ${Math.round(maxMs)}${never}`;
}

/** Only in the scene that is about starts. */
function peersCell({ startup: { withPeers, count } }: Row): string | null {
  return withPeers === null ? null : `${withPeers} of ${count}`;
}

function startRatioCell({ startup }: Row): string | null {
  if (startup.ratio === null) return null;
  const { ratio, low, high } = startup.ratio;
  return `**${ratio.toFixed(2)} x** (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

/** Streams of one rendition have nothing to switch between. */
function switchesCell(row: Row): string | null {
  return row.scene === "abr" ? spread(row.levelSwitchesPerViewer, fixed(1)) : null;
}

const fixed = (digits: number) => (value: number) => value.toFixed(digits);
const signed = (digits: number) => (value: number) => `${value < 0 ? "" : "+"}${value.toFixed(digits)}`;
const kilo = (value: number) => (value / 1000).toFixed(0);
const mebi = (value: number) => (value / 2 ** 20).toFixed(0);

function spread(value: Spread | null, show: (value: number) => string, mark = ""): string | null {
  if (value === null) return null;
  const [median, min, max] = [value.median, value.min, value.max].map(show);
  return `${mark}${median}${mark}${min === max ? "" : ` [${min}, ${max}]`}`;
}

function withRatio(text: string | null, ratio: number | null): string | null {
  return text === null || ratio === null ? text : `${text}; **${ratio.toFixed(2)} x**`;
}

function table(columns: readonly Column[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ head }) => head)),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map(({ cell }) => cell(row) ?? ""))),
  ].join("\n");
}

const image = ({ title, file }: PlotFile): string => `![${title}](${file})`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
