import { parseArgs } from "node:util";

/** What `npm run bench -- …` was asked for. */
export interface BenchOptions {
  /** Scenes to run, null for all. */
  readonly only: readonly string[] | null;
  readonly modes: readonly ("playlist" | "verifier")[];
  /** Runs of every row. */
  readonly repeat: number;
  /** Measured seconds instead of each scene's own: for a look whether it runs at all, never for figures. */
  readonly seconds: number | null;
  /** Starts of each kind in the startup scene. */
  readonly starts: number;
  readonly seed: number;
}

export const USAGE = `usage: npm run bench -- [--only SCENE[,SCENE]] [--roots playlist|verifier] [--repeat N]
                       [--starts N] [--seconds N (smoke run, no figures)] [--seed N]`;

/** Starts of each kind that a startup figure needs. */
export const STARTS_MIN = 30;

/** Throws a TypeError in plain words on anything it does not know. */
export function parseOptions(args: readonly string[], scenes: readonly string[], seed: number): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true },
      roots: { type: "string" },
      repeat: { type: "string", default: "1" },
      seconds: { type: "string" },
      starts: { type: "string", default: String(STARTS_MIN) },
      seed: { type: "string", default: String(seed) },
    },
  });
  const only = values.only?.flatMap((names) => names.split(",")) ?? null;
  const unknown = only?.find((name) => !scenes.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`no scene is called "${unknown}"; there are ${scenes.join(", ")}`);
  return {
    only,
    modes: modesOf(values.roots),
    repeat: positive("repeat", values.repeat),
    seconds: values.seconds === undefined ? null : positive("seconds", values.seconds),
    starts: positive("starts", values.starts),
    seed: positive("seed", values.seed),
  };
}

function modesOf(roots: string | undefined): readonly ("playlist" | "verifier")[] {
  if (roots === undefined) return ["playlist", "verifier"];
  if (roots !== "playlist" && roots !== "verifier")
    throw new TypeError(`--roots is playlist or verifier, got "${roots}"`);
  return [roots];
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new TypeError(`--${name} is a whole number above 0, got "${text}"`);
  return value;
}
