/** What only those load who are granted something, or are to be credited for what they serve. */
export { createAccounting } from "./accounting.ts";
export { delegate } from "./delegating.ts";
