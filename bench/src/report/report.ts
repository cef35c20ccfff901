import type { Cell } from "../cell.ts";
import { seededRandom } from "../figures/statistics.ts";
import type { Machine } from "../machine.ts";
import { rowsOf, type Row } from "../rows.ts";
import type { TransportResult } from "../transport/result.ts";

export interface SceneNote {
  readonly name: string;
  readonly title: string;
  readonly ceiling: string | null;
  /** Why it did not run, null where it did. */
  readonly skipped: string | null;
}

export interface Report {
  readonly date: string;
  readonly commit: string;
  readonly command: string;
  readonly seed: number;
  /** True where scenes were cut short or starts are too few: no figures. */
  readonly smoke: boolean;
  readonly machine: Machine;
  readonly minutes: number;
  readonly scenes: readonly SceneNote[];
  readonly rows: readonly Row[];
  readonly cells: readonly Cell[];
  readonly transport: readonly TransportResult[];
  /** Runs that came to nothing, in plain words. */
  readonly failures: readonly string[];
}

/** Rows from cells, the same for the same seed. */
export function withRows(report: Omit<Report, "rows">): Report {
  return { ...report, rows: rowsOf(report.cells, seededRandom(report.seed)) };
}
