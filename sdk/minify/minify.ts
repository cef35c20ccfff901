import { minify as minifyAgain, type MinifyOptions as MinifyAgainOptions } from "vite";
import { minify, type MinifyOptions } from "terser";
import { LICENCES_FILE } from "../licences.ts";

export interface Unminified {
  readonly file: string;
  readonly code: string;
  /** A source map as JSON. */
  readonly map: string;
}

export interface Minified {
  readonly code: string;
  readonly map: string;
}

const PREAMBLE = `/*! Tributary, Apache-2.0; parts: ${LICENCES_FILE} */`;

/** Scripts that hand each other objects, so that a property has the same name in all of them. */
export async function minifyTogether(
  scripts: readonly Unminified[],
  reserved: ReadonlySet<string>,
): Promise<Minified[]> {
  const nameCache = {};
  const minified: Minified[] = [];
  for (const { file, code, map } of scripts) {
    const options: MinifyOptions = {
      ecma: 2020,
      module: file.endsWith(".mjs"),
      compress: {
        passes: 3,
        pure_getters: true,
        hoist_funs: true,
        // The code has "type === x" rather than "x === type" throughout, and repetition compresses.
        lhs_constants: false,
      },
      mangle: { properties: { keep_quoted: true, reserved: [...reserved] } },
      nameCache,
      sourceMap: { content: map, filename: file },
    };
    const first = await minify({ [file]: code }, options);
    minified.push(await withShorterStatements(file, first.code!, String(first.map)));
  }
  return minified;
}

/** Statements, declarations and variables once more: the first minifier, which alone shortens properties, leaves some. */
async function withShorterStatements(file: string, code: string, map: string): Promise<Minified> {
  const module = file.endsWith(".mjs");
  const result = await minifyAgain(file, code, {
    module,
    compress: { target: "es2022" },
    // A script's own variable is the global that pages use.
    mangle: { toplevel: module },
    sourcemap: true,
    inputMap: JSON.parse(map) as NonNullable<MinifyAgainOptions["inputMap"]>,
  });
  if (result.errors.length > 0) throw new Error(`${file}: ${result.errors[0]!.message}`);
  return {
    code: `${PREAMBLE}\n${result.code}\n//# sourceMappingURL=${file}.map\n`,
    // A line with nothing on it stands for the preamble.
    map: JSON.stringify({ ...result.map, mappings: `;${result.map!.mappings}` }),
  };
}
