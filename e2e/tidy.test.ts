import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { corePurity } from "./tidy/core-purity.ts";
import { noCycles } from "./tidy/cycles.ts";
import { noDeadFiles } from "./tidy/dead-files.ts";
import { decodersDoNotThrow } from "./tidy/decoder-throws.ts";
import { fileLength } from "./tidy/file-length.ts";
import { importLaw } from "./tidy/layers.ts";
import { readRepo } from "./tidy/read-repo.ts";
import type { Check } from "./tidy/source-file.ts";
import { testsAreHonest } from "./tidy/test-honesty.ts";

const files = readRepo(dirname(dirname(fileURLToPath(import.meta.url))));
const broken = (check: Check) => check(files).map(({ path, reason }) => `${path}: ${reason}`);

describe("the repo keeps its own laws", () => {
  it("is read at all", () => {
    expect(files.map((file) => file.path)).toContain("protocol/package.json");
  });

  it("imports only downwards", () => {
    expect(broken(importLaw)).toEqual([]);
  });

  it("has no import cycles", () => {
    expect(broken(noCycles)).toEqual([]);
  });

  it("keeps clocks, randomness and waiting out of the cores", () => {
    expect(broken(corePurity)).toEqual([]);
  });

  it("has no throw in a decoder", () => {
    expect(broken(decodersDoNotThrow)).toEqual([]);
  });

  it("has no dead files", () => {
    expect(broken(noDeadFiles)).toEqual([]);
  });

  it("keeps files short", () => {
    expect(broken(fileLength)).toEqual([]);
  });

  it("skips no test and sleeps in none", () => {
    expect(broken(testsAreHonest)).toEqual([]);
  });
});
