import type { Cell } from "./cell.ts";
import { median, ratioOfMedians, type RatioEstimate } from "./figures/statistics.ts";
import { KINDS, type KindName } from "./kinds.ts";

/** Median over the repetitions, and their extremes. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** All repetitions of one kind in one scene. Null where there is no such figure. */
export interface Row {
  readonly scene: string;
  readonly kind: KindName;
  readonly roots: Cell["roots"];
  /** Plain hls.js that it is compared with. */
  readonly baseline: KindName | null;
  readonly runs: number;
  readonly viewers: number;
  readonly offloadRatio: Spread | null;
  readonly ceilingRatio: Spread | null;
  readonly peerShareRatio: Spread | null;
  readonly wasteRatio: Spread | null;
  /** Of each run, over all viewers. */
  readonly stalls: readonly number[];
  readonly rebufferSeconds: Spread | null;
  readonly fatalErrors: number;
  readonly startup: Startup;
  readonly latencySeconds: Spread | null;
  /** Each viewer against the plain one that joined at the same moment; the median of each run. */
  readonly latencyOverPlainSeconds: Spread | null;
  readonly seekMs: Spread | null;
  readonly levelSwitchesPerViewer: Spread | null;
  readonly playedBps: Spread | null;
  readonly cpuSecondsPerViewer: Spread | null;
  readonly cpuRatio: number | null;
  readonly memoryBytesPerViewer: Spread | null;
  readonly memoryRatio: number | null;
}

/** Over the viewers of all runs. */
export interface Startup {
  readonly count: number;
  readonly medianMs: number;
  readonly maxMs: number;
  readonly neverStarted: number;
  /** Median against that of plain hls.js. */
  readonly ratio: RatioEstimate | null;
  /** Null outside the scene that is about starts. */
  readonly withPeers: number | null;
}

/** One row for each scene, kind and source of roots, in the order of their first cells. */
export function rowsOf(cells: readonly Cell[], random: () => number): Row[] {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const name = `${cell.scene} ${cell.kind} ${cell.roots}`;
    groups.set(name, [...(groups.get(name) ?? []), cell]);
  }
  return [...groups.values()].map((group) => rowOf(group, cells, random));
}

function rowOf(runs: readonly Cell[], all: readonly Cell[], random: () => number): Row {
  const { scene, kind, roots, viewers } = runs[0]!;
  const of = (name: KindName) => all.filter((cell) => cell.scene === scene && cell.kind === name);
  const baseline = KINDS[kind].baselines.find((name) => of(name).length > 0) ?? null;
  const plain = baseline === null ? [] : of(baseline);
  const spread = (pick: (cell: Cell) => number | null) => spreadOf(runs.map(pick));
  const against = (pick: (cell: Cell) => number | null) => {
    const [own, theirs] = [spreadOf(runs.map(pick)), spreadOf(plain.map(pick))];
    return own === null || theirs === null ? null : own.median / theirs.median;
  };
  const cpu = (cell: Cell) => cell.cpuSecondsPerViewer;
  const memory = (cell: Cell) => cell.memoryBytesPerViewer;
  return {
    scene,
    kind,
    roots,
    baseline,
    runs: runs.length,
    viewers,
    offloadRatio: spread((cell) => cell.offloadRatio),
    ceilingRatio: spread((cell) => cell.ceilingRatio),
    peerShareRatio: spread((cell) => cell.peerShareRatio),
    wasteRatio: spread((cell) => cell.wasteRatio),
    stalls: runs.flatMap((cell) => cell.stalls ?? []),
    rebufferSeconds: spread((cell) => cell.rebufferSeconds),
    fatalErrors: runs.reduce((sum, cell) => sum + cell.fatalErrors, 0),
    startup: startupOf(runs, plain, random),
    latencySeconds: spread((cell) => medianOf(cell.latenciesSeconds)),
    latencyOverPlainSeconds: latencyOver(runs, plain),
    seekMs: spread((cell) => medianOf(cell.seekTimesMs)),
    levelSwitchesPerViewer: spread((cell) => cell.levelSwitchesPerViewer),
    playedBps: spread((cell) => cell.playedBps),
    cpuSecondsPerViewer: spread(cpu),
    cpuRatio: against(cpu),
    memoryBytesPerViewer: spread(memory),
    memoryRatio: against(memory),
  };
}

function startupOf(runs: readonly Cell[], plain: readonly Cell[], random: () => number): Startup {
  const timesOf = (cells: readonly Cell[]) =>
    cells.flatMap(({ startupsMs }) => startupsMs.filter((ms) => ms !== null));
  const times = timesOf(runs);
  const plainTimes = timesOf(plain);
  const count = runs.reduce((sum, { startupsMs }) => sum + startupsMs.length, 0);
  const withPeers = runs.flatMap(({ startsWithPeers }) => startsWithPeers ?? []);
  return {
    count,
    medianMs: median(times),
    maxMs: Math.max(...times),
    neverStarted: count - times.length,
    ratio: times.length > 0 && plainTimes.length > 0 ? ratioOfMedians(times, plainTimes, random) : null,
    withPeers: withPeers.length === 0 ? null : withPeers.reduce((sum, starts) => sum + starts, 0),
  };
}

/** The nth viewer of every kind joins at the same phase of the live playlist, which decides most of the latency. */
function latencyOver(runs: readonly Cell[], plain: readonly Cell[]): Spread | null {
  const plainOf = (viewer: number) =>
    medianOf(plain.map(({ latenciesSeconds }) => latenciesSeconds[viewer] ?? null));
  return spreadOf(
    runs.map(({ latenciesSeconds }) =>
      medianOf(
        latenciesSeconds.map((own, viewer) => {
          const theirs = plainOf(viewer);
          return own === null || theirs === null ? null : own - theirs;
        }),
      ),
    ),
  );
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

function spreadOf(values: readonly (number | null)[]): Spread | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  return { median: median(known), min: Math.min(...known), max: Math.max(...known) };
}
