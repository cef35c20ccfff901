import type { MountHandler } from "@tributary/demo-player/origin";
import type { Cell } from "../cell.ts";
import type { Variant } from "../kinds.ts";
import type { BenchOptions } from "../options.ts";
import type { TransportResult } from "../transport/result.ts";

/** What one run of a scene gets. */
export interface RunContext {
  /** In the order in which they are to run. */
  readonly variants: readonly Variant[];
  /** Counts from 1. */
  readonly run: number;
  readonly options: BenchOptions;
  readonly viewerPages: MountHandler;
  /** Shows one line of progress. */
  say(line: string): void;
  /** Something of this run came to nothing; the others go on. */
  failed(what: string, error: unknown): void;
}

export interface Scene {
  readonly name: string;
  /** What happens in it, for the report. */
  readonly title: string;
  /** How its ceiling is computed; null where it has none. */
  readonly ceiling: string | null;
  /** Why it cannot run here, in plain words; null where it can. */
  obstacle(): string | null;
  /** About how long one run takes. */
  plannedSeconds(context: Pick<RunContext, "variants" | "options">): number;
  /** Hands over every result as soon as there is one. */
  run(context: RunContext, onResult: (result: Cell | TransportResult) => void): Promise<void>;
}

export const CEILING =
  "one CDN copy of each segment that anybody was given, and the first segment of every joiner but the first";
