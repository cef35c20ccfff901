import { LICENCES_FILE } from "../licences.ts";
import { minify, type MinifyOptions } from "terser";

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
        // What simple-peer would write to a log that nobody reads here.
        pure_funcs: ["this._debug"],
      },
      mangle: { properties: { keep_quoted: true, reserved: [...reserved] } },
      format: { preamble: `/*! Tributary, Apache-2.0; parts: ${LICENCES_FILE} */` },
      nameCache,
      sourceMap: { content: map, url: `${file}.map`, filename: file },
    };
    const result = await minify({ [file]: code }, options);
    minified.push({ code: result.code!, map: String(result.map) });
  }
  return minified;
}
