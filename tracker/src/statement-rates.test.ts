import { expect, it } from "vitest";
import { measureStatements } from "./testing/statements/rates.ts";

it.each(["downloads", "both"] as const)(
  "statements of %s are taken by the hundred, at rates that can be told",
  async (kind) => {
    const { statements, signaturesInStatements, ratio } = await measureStatements(kind, 200, 10, 1);
    expect(statements.perSecond).toBeGreaterThan(10);
    const signaturesEach = kind === "both" ? 6 : 1;
    expect(signaturesInStatements.perSecond / statements.perSecond).toBeCloseTo(signaturesEach);
    expect(ratio.wall).toBeGreaterThan(0);
    expect(ratio.cpu).toBeGreaterThan(0);
  },
);
