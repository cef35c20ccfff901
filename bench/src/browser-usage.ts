import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Linux counts process times in 1/100 s on every architecture that Chromium runs on (USER_HZ). */
const TICKS_PER_SECOND = 100;

export interface ProcessTimes {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  /** Its own and that of its children that ended: a renderer whose page was closed stays counted. */
  readonly cpuSeconds: number;
}

/** Reads one `/proc/<pid>/stat`; the name in parentheses may itself hold spaces and parentheses. */
export function parseProcStat(text: string): ProcessTimes | null {
  const nameStart = text.indexOf("(") + 1;
  const nameEnd = text.lastIndexOf(")");
  const fields = text
    .slice(nameEnd + 2)
    .split(" ")
    .map(Number);
  const pid = Number.parseInt(text, 10);
  const parent = fields[1];
  const ticks = fields.slice(11, 15);
  if (nameEnd === -1 || parent === undefined || ticks.length < 4) return null;
  if ([pid, parent, ...ticks].some(Number.isNaN)) return null;
  const cpuSeconds = ticks.reduce((sum, count) => sum + count, 0) / TICKS_PER_SECOND;
  return { pid, name: text.slice(nameStart, nameEnd), parent, cpuSeconds };
}

/** A process and all its living descendants. */
export function treeOf(root: number, processes: readonly ProcessTimes[]): ProcessTimes[] {
  const own = processes.filter(({ pid }) => pid === root);
  const children = processes.filter(({ parent }) => parent === root);
  return [...own, ...children.flatMap(({ pid }) => treeOf(pid, processes))];
}

/** CPU seconds used so far by the browsers that process `parent` started; null where the system has no `/proc`. */
export function chromiumCpuSeconds(parent: number): number | null {
  return chromiumProcesses(parent)?.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) ?? null;
}

/** Memory held by those browsers now, pages that several processes share counted once; null where Linux does not say. */
export function chromiumMemoryBytes(parent: number): number | null {
  const processes = chromiumProcesses(parent);
  if (processes === null) return null;
  const sizes = processes.map(({ pid }) => proportionalBytes(pid)).filter((size) => size !== null);
  return sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0);
}

function chromiumProcesses(parent: number): ProcessTimes[] | null {
  const processes = readProcesses();
  if (processes === null) return null;
  return processes
    .filter((process) => process.parent === parent && /chrom/i.test(process.name))
    .flatMap(({ pid }) => treeOf(pid, processes));
}

/** The proportional set size of a process. */
function proportionalBytes(pid: number): number | null {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readProc(`${pid}/smaps_rollup`) ?? "")?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

function readProcesses(): ProcessTimes[] | null {
  if (!existsSync("/proc/self/stat")) return null;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => parseProcStat(readProc(`${name}/stat`) ?? "") ?? []);
}

/** Null where the process ended meanwhile. */
function readProc(path: string): string | null {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return null;
  }
}
