import type { MountHandler } from "@tributary/demo-player/origin";
import type { RootsMode } from "../figures/offload.ts";
import type { BenchOptions } from "../options.ts";
import type { Row } from "../row.ts";

/** What one run of a scene gets. */
export interface RunContext {
  readonly roots: RootsMode;
  readonly run: number;
  readonly options: BenchOptions;
  readonly viewerPage: MountHandler;
  /** Shows one line of progress. */
  say(line: string): void;
}

export interface Scene {
  readonly name: string;
  run(context: RunContext): Promise<Row>;
}
