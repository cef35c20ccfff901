import { writeFileSync } from "node:fs";
import { generateVectors } from "./generate.ts";

for (const [name, content] of Object.entries(generateVectors()))
  writeFileSync(new URL(name, import.meta.url), content);
