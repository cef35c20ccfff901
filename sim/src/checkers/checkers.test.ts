import { createCore, type Core, type CoreConfig, type Input, type Output } from "@tributary/sdk/core";
import { describe, expect, it } from "vitest";
import { scenarios } from "../scenarios/index.ts";
import { simulate } from "../simulate.ts";

const named = (name: string) => {
  const scenario = scenarios.find((one) => one.name === name)!;
  return { ...scenario, runMs: 66_000, settledMs: 15_000 };
};

/** The true engine with its outputs tampered with. */
function broken(tamper: (outputs: Output[], input: Input, nowMs: number) => Output[]) {
  return (config: CoreConfig): Core => {
    const core = createCore(config);
    return {
      ...core,
      handle(input, nowMs, out) {
        const own: Output[] = [];
        core.handle(input, nowMs, own);
        out.push(...tamper(own, input, nowMs));
      },
    };
  };
}

function lawsBroken(name: string, createBroken: (config: CoreConfig) => Core, twin = false): string[] {
  const scenario = name === "liars" ? { ...named(name), liarRatio: 0.7 } : named(name);
  const options = { scenario, viewers: 8, seed: 3, twin };
  const { violations } = simulate({ ...options, createCore: createBroken });
  return [...new Set(violations.map(({ law }) => law))];
}

describe("a broken engine is found out", () => {
  it("where it credits more to peers than was verified", () => {
    const generous = broken((outputs) =>
      outputs.map((output) => {
        if (output.type !== "event" || output.event.type !== "segment") return output;
        const { sizeBytes } = output.event;
        return { ...output, event: { ...output.event, peerBytes: sizeBytes, cdnBytes: 0 } };
      }),
    );
    expect(lawsBroken("vod-staggered", generous)).toContain("byte conservation");
  });

  it("where it does not look at what a check said", () => {
    const credulous = (config: CoreConfig): Core => {
      const core = createCore(config);
      return {
        ...core,
        handle: (input, nowMs, out) =>
          core.handle(input.type === "piece-checked" ? { ...input, valid: true } : input, nowMs, out),
      };
    };
    expect(lawsBroken("liars", credulous)).toContain("no unverified delivery");
  });

  it("where it forgets a wanted segment", () => {
    const forgetful = broken((outputs) => outputs.filter(({ type }) => type !== "http-fetch"));
    expect(lawsBroken("live", forgetful)).toEqual(["no starvation"]);
  });

  it("where it asks the CDN three times for what the player wants once", () => {
    const greedy = broken((outputs) =>
      outputs.flatMap((output) =>
        output.type === "http-fetch" && output.endBytes === null
          ? [output, { ...output, fetch: output.fetch + 1e6 }, { ...output, fetch: output.fetch + 2e6 }]
          : [output],
      ),
    );
    expect(lawsBroken("live", greedy)).toContain("no more requests than the player's");
  });

  it("where it delivers twice", () => {
    const repeating = broken((outputs) => [
      ...outputs,
      ...outputs.filter(({ type }) => type === "deliver-segment"),
    ]);
    expect(lawsBroken("live", repeating)).toContain("no starvation");
  });

  it("where it lets the player wait for peers too long", () => {
    const held: Output[] = [];
    let heldSinceMs = 0;
    const slow = broken((outputs, _, nowMs) => {
      const late = nowMs - heldSinceMs > 12_000 ? held.splice(0) : [];
      const kept = outputs.filter((output) => {
        if (output.type !== "http-fetch" || nowMs < 20_000) return true;
        if (held.length === 0) heldSinceMs = nowMs;
        held.push(output);
        return false;
      });
      return [...late, ...kept];
    });
    expect(lawsBroken("live", slow, true)).toContain("never worse than the CDN alone");
  });
});
