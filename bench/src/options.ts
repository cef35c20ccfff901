import { parseArgs } from "node:util";
import type { RootsMode } from "./figures/offload.ts";
import { KIND_NAMES, type KindName } from "./kinds.ts";

/** What `npm run bench -- …` was asked for. */
export interface BenchOptions {
  /** Scenes to run, null for all. */
  readonly only: readonly string[] | null;
  /** Kinds of viewers, each with its number of runs. */
  readonly kinds: ReadonlyMap<KindName, number>;
  readonly modes: readonly RootsMode[];
  /** The most runs that a kind has. */
  readonly repeat: number;
  /** Measured seconds instead of each scene's own: for a look whether it runs at all, never for figures. */
  readonly seconds: number | null;
  /** Viewers at most: for the same. */
  readonly viewers: number | null;
  /** Starts of each kind in one run of the startup scene. */
  readonly starts: number;
  readonly seed: number;
}

export const USAGE = `usage: npm run bench -- [--only SCENE[,SCENE]] [--kinds KIND[:RUNS][,KIND[:RUNS]]]
                       [--roots playlist|verifier] [--repeat N] [--starts N] [--seed N]
                       [--seconds N] [--viewers N] (both cut scenes short: no figures)
kinds: ${KIND_NAMES.join(", ")}`;

/** Throws a TypeError in plain words on anything it does not know. */
export function parseOptions(args: readonly string[], scenes: readonly string[], seed: number): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true },
      kinds: { type: "string" },
      roots: { type: "string" },
      repeat: { type: "string", default: "3" },
      seconds: { type: "string" },
      viewers: { type: "string" },
      starts: { type: "string", default: "12" },
      seed: { type: "string", default: String(seed) },
    },
  });
  const only = values.only?.flatMap((names) => names.split(",")) ?? null;
  const unknown = only?.find((name) => !scenes.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`no scene is called "${unknown}"; there are ${scenes.join(", ")}`);
  const kinds = kindsOf(values.kinds, positive("repeat", values.repeat));
  return {
    only,
    kinds,
    modes: modesOf(values.roots),
    repeat: Math.max(...kinds.values()),
    seconds: values.seconds === undefined ? null : positive("seconds", values.seconds),
    viewers: values.viewers === undefined ? null : positive("viewers", values.viewers),
    starts: positive("starts", values.starts),
    seed: positive("seed", values.seed),
  };
}

/** Whether scenes were cut short, so that the rows are no figures. */
export function isSmoke({ seconds, viewers }: BenchOptions): boolean {
  return seconds !== null || viewers !== null;
}

function kindsOf(text: string | undefined, repeat: number): ReadonlyMap<KindName, number> {
  if (text === undefined) return new Map(KIND_NAMES.map((name) => [name, repeat]));
  return new Map(
    text.split(",").map((item) => {
      const [name, runs, ...rest] = item.split(":");
      const kind = KIND_NAMES.find((known) => known === name);
      if (kind === undefined || rest.length > 0)
        throw new TypeError(`no kind is called "${item}"; there are ${KIND_NAMES.join(", ")}`);
      return [kind, runs === undefined ? repeat : positive("kinds", runs)];
    }),
  );
}

function modesOf(roots: string | undefined): readonly RootsMode[] {
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
