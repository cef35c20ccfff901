import { scenarios } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";

export interface CommandLine {
  readonly scenario: Scenario;
  readonly viewers: number;
  readonly seed: number;
  readonly twin: boolean;
  readonly cdnOnly: boolean;
}

const usage = `usage: npm run sim -- --scenario NAME [--viewers N] [--seed S] [--seconds T] [--supply R] [--twin] [--cdn-only]
scenarios:
${scenarios.map(({ name, about }) => `  ${name.padEnd(16)}${about}`).join("\n")}`;

/** Throws on anything it does not know, with the usage. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const values = new Map<string, string>();
  const flags = new Set<string>();
  for (let at = 0; at < args.length; at++) {
    const name = args[at]!;
    if (name === "--twin" || name === "--cdn-only") flags.add(name);
    else if (["--scenario", "--viewers", "--seed", "--seconds", "--supply"].includes(name)) {
      const value = args[++at];
      if (value === undefined) throw new TypeError(`${name} needs a value\n${usage}`);
      values.set(name, value);
    } else throw new TypeError(`unknown option ${name}\n${usage}`);
  }
  const wanted = values.get("--scenario");
  const scenario = scenarios.find(({ name }) => name === wanted);
  if (scenario === undefined) throw new TypeError(`unknown scenario ${wanted ?? ""}\n${usage}`);
  const seconds = values.get("--seconds");
  const supply = values.get("--supply");
  return {
    scenario: {
      ...scenario,
      ...(seconds === undefined ? {} : { runMs: numberOf("--seconds", seconds, 1) * 1000 }),
      ...(supply === undefined
        ? {}
        : { population: { ...scenario.population, supplyRatio: numberOf("--supply", supply, 0.01) } }),
    },
    viewers: numberOf("--viewers", values.get("--viewers") ?? "50", 1),
    seed: numberOf("--seed", values.get("--seed") ?? "1", 0),
    twin: flags.has("--twin"),
    cdnOnly: flags.has("--cdn-only"),
  };
}

function numberOf(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least)
    throw new TypeError(`${name} must be a number of at least ${least}, not "${text}"\n${usage}`);
  return value;
}
