import type { Machine } from "./machine.ts";
import type { Row, StartupRow, SwarmRow } from "./row.ts";

export interface Report {
  readonly date: string;
  readonly commit: string;
  readonly command: string;
  readonly seed: number;
  /** True where scenes were cut short with --seconds or too few --starts: no figures. */
  readonly smoke: boolean;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

export function toMarkdown(report: Report): string {
  const { machine } = report;
  const swarm = report.rows.filter((row) => row.kind === "swarm");
  const startup = report.rows.filter((row) => row.kind === "startup");
  return [
    `# Bench of ${report.date}${report.smoke ? " (smoke run: cut short, no figures)" : ""}`,
    `Commit ${report.commit}, \`${report.command}\`, seed ${report.seed}.`,
    `Machine: ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, ${machine.browser}, headless.`,
    ...(swarm.length > 0 ? [table(SWARM_HEAD, swarm.map(swarmCells)), SWARM_NOTES] : []),
    ...(startup.length > 0 ? [table(STARTUP_HEAD, startup.map(startupCells)), STARTUP_NOTES] : []),
    "",
  ].join("\n\n");
}

const SWARM_HEAD = [
  "scene",
  "roots",
  "run",
  "viewers",
  "offload",
  "ceiling",
  "SDK's claim",
  "stalls",
  "fatal",
  "start median / max",
  "latency (plain)",
  "CPU s per viewer",
];

const SWARM_NOTES =
  "Offload = 1 - media bytes sent by the origin / media bytes the players needed; the verifier's copies, hedges and " +
  "aborted transfers are in it. Ceiling = one CDN copy of each segment (two with the verifier) and the first segment " +
  "of every viewer but the first.";

function swarmCells(row: SwarmRow): string[] {
  const { latencySeconds: latency, cpuSecondsPerViewer: cpu } = row;
  return [
    row.scene,
    row.roots,
    String(row.run),
    String(row.viewers),
    `**${row.offloadRatio.toFixed(3)}**`,
    row.ceilingRatio.toFixed(3),
    row.claimedRatio.toFixed(3),
    String(row.stalls),
    String(row.fatalErrors),
    `${Math.round(row.startupMedianMs)} / ${Math.round(row.startupMaxMs)} ms`,
    latency === null ? "" : `${latency.tributary.toFixed(2)} s (${latency.plain.toFixed(2)} s)`,
    cpu === null ? "" : cpu.toFixed(1),
  ];
}

const STARTUP_HEAD = [
  "scene",
  "roots",
  "run",
  "starts each",
  "plain hls.js",
  "Tributary",
  "ratio of medians (95 % interval)",
  "starts with peers",
  "stalls",
  "fatal",
];

const STARTUP_NOTES =
  "Plain and Tributary players start in turn, in random order, each in a fresh browser context, beside a running swarm.";

function startupCells(row: StartupRow): string[] {
  const { ratio, low, high } = row.ratio;
  return [
    row.scene,
    row.roots,
    String(row.run),
    String(row.starts),
    `${Math.round(row.plainMedianMs)} ms`,
    `${Math.round(row.tributaryMedianMs)} ms`,
    `**${ratio.toFixed(3)}** (${low.toFixed(3)} to ${high.toFixed(3)})`,
    `${row.startsWithPeers} / ${row.starts}`,
    String(row.stalls),
    String(row.fatalErrors),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
