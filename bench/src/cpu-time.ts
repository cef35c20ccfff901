import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Linux counts process times in 1/100 s on every architecture that Chromium runs on (USER_HZ). */
const TICKS_PER_SECOND = 100;

export interface ProcessTimes {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly cpuSeconds: number;
}

/** Reads one `/proc/<pid>/stat`; the name in parentheses may itself hold spaces and parentheses. */
export function parseProcStat(text: string): ProcessTimes | null {
  const nameStart = text.indexOf("(") + 1;
  const nameEnd = text.lastIndexOf(")");
  const fields = text.slice(nameEnd + 2).split(" ");
  const [parent, userTicks, systemTicks] = [fields[1], fields[11], fields[12]].map(Number);
  const pid = Number.parseInt(text, 10);
  if (nameEnd === -1 || [pid, parent, userTicks, systemTicks].some((n) => n === undefined || Number.isNaN(n)))
    return null;
  return {
    pid,
    name: text.slice(nameStart, nameEnd),
    parent: parent!,
    cpuSeconds: (userTicks! + systemTicks!) / TICKS_PER_SECOND,
  };
}

/** CPU seconds of a process and all its living descendants. */
export function treeCpuSeconds(root: number, processes: readonly ProcessTimes[]): number {
  const own = processes.find(({ pid }) => pid === root)?.cpuSeconds ?? 0;
  return processes
    .filter(({ parent }) => parent === root)
    .reduce((sum, { pid }) => sum + treeCpuSeconds(pid, processes), own);
}

/** CPU seconds used so far by the browsers that process `parent` started; null where the system has no `/proc`. */
export function chromiumCpuSeconds(parent: number): number | null {
  const processes = readProcesses();
  if (processes === null) return null;
  return processes
    .filter((process) => process.parent === parent && /chrom/i.test(process.name))
    .reduce((sum, { pid }) => sum + treeCpuSeconds(pid, processes), 0);
}

function readProcesses(): ProcessTimes[] | null {
  if (!existsSync("/proc/self/stat")) return null;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return parseProcStat(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
      } catch {
        return []; // it ended meanwhile
      }
    });
}
